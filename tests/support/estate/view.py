"""One engagement of an installation that was laid down, as a world that the tests of use cases know."""

from sqlmodel import select

from models.access import SYSTEM
from models.clock import ManualClock
from models.db import Database
from models.engagements.tables import Engagement
from scheduler.due import DueQueue
from scheduler.steps import STEPS
from tests.support.estate.engagement import SEATS
from tests.support.estate.layout import SHARED, SHARED_BY
from tests.support.world import World


def world(db: Database, clock: ManualClock, number: int = 0) -> World:
    """An engagement by its number, with its people under the names of their seats."""
    with db.read(SYSTEM) as tx:
        found = tx.session.exec(select(Engagement).where(Engagement.key == f"engagement-{number}")).one()
    people = {role: (user_of(role, number), role.title(), side, given, zone) for role, side, given, zone in SEATS}
    return World(db, clock, DueQueue(db, STEPS), found.id, people, found.workspace_id)


def user_of(role: str, number: int) -> str:
    """The Slack user id of who sits there in an engagement."""
    return f"U0{role.upper()}{number // SHARED_BY if role in SHARED else number:06}"

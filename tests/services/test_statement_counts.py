"""What the busiest use cases cost, counted in statements: a number that no loaded machine changes."""

from models.access import Role, Side
from models.checkins.rules import PromptState
from models.checkins.tables import Prompt
from models.clock import ManualClock
from models.db import Database
from models.outbox.tables import OutboxMessage
from tests.support.statements import statements
from tests.support.world import World, at, build, nov


def crowd(db: Database, clock: ManualClock, count: int) -> World:
    """An engagement of so many people, all on the in-house side, all in one zone."""
    people = {
        f"p{number}": (f"U0P{number}", f"Person {number}", Side.INHOUSE, Role.MEMBER, "Europe/Paris")
        for number in range(count)
    }
    return build(db, clock, people=people)


def test_asking_forty_people_takes_as_many_statements_as_asking_four(db: Database, clock: ManualClock) -> None:
    world = crowd(db, clock, 40)
    world.until(at(23, 8, 29))
    with world.db.engine.begin() as connection:  # the check-in has opened already, and its board is out
        connection.execute(Prompt.__table__.update().values(ask_at=at(23, 8, 30), due_at=at(23, 8, 30)))  # type: ignore[attr-defined]
    clock.set(at(23, 8, 30))

    with statements(db) as seen:
        world.queue.run()

    asked = [row for row in world.rows(Prompt) if row.checkin_id == world.checkin(nov(23)).id]
    assert {row.state for row in asked} == {PromptState.ASKED}
    assert sum("UPDATE prompt" in line for line in seen) == 1
    assert sum("INSERT INTO outbox_message" in line for line in seen) <= 2  # the board, and all invitations at once
    assert len([row for row in world.rows(OutboxMessage) if row.kind == "checkin.prompt"]) == 40

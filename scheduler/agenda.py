"""What will happen when, in words: for the operator's list and the sandbox's "next event" button."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from models.access import SYSTEM
from models.cadences.tables import Cadence
from models.checkins.rules import CheckInState, PromptState
from models.checkins.tables import CheckIn, Prompt
from models.db import Database, Tx
from models.engagements.tables import Engagement, Participant, Person
from models.summaries.tables import WeeklySummary
from scheduler.due import DueQueue, Upcoming


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that will happen. `at` is UTC, `zone` the one its people live by."""

    at: datetime
    what: str
    engagement: str
    zone: str
    failures: int
    error: str | None


def agenda(db: Database, queue: DueQueue, limit: int = 20) -> Sequence[Item]:
    """The next things to happen, earliest first. The laying down of occurrences is left out: nobody sees it."""
    with db.read(SYSTEM) as tx:
        found = [_item(tx, row) for row in queue.upcoming(limit * 2)]
    return [item for item in found if item is not None][:limit]


def _item(tx: Tx, row: Upcoming) -> Item | None:
    match row.step:
        case "check-in":
            return _checkin(tx, row)
        case "prompt":
            return _prompt(tx, row)
        case "summary":
            summary = tx.one(WeeklySummary, row.workspace_id, row.row_id)
            cadence = tx.one(Cadence, row.workspace_id, summary.cadence_id)
            return _made(tx, row, cadence, f"{cadence.title} is posted")
        case _:
            return None


def _checkin(tx: Tx, row: Upcoming) -> Item:
    checkin = tx.one(CheckIn, row.workspace_id, row.row_id)
    cadence = tx.one(Cadence, row.workspace_id, checkin.cadence_id)
    does = "opens" if checkin.state is CheckInState.SCHEDULED else "closes"
    return _made(tx, row, cadence, f"{cadence.title} {does}")


def _prompt(tx: Tx, row: Upcoming) -> Item:
    prompt = tx.one(Prompt, row.workspace_id, row.row_id)
    checkin = tx.one(CheckIn, row.workspace_id, prompt.checkin_id)
    cadence = tx.one(Cadence, row.workspace_id, checkin.cadence_id)
    person = tx.one(Person, row.workspace_id, tx.one(Participant, row.workspace_id, prompt.participant_id).person_id)
    does = "is asked" if prompt.state is PromptState.WAITING else "is reminded"
    return _made(tx, row, cadence, f"{person.name} {does}", zone=person.zone)


def _made(tx: Tx, row: Upcoming, cadence: Cadence, what: str, *, zone: str | None = None) -> Item:
    engagement = tx.one(Engagement, row.workspace_id, cadence.engagement_id)
    return Item(
        at=row.due_at,
        what=what,
        engagement=engagement.key,
        zone=zone or cadence.zone or engagement.zone,
        failures=row.failures,
        error=row.error,
    )

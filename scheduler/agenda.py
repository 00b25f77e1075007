"""What will happen when, in words: for the operator's list and the sandbox's "next event" button."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.access import SYSTEM
from models.asks.rules import AskState
from models.asks.tables import Ask
from models.blockers.tables import Blocker
from models.cadences.tables import Cadence
from models.checkins.rules import CheckInState, PromptState
from models.checkins.tables import CheckIn, Prompt
from models.commitments.tables import Commitment
from models.db import Database, Tx
from models.engagements.tables import Engagement, Participant, Person
from models.escalations.rules import EscalationState
from models.escalations.tables import Escalation
from models.summaries.tables import WeeklySummary
from scheduler.due import DueQueue, Upcoming

_UNSEEN = ("plan", "night look")
_TO_ONE = ("prompt",)


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
    """The next things to happen, earliest first.

    Of what comes at the same moment, what everybody sees comes before who is asked. What nobody sees is left out:
    occurrences laid down, nightly looks.
    """
    with db.read(SYSTEM) as tx:
        return [_item(tx, row) for row in queue.upcoming(limit, without=_UNSEEN, last=_TO_ONE)]


def _item(tx: Tx, row: Upcoming) -> Item:
    match row.step:
        case "check-in":
            return _checkin(tx, row)
        case "prompt":
            return _prompt(tx, row)
        case "summary":
            summary = tx.one(WeeklySummary, row.workspace_id, row.row_id)
            cadence = tx.one(Cadence, row.workspace_id, summary.cadence_id)
            return _made(tx, row, cadence, f"{cadence.title} is posted")
        case "question":
            return _question(tx, row)
        case "blocker":
            blocker = tx.one(Blocker, row.workspace_id, row.row_id)
            return _about(tx, row, blocker.engagement_id, f"B-{blocker.number} is escalated")
        case "commitment":
            promise = tx.one(Commitment, row.workspace_id, row.row_id)
            return _about(
                tx, row, promise.engagement_id, f"C-{promise.number} is escalated unless its owner speaks of it"
            )
        case "escalation":
            return _escalation(tx, row)
        case unknown:
            raise LookupError(f"no words for a step {unknown}")


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


def _question(tx: Tx, row: Upcoming) -> Item:
    ask = tx.one(Ask, row.workspace_id, row.row_id)
    match ask.state:
        case AskState.REPLIED:
            does = " counts as answered"
        case _ if ask.watched_from and ask.watched_from >= ask.since:
            does = " is escalated"
        case _:
            does = ": somebody is nudged"
    return _about(tx, row, ask.engagement_id, f"Q-{ask.number}{does}")


def _escalation(tx: Tx, row: Upcoming) -> Item:
    escalation = tx.one(Escalation, row.workspace_id, row.row_id)
    match escalation.state:
        case EscalationState.SNOOZED:
            does = " has rested"
        case EscalationState.EXHAUSTED:
            does = ": both owners are told again"
        case EscalationState.ACKNOWLEDGED if escalation.asked_at:
            does = " climbs unless an update comes"
        case EscalationState.OPEN if escalation.level:
            does = " climbs"
        case _:
            does = ": “still stuck?” is asked"
    return _about(tx, row, escalation.engagement_id, f"E-{escalation.number}{does}")


def _about(tx: Tx, row: Upcoming, engagement_id: UUID, what: str) -> Item:
    engagement = tx.one(Engagement, row.workspace_id, engagement_id)
    return _told(row, engagement, what, engagement.zone)


def _made(tx: Tx, row: Upcoming, cadence: Cadence, what: str, *, zone: str | None = None) -> Item:
    engagement = tx.one(Engagement, row.workspace_id, cadence.engagement_id)
    return _told(row, engagement, what, zone or cadence.zone or engagement.zone)


def _told(row: Upcoming, engagement: Engagement, what: str, zone: str) -> Item:
    return Item(
        at=row.due_at,
        what=what,
        engagement=engagement.key,
        zone=zone,
        failures=row.failures,
        error=row.error,
    )

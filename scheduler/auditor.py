"""The auditor: looks at the database as an outsider would, and says what should have happened and has not.

It re-derives what the rules say instead of asking the code that acts. It changes nothing; a clean look is what the
dead man's switch waits for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select

from models.access import system_only
from models.cadences.tables import Cadence
from models.checkins import rules
from models.checkins.rules import CheckInState, Hours
from models.checkins.tables import CheckIn, Prompt
from models.db import Tx
from models.engagements.rules import EngagementState
from models.engagements.tables import Engagement
from models.outbox.rules import OutboxState
from models.outbox.tables import OutboxMessage
from scheduler.due import Step

OVERDUE = timedelta(minutes=5)
"""Due work is looked at within seconds; later than this something is wrong."""
LEASE_OVER = timedelta(minutes=2)
UNSURE = timedelta(minutes=30)
STUCK = timedelta(minutes=30)
_FAILING = 3
_MOST = 5_000


KINDS = ("overdue", "failing", "leases", "unsure", "stuck", "due_at", "silent_cadence", "unfinished")
"""Everything it looks for."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One kind of thing that is not as it should be: which, how many, and a sentence for the operator."""

    what: str
    count: int
    said: str
    remedy: str


def audit(tx: Tx, steps: Sequence[Step], wall: datetime) -> list[Violation]:
    """Everything that is not as it should be; nothing when all is well. `wall` is the delivery's clock."""
    system_only(tx)
    return [found for found in _looks(tx, steps, wall) if found.count]


def _looks(tx: Tx, steps: Sequence[Step], wall: datetime) -> Iterator[Violation]:
    running = "Is the bot running? `cadence run`, or `cadence tick` once."
    yield Violation("overdue", _overdue(tx, steps), "steps should have been done minutes ago.", running)
    yield Violation("failing", _failing(tx, steps), "steps fail again and again.", "See `cadence next` and the log.")
    leases = _messages(tx, OutboxState.LEASED, col(OutboxMessage.lease_until) < wall - LEASE_OVER)
    yield Violation("leases", leases, "messages were left by a worker and not taken up again.", running)
    unsure = _messages(tx, OutboxState.UNSURE, _since() < tx.now - UNSURE)
    said = "messages may or may not be in Slack, and could not be found out about."
    yield Violation("unsure", unsure, said, "Can the bot read the channel's history? See `cadence doctor`.")
    stuck = _messages(tx, OutboxState.READY, col(OutboxMessage.written_at) < tx.now - STUCK)
    yield Violation("stuck", stuck, "messages wait for longer than Slack's limits explain.", running)
    report = "Nothing mends this by itself: please report it, with the log."
    again = "Apply its file with another time, then with the right one; and please report it."
    yield Violation("due_at", _wrong_due(tx), "rows are not due when the rules say so.", report)
    yield Violation("silent_cadence", _silent(tx), "cadences go on, but nothing will wake them.", again)
    unfinished = _unfinished(tx)
    yield Violation("unfinished", unfinished, "check-ins are over, but somebody's answer still counts as open.", report)


def _overdue(tx: Tx, steps: Sequence[Step]) -> int:
    return sum(
        tx.session.exec(select(func.count()).where(col(step.table.due_at) < tx.now - OVERDUE)).one() for step in steps
    )


def _failing(tx: Tx, steps: Sequence[Step]) -> int:
    return sum(
        tx.session.exec(
            select(func.count()).where(col(step.table.due_at).is_not(None), col(step.table.due_failures) >= _FAILING)
        ).one()
        for step in steps
    )


def _messages(tx: Tx, state: OutboxState, condition: Any) -> int:
    """Of engagements in which posting is not known to be impossible: those are told to their owner."""
    statement = (
        select(func.count())
        .select_from(OutboxMessage)
        .join(Engagement, col(Engagement.id) == col(OutboxMessage.engagement_id))
        .where(OutboxMessage.workspace_id == Engagement.workspace_id, col(Engagement.trouble).is_(None))
        .where(OutboxMessage.state == state, condition)
    )
    return tx.session.exec(statement).one()


def _since() -> Any:
    return func.coalesce(col(OutboxMessage.first_sent_at), col(OutboxMessage.written_at))


def _wrong_due(tx: Tx) -> int:
    """Check-ins that have not ended, and their prompts, whose due time is not what the rules give for their state."""
    living = (CheckInState.SCHEDULED, CheckInState.OPEN)
    checkins = tx.session.exec(select(CheckIn).where(col(CheckIn.state).in_(living)).limit(_MOST)).all()
    wrong = [row for row in checkins if _differs(row, rules.checkin_due(row.state, row.opens_at, row.closes_at))]
    pairs = tx.session.exec(
        select(Prompt, CheckIn)
        .join(CheckIn, col(CheckIn.id) == col(Prompt.checkin_id))
        .where(CheckIn.workspace_id == Prompt.workspace_id, CheckIn.state == CheckInState.OPEN)
        .limit(_MOST)
    ).all()
    return len(wrong) + sum(_differs(prompt, _prompt_due(prompt, checkin)) for prompt, checkin in pairs)


def _prompt_due(prompt: Prompt, checkin: CheckIn) -> datetime | None:
    hours = Hours(prompt.ask_at, prompt.remind_at, prompt.deadline_at)
    return rules.prompt_due(checkin.state, prompt.state, hours, was_reminded=prompt.reminded_at is not None)


def _differs(row: CheckIn | Prompt, expected: datetime | None) -> bool:
    """A row that failed waits longer than the rules say; that is counted elsewhere."""
    return row.due_failures == 0 and row.due_at != expected


def _silent(tx: Tx) -> int:
    statement = (
        select(func.count())
        .select_from(Cadence)
        .join(Engagement, col(Engagement.id) == col(Cadence.engagement_id))
        .where(Cadence.workspace_id == Engagement.workspace_id, Engagement.state == EngagementState.ACTIVE)
        .where(col(Cadence.is_active), ~col(Cadence.is_idle), col(Cadence.due_at).is_(None))
    )
    return tx.session.exec(statement).one()


def _unfinished(tx: Tx) -> int:
    over = (CheckInState.CLOSED, CheckInState.SKIPPED)
    statement = (
        select(func.count())
        .select_from(Prompt)
        .join(CheckIn, col(CheckIn.id) == col(Prompt.checkin_id))
        .where(CheckIn.workspace_id == Prompt.workspace_id, col(CheckIn.state).in_(over))
        .where(col(Prompt.state).in_(rules.PENDING), col(CheckIn.closes_at) > tx.now - timedelta(days=2))
    )
    return tx.session.exec(statement).one()

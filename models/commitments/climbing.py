"""When a promise is escalated: its date has passed, and its owner has said nothing of it."""

from datetime import date, datetime
from uuid import UUID

from sqlmodel import select

from models.commitments import rules
from models.commitments.rules import CommitmentState
from models.commitments.tables import Commitment
from models.db import Tx
from models.engagements import queries as engagements
from models.engagements.queries import Crew
from models.engagements.tables import Engagement
from models.escalations import raising, watching
from models.escalations.causes import Cause, Matter


def look(tx: Tx, row: Commitment) -> None:
    """Escalate a promise without word after its date. Step of a due promise; one that comes late gets a fresh wait."""
    watching.look(tx, row, lambda crew: _due(row, crew), lambda engagement, _: _climb(tx, engagement, row))


def set_due(tx: Tx, row: Commitment) -> None:
    """Bring its due time to what the rules say."""
    row.due_at = _due(row, engagements.crew(tx, row.workspace_id, row.engagement_id))


def word(tx: Tx, row: Commitment, on: date | None, by_id: UUID, why: str) -> None:
    """Its owner has spoken of it (on a local date): what climbs for its silence is resolved."""
    row.word_on, row.is_escalated, row.watched_from = on or row.word_on, False, None
    raising.cause_gone(tx, row.workspace_id, cause_key(row), by_id, why)
    set_due(tx, row)


def retime(tx: Tx, engagement: Engagement) -> None:
    """Bring the due times of open promises to what the rules say, after a change of people, hours or state."""
    rows = tx.session.exec(
        select(Commitment).where(
            Commitment.workspace_id == engagement.workspace_id,
            Commitment.engagement_id == engagement.id,
            Commitment.state == CommitmentState.OPEN,
        )
    )
    watching.retime(tx, engagement, rows, _due)


def cause_key(row: Commitment) -> str:
    """The natural key of its escalation."""
    return f"commitment:{row.id}"


def _climb(tx: Tx, engagement: Engagement, row: Commitment) -> None:
    matter = Matter(
        Cause.COMMITMENT,
        cause_key(row),
        tx.unseal(row, "what"),
        row.side,
        ref=f"C-{row.number}",
        subject_id=row.id,
        concerned=(row.participant_id,),
    )
    row.is_escalated = raising.raise_for(tx, engagement, matter) is not None


def _due(row: Commitment, crew: Crew) -> datetime | None:
    if row.state is not CommitmentState.OPEN or row.is_escalated:
        return None
    hours = crew.members[row.participant_id].hours
    return rules.silent_at(row.current_due, row.word_on, row.watched_from, hours)

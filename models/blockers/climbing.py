"""When a blocker is escalated: S1 at once, past its date, or two working days old; and the doing of it."""

from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from models import access
from models.access import Permission
from models.blockers import rules
from models.blockers.rules import BlockerEvent, BlockerState
from models.blockers.tables import Blocker
from models.db import Tx
from models.engagements import queries as engagements
from models.engagements.queries import Crew
from models.engagements.rules import EngagementState
from models.engagements.tables import Engagement
from models.errors import Conflict
from models.escalations import raising, watching
from models.escalations.causes import Cause, Matter
from models.escalations.ladders import Severity

OLD = "It is two working days old."
OVERDUE = "It was needed by a date that has passed."


def look(tx: Tx, row: Blocker) -> None:
    """Escalate a blocker whose time has come. Step of a due blocker; one that comes late gets a fresh wait."""

    def its_time_has_come(engagement: Engagement, crew: Crew) -> None:
        is_overdue = rules.is_overdue(row.needed_by, tx.now, crew.hours(row.acting_side))
        climb(tx, engagement, row, OVERDUE if is_overdue else OLD)

    watching.look(tx, row, lambda crew: _due(row, crew), its_time_has_come)


def escalate(tx: Tx, blocker_id: UUID, severity: Severity, why: str, source_key: str | None = None) -> None:
    """Escalate an open blocker by hand; if it climbs already, this joins. Raises NotFound, NotAllowed, Conflict."""
    row = access.load(tx, Blocker, blocker_id, Permission.ESCALATION_RAISE, lock=True)
    place = access.place_of(tx, row.engagement_id, Permission.ESCALATION_RAISE)
    if row.state is BlockerState.RESOLVED:
        raise Conflict(f"B-{row.number} has been resolved already. Nothing was changed.")
    engagement = tx.one(Engagement, row.workspace_id, row.engagement_id)
    if engagement.state is not EngagementState.ACTIVE:
        raise Conflict("This engagement is paused: nothing can be escalated until its owner resumes it.")
    row.severity = severity
    climb(tx, engagement, row, why.strip()[:1000], place.participant_id, source_key)


def climb(
    tx: Tx, engagement: Engagement, row: Blocker, why: str, by_id: UUID | None = None, source_key: str | None = None
) -> None:
    """Raise its escalation, or join the one that is open."""
    named = [participant_id for participant_id in (row.owner_id, row.acting_id, row.raised_by_id) if participant_id]
    matter = Matter(
        Cause.BLOCKER,
        cause_key(row),
        tx.unseal(row, "what"),
        row.acting_side,
        row.severity,
        ref=f"B-{row.number}",
        subject_id=row.id,
        raised_by_id=by_id,
        concerned=tuple(named),
        source_key=source_key,
        why=why,
    )
    row.is_escalated = raising.raise_for(tx, engagement, matter) is not None
    row.due_at = None


def set_due(tx: Tx, row: Blocker) -> None:
    """Bring its due time to what the rules say."""
    row.due_at = _due(row, engagements.crew(tx, row.workspace_id, row.engagement_id))


def taken(tx: Tx, row: Blocker, by_id: UUID) -> None:
    """Somebody of the side that must act took it: they own what climbs for it too."""
    raising.cause_owned(tx, row.workspace_id, cause_key(row), row.acting_side, by_id)


def gone(tx: Tx, row: Blocker, event: BlockerEvent, by_id: UUID) -> None:
    """It is out of the way: what climbs for it is resolved."""
    row.is_escalated, row.watched_from, row.due_at = False, None, None
    why = f"B-{row.number} was {event.value}."
    raising.cause_gone(tx, row.workspace_id, cause_key(row), by_id, why)


def retime(tx: Tx, engagement: Engagement) -> None:
    """Bring the due times of open blockers to what the rules say, after a change of people, hours or state."""
    rows = tx.session.exec(
        select(Blocker).where(
            Blocker.workspace_id == engagement.workspace_id,
            Blocker.engagement_id == engagement.id,
            col(Blocker.state) != BlockerState.RESOLVED,
        )
    )
    watching.retime(tx, engagement, rows, _due)


def cause_key(row: Blocker) -> str:
    """The natural key of its escalation."""
    return f"blocker:{row.id}"


def _due(row: Blocker, crew: Crew) -> datetime | None:
    is_waiting = row.state is not BlockerState.RESOLVED and not row.is_escalated
    hours = crew.hours(row.acting_side)
    return rules.escalates_at(row.raised_at, row.needed_by, row.watched_from, hours) if is_waiting else None

"""How an escalation begins: a cause raises it, or joins the one that is open; and it ends when its cause is gone."""

from uuid import UUID

from sqlmodel import select

from models.access import Side
from models.activity import service as activity
from models.db import Tx
from models.engagements import queries as engagements
from models.engagements.queries import Crew
from models.engagements.rules import EngagementState
from models.engagements.tables import Engagement
from models.escalations import moves, rules, versions
from models.escalations.causes import EntryKind, Matter
from models.escalations.rules import EscalationState, Event
from models.escalations.tables import Escalation
from models.prepared import at, is_at


def raise_for(tx: Tx, engagement: Engagement, matter: Matter) -> Escalation | None:
    """Escalate a matter: one escalation is open for each key, and a second trigger joins it.

    None while the engagement is paused or closed: then nothing climbs.
    """
    if engagement.state is not EngagementState.ACTIVE:
        return None
    row = standing_for(tx, engagement.workspace_id, matter.key)
    if row is None:
        return _raise(tx, engagement, matter)
    _join(tx, row, matter)
    return row


def standing_for(tx: Tx, workspace_id: str, key: str) -> Escalation | None:
    """The escalation that is open for a cause, locked; none if there is none."""
    return tx.session.exec(_STANDING, params=at(workspace_id, cause=key)).one_or_none()


_STANDING = select(Escalation).where(is_at(Escalation, Escalation.open_key, "cause")).with_for_update()


def cause_gone(tx: Tx, workspace_id: str, key: str, by_id: UUID | None, why: str) -> None:
    """Resolve what is open for a cause that is no more. `why` is a sentence of ours; nothing open is fine."""
    row = standing_for(tx, workspace_id, key)
    if row is not None:
        end(tx, row, moves.crew_of(tx, row), by_id, why)


def cause_owned(tx: Tx, workspace_id: str, key: str, side: Side, by_id: UUID) -> None:
    """Somebody of a side took the matter itself: what climbs for it against that side is theirs as well."""
    row = standing_for(tx, workspace_id, key)
    if row is not None and row.against is side and moves.owner_id(row, side) != by_id:
        own(tx, row, moves.crew_of(tx, row), by_id)


def own(tx: Tx, row: Escalation, crew: Crew, by_id: UUID, source_key: str | None = None) -> bool:
    """Somebody of the side that must act owns it; False where it is over already."""
    moves.set_owner(row, row.against, by_id)
    row.acknowledged_at = row.acknowledged_at or tx.now
    row.last_word_at = tx.now
    moves.write(tx, row, EntryKind.OWNED, by_id, source_key=source_key)
    return moves.happen(tx, row, Event.ACKNOWLEDGE, crew)


def end(tx: Tx, row: Escalation, crew: Crew, by_id: UUID | None, note: str, source_key: str | None = None) -> bool:
    """Resolve it; False where it is over already."""
    if row.state is EscalationState.RESOLVED:
        return False
    row.open_key, row.resolved_by_id = None, by_id
    moves.write(tx, row, EntryKind.RESOLVED, by_id, note, source_key=source_key)
    return moves.happen(tx, row, Event.RESOLVE, crew)


def _raise(tx: Tx, engagement: Engagement, matter: Matter) -> Escalation:
    crew = engagements.crew(tx, engagement.workspace_id, engagement.id)
    version = versions.current(tx, engagement)
    row = Escalation(
        workspace_id=engagement.workspace_id,
        engagement_id=engagement.id,
        number=engagements.next_number(tx, engagement.workspace_id, engagement.id, "escalation_count"),
        severity=matter.severity,
        against=matter.against,
        cause=matter.cause,
        cause_key=matter.key,
        open_key=matter.key,
        cause_ref=matter.ref,
        subject_id=matter.subject_id,
        what="",  # type: ignore[arg-type]  # sealed below: the envelope is bound to the row's id
        raised_at=tx.now,
        raised_by_id=matter.raised_by_id,
        ladder_id=version.id,
        since=tx.now,
    )
    row.what = tx.seal(row, "what", matter.what)
    _concern(row, crew, matter)
    tx.add(row)
    tx.session.flush()
    moves.announce(tx, row, engagement)
    moves.write(tx, row, EntryKind.RAISED, matter.raised_by_id, matter.why, source_key=matter.source_key)
    activity.record(tx, "escalation.raised", row, after={"severity": row.severity.value, "against": row.against.value})
    way = moves.course(tx, row, crew)
    outcome = rules.raised(tx.now, way)
    moves.settle(row, outcome)
    moves.say(tx, row, crew, way, outcome.notices)
    return row


def _join(tx: Tx, row: Escalation, matter: Matter) -> None:
    """The same cause again: a line in the history; a worse severity starts the ladder of that severity."""
    crew = moves.crew_of(tx, row)
    moves.write(tx, row, EntryKind.JOINED, matter.raised_by_id, matter.why, source_key=matter.source_key)
    if matter.severity.is_worse_than(row.severity):
        before, row.severity = row.severity, matter.severity
        detail = {"before": before.value, "after": row.severity.value}
        moves.write(tx, row, EntryKind.RERATED, matter.raised_by_id, detail=detail)
        moves.happen(tx, row, Event.RERATE, crew)
    else:
        moves.refresh(tx, row, with_directs=False)


def _concern(row: Escalation, crew: Crew, matter: Matter) -> None:
    """The persons it concerns, one a side: those named, and whoever raised it."""
    named = [*matter.concerned, *([matter.raised_by_id] if matter.raised_by_id else [])]
    for participant_id in reversed(named):
        member = crew.members.get(participant_id)
        if member is None:
            continue
        if member.participant.side is Side.INHOUSE:
            row.concerned_inhouse_id = participant_id
        else:
            row.concerned_vendor_id = participant_id

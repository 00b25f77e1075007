"""What happens to an escalation by itself: its steps in time, called by the due queue, and the loss of its owner."""

from sqlmodel import col, select

from models.access import Side, system_only
from models.db import Tx
from models.engagements import queries as engagements
from models.engagements.rules import EngagementState
from models.engagements.tables import Engagement, Participant
from models.escalations import moves, rules
from models.escalations.causes import EntryKind
from models.escalations.rules import EscalationState, Event
from models.escalations.tables import Escalation


def advance(tx: Tx, row: Escalation) -> None:
    """Climb, ask, expire, wake or remind. Step of a due escalation."""
    system_only(tx)
    engagement = tx.one(Engagement, row.workspace_id, row.engagement_id)
    crew = moves.crew_of(tx, row)
    if engagement.state is not EngagementState.ACTIVE:
        row.is_held, row.due_at = True, None
        return
    due = rules.next_due(moves.standing(row), moves.course(tx, row, crew))
    if due is None or due > tx.now:  # it was looked at early: hours or holidays have changed
        row.due_at = due
        return
    moves.happen(tx, row, Event.DUE, crew)


def let_go(tx: Tx, place: Participant) -> int:
    """Free the open escalations that somebody looked after who cannot act any more. How many there were."""
    found = tx.session.exec(
        select(Escalation)
        .where(
            Escalation.workspace_id == place.workspace_id,
            Escalation.engagement_id == place.engagement_id,
            col(Escalation.state) != EscalationState.RESOLVED,
            (col(Escalation.inhouse_owner_id) == place.id) | (col(Escalation.vendor_owner_id) == place.id),
        )
        .order_by(col(Escalation.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for row in found:
        was_owned = row.is_owned and moves.owner_id(row, row.against) == place.id
        for side in Side:
            if moves.owner_id(row, side) == place.id:
                moves.set_owner(row, side, None)
        if was_owned:
            moves.write(tx, row, EntryKind.LAPSED, detail={"told": [str(place.id)], "is_gone": True})
        if not (was_owned and moves.happen(tx, row, Event.LOST, moves.crew_of(tx, row))):
            moves.refresh(tx, row, with_directs=False)
    return len(found)


def retime(tx: Tx, engagement: Engagement) -> None:
    """Bring due times to what the rules say after a change of people, hours or holidays, of a pause or its end.

    After a pause every wait starts again.
    """
    system_only(tx)
    crew = engagements.crew(tx, engagement.workspace_id, engagement.id)
    rows = tx.session.exec(
        select(Escalation)
        .where(
            Escalation.workspace_id == engagement.workspace_id,
            Escalation.engagement_id == engagement.id,
            col(Escalation.state) != EscalationState.RESOLVED,
        )
        .with_for_update()
    )
    for row in rows:
        is_held = engagement.state is not EngagementState.ACTIVE
        if row.is_held and not is_held:
            row.since = tx.now
            row.asked_at = tx.now if row.asked_at else None
        row.is_held = is_held
        row.due_at = None if is_held else rules.next_due(moves.standing(row), moves.course(tx, row, crew))
        moves.refresh(tx, row, with_directs=False)

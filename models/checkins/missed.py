"""Check-ins that a whole side leaves without an answer, one after the other: counted when one closes."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select

from models.access import Side
from models.cadences.tables import Cadence
from models.checkins.rules import CheckInState, PromptState, is_missed, missed_in_a_row
from models.checkins.tables import CheckIn, Prompt
from models.db import Tx
from models.engagements import queries as engagements
from models.engagements.tables import Engagement
from models.escalations import raising
from models.escalations.causes import Cause, Matter

_LOOK_BACK = 60
"""Check-ins looked at: holidays and outages, which count for neither, may lie between."""


def closed(tx: Tx, checkin: CheckIn, prompts: Sequence[Prompt]) -> None:
    """Escalate for each side that has now missed as many check-ins in a row as the cadence allows."""
    cadence = tx.one(Cadence, checkin.workspace_id, checkin.cadence_id)
    limit = cadence.escalate_after
    if limit == 0:
        return
    for side in Side:
        if is_missed([prompt.state for prompt in prompts if prompt.side is side]):
            count = 1 + missed_in_a_row(_before(tx, checkin, side))
            if count >= limit:
                _raise(tx, cadence, side, count)


def answered(tx: Tx, checkin: CheckIn, side: Side, by_id: UUID) -> None:
    """Somebody of a side has answered: its silence is over."""
    why = "An answer has come."
    raising.cause_gone(tx, checkin.workspace_id, cause_key(checkin.cadence_id, side), by_id, why)


def cause_key(cadence_id: UUID, side: Side) -> str:
    """The natural key of the escalation."""
    return f"missed:{cadence_id}:{side.value}"


def _before(tx: Tx, checkin: CheckIn, side: Side) -> list[list[PromptState]]:
    """The states of a side's prompts in earlier check-ins, the last one first."""
    earlier = tx.session.exec(
        select(CheckIn.id)
        .where(
            CheckIn.workspace_id == checkin.workspace_id,
            CheckIn.cadence_id == checkin.cadence_id,
            CheckIn.local_date < checkin.local_date,
            CheckIn.state == CheckInState.CLOSED,
        )
        .order_by(col(CheckIn.local_date).desc())
        .limit(_LOOK_BACK)
    ).all()
    rows = tx.session.exec(
        select(Prompt.checkin_id, Prompt.state).where(
            Prompt.workspace_id == checkin.workspace_id, Prompt.side == side, col(Prompt.checkin_id).in_(earlier)
        )
    ).all()
    states: dict[UUID, list[PromptState]] = {checkin_id: [] for checkin_id in earlier}
    for checkin_id, state in rows:
        states[checkin_id].append(PromptState(state))
    return list(states.values())


def _raise(tx: Tx, cadence: Cadence, side: Side, count: int) -> None:
    engagement = tx.one(Engagement, cadence.workspace_id, cadence.engagement_id)
    name = engagements.parties(tx, engagement).name(side)
    matter = Matter(
        Cause.MISSED,
        cause_key(cadence.id, side),
        f"Nobody of {name} has answered {count} check-ins in a row.",
        side,
        ref=cadence.title,
        subject_id=cadence.id,
        why=f"{count} in a row.",
    )
    raising.raise_for(tx, engagement, matter)

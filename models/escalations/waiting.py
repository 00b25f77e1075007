"""What waits for somebody among the open escalations, what else concerns them, and what they may do with each."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlmodel import col, select

from models.access import Membership, Permission, Role
from models.db import Tx
from models.engagements.queries import Crew
from models.escalations import moves, people, queries, rules, versions
from models.escalations.ladders import Climb
from models.escalations.rules import EscalationState, Event
from models.escalations.tables import Escalation
from models.escalations.views import EscalationOf, Stake

_HEADS = (Role.OWNER, Role.LEAD)
"""Whom every escalation of their engagement concerns."""
_FOR_CLOSERS = frozenset({Event.SNOOZE, Event.RERATE})


def open_in(tx: Tx, workspace_id: str, engagement_ids: Collection[UUID]) -> tuple[Escalation, ...]:
    """Everything that is not resolved in several engagements, with its ladders, in two statements."""
    rows = tx.session.exec(
        select(Escalation)
        .where(
            Escalation.workspace_id == workspace_id,
            col(Escalation.engagement_id).in_(engagement_ids),
            col(Escalation.state) != EscalationState.RESOLVED,
        )
        .order_by(col(Escalation.number))
    ).all()
    versions.hold(tx, workspace_id, {row.ladder_id for row in rows})
    return tuple(rows)


def of_seats(
    tx: Tx, rows: Collection[Escalation], seats: Mapping[UUID, Membership], crews: Mapping[UUID, Crew]
) -> tuple[EscalationOf, ...]:
    """The escalations that wait for somebody with these places, then those that concern them; each the worst first."""
    found = []
    for row in rows:
        seat, crew = seats[row.engagement_id], crews[row.engagement_id]
        stake = stake_of(row, seat, crew, versions.frozen(tx, row.workspace_id, row.ladder_id).climb(row.severity))
        if stake is not None:
            line = queries.line(tx, crew, row, tx.now)
            found.append(EscalationOf(row.engagement_id, line, stake, may_do(tx, row, seat)))
    return tuple(sorted(found, key=lambda item: (item.stake is Stake.CONCERNS, *queries.pressing(item.line))))


def stake_of(row: Escalation, seat: Membership, crew: Crew, climb: Climb) -> Stake | None:
    """What somebody has to do with an escalation of their engagement; none if nothing."""
    must_act = row.against is seat.side
    is_awaited = seat.role in _HEADS or _is_named(row, seat, crew, climb)
    if row.proposed_at and not must_act and is_awaited:
        return Stake.TO_CLOSE
    if moves.owner_id(row, seat.side) == seat.participant_id:
        return Stake.OWN if must_act else Stake.LOOKS_AFTER
    if must_act and not row.is_owned and row.state is not EscalationState.SNOOZED and is_awaited:
        return Stake.UNOWNED
    return Stake.CONCERNS if is_awaited else None


def may_do(tx: Tx, row: Escalation, seat: Membership) -> frozenset[Event]:
    """What somebody with this place may do with it now."""
    if not seat.grants(Permission.ESCALATION_ACT):
        return frozenset()
    possible = rules.legal(moves.standing(row), tx.now)
    if row.against is seat.side:
        possible -= _FOR_CLOSERS
    return possible - ({Event.ACKNOWLEDGE} if moves.owner_id(row, seat.side) == seat.participant_id else set())


def _is_named(row: Escalation, seat: Membership, crew: Crew, climb: Climb) -> bool:
    """They raised it, it concerns them, they look after it, or a level that was reached has told them."""
    named = {
        row.raised_by_id,
        row.concerned_inhouse_id,
        row.concerned_vendor_id,
        row.inhouse_owner_id,
        row.vendor_owner_id,
    }
    told = (member.participant.id for level in climb.levels[: row.level] for member in people.told(crew, row, level))
    return seat.participant_id in named or seat.participant_id in told

"""What an owner's Home shows besides: how their engagements are, and what could not be sent."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, text
from sqlmodel import col, select

from models.access import Role, Side
from models.blockers.rules import BlockerState
from models.blockers.views import BlockerLine
from models.calendars.local_time import local_date
from models.checkins.rules import CheckInState, PromptState
from models.checkins.tables import CheckIn, Prompt
from models.commitments.rules import CommitmentState
from models.commitments.tables import Commitment
from models.db import Tx
from models.engagements import queries as engagements
from models.engagements.queries import Crew
from models.engagements.tables import Engagement
from models.escalations.rules import EscalationState
from models.escalations.tables import Escalation
from models.home import rules
from models.home.rules import COLOURS, Colour, Signs
from models.home.views import FailedDelivery, Health
from models.outbox.rules import Operation, OutboxState
from models.outbox.tables import OutboxMessage

PAGE = 12
"""Engagements on one page."""
_FAILURES = 6
_FAILED_WITHIN = timedelta(days=7)
_WORST_FIRST = list(Colour)
_EXPECTED = (PromptState.ANSWERED, PromptState.MISSED)


@dataclass(frozen=True, slots=True)
class Board:
    """One page of the owner's engagements, and what could not be sent in all of them."""

    health: tuple[Health, ...] = ()
    failures: tuple[FailedDelivery, ...] = ()
    page: int = 0
    pages: int = 1


def board(
    own: Tx,
    rows: Mapping[UUID, Engagement],
    crews: Mapping[UUID, Crew],
    blockers: Mapping[UUID, Sequence[BlockerLine]],
    climbing: Iterable[Escalation],
    page: int,
) -> Board:
    """The engagements the actor owns for the in-house side, the worst first; empty for everybody else."""
    owned = {
        place.engagement_id: rows[place.engagement_id]
        for place in own.actor.memberships
        if place.side is Side.INHOUSE and place.role is Role.OWNER and place.engagement_id in rows
    }
    if not owned:
        return Board()
    overdue = _overdue_commitments(own, owned, crews)
    answers = _answers(own, owned)
    unowned, stuck = _unowned(climbing)
    judged = [
        _health(own, row, blockers[key], overdue[key], answers[key], (stuck[key], unowned[key]))
        for key, row in owned.items()
    ]
    judged.sort(key=lambda item: (_WORST_FIRST.index(item.colour), item.parties.vendor, item.parties.key))
    pages = max(1, -(-len(judged) // PAGE))
    page = min(page, pages - 1)
    shown = tuple(judged[page * PAGE : (page + 1) * PAGE])
    return Board(shown, _failures(own, owned), page, pages)


def _health(
    own: Tx,
    row: Engagement,
    lines: Sequence[BlockerLine],
    overdue: int,
    answers: Mapping[PromptState, int],
    escalations: tuple[int, int],
) -> Health:
    stuck, unowned = escalations
    signs = Signs(
        state=row.state,
        has_trouble=row.trouble is not None,
        overdue_blockers=sum(line.is_overdue for line in lines),
        old_blockers=sum(
            line.age_days >= rules.OLD_BLOCKER_DAYS and line.state is not BlockerState.RESOLVED for line in lines
        ),
        overdue_commitments=overdue,
        answered=answers[PromptState.ANSWERED],
        asked=sum(answers.values()),
        stuck_escalations=stuck,
        unowned_escalations=unowned,
    )
    rule = rules.fired(signs)
    return Health(engagements.parties(own, row), rule, COLOURS[rule], signs, row.trouble)


def _unowned(climbing: Iterable[Escalation]) -> tuple[Counter[UUID], Counter[UUID]]:
    """How many escalations of each engagement nobody owns, and how many of them are stuck."""
    rows = [row for row in climbing if row.state in (EscalationState.OPEN, EscalationState.EXHAUSTED)]
    stuck = [row for row in rows if row.state is EscalationState.EXHAUSTED or row.level > rules.STUCK_ABOVE]
    return Counter(row.engagement_id for row in rows), Counter(row.engagement_id for row in stuck)


def _overdue_commitments(own: Tx, owned: Collection[UUID], crews: Mapping[UUID, Crew]) -> Counter[UUID]:
    """Open promises past their date on the calendar of whoever made them."""
    found = own.session.exec(
        select(Commitment.engagement_id, Commitment.participant_id, col(Commitment.current_due)).where(
            Commitment.workspace_id == own.actor.workspace_id,
            col(Commitment.engagement_id).in_(owned),
            Commitment.state == CommitmentState.OPEN,
            Commitment.current_due < (own.now + timedelta(days=1)).date(),
        )
    )
    return Counter(
        key
        for key, participant_id, due in found
        if due < local_date(own.now, crews[key].members[participant_id].person.zone)
    )


def _answers(own: Tx, owned: Collection[UUID]) -> dict[UUID, Counter[PromptState]]:
    """How many answered and how many did not, in the check-ins that closed lately."""
    found = own.session.exec(
        select(CheckIn.engagement_id, Prompt.state, func.count())
        .join(Prompt, (col(Prompt.checkin_id) == CheckIn.id) & (col(Prompt.workspace_id) == CheckIn.workspace_id))
        .where(
            CheckIn.workspace_id == own.actor.workspace_id,
            col(CheckIn.engagement_id).in_(owned),
            CheckIn.state == CheckInState.CLOSED,
            col(CheckIn.opens_at) > own.now - timedelta(days=rules.LOOK_BACK_DAYS),
            col(Prompt.state).in_(_EXPECTED),
        )
        .group_by(col(CheckIn.engagement_id), col(Prompt.state))
    )
    counts: dict[UUID, Counter[PromptState]] = {key: Counter() for key in owned}
    for key, state, count in found:
        counts[key][PromptState(state)] = count
    return counts


def _failures(own: Tx, owned: Mapping[UUID, Engagement]) -> tuple[FailedDelivery, ...]:
    """What could not be sent in the last week, by kind and reason, the newest first. Edits are not counted."""
    last = func.max(OutboxMessage.written_at)
    grouped = (OutboxMessage.engagement_id, OutboxMessage.kind, OutboxMessage.error, OutboxMessage.state)
    found = own.session.exec(
        select(*grouped, func.count(), last)  # type: ignore[call-overload]
        .where(
            OutboxMessage.workspace_id == own.actor.workspace_id,
            col(OutboxMessage.engagement_id).in_(owned),
            text("outbox_message.state IN ('unsure', 'dead')"),  # as the partial index says it
            OutboxMessage.operation == Operation.POST,
            col(OutboxMessage.written_at) > own.now - _FAILED_WITHIN,
        )
        .group_by(*grouped)
        .order_by(last.desc())
        .limit(_FAILURES)
    )
    return tuple(
        FailedDelivery(
            parties=engagements.parties(own, owned[key]),
            kind=kind,
            code=error or "",
            count=count,
            last_at=last_at,
            is_unsure=state is OutboxState.UNSURE,
        )
        for key, kind, error, state, count, last_at in found
    )

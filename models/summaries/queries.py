"""Reads of the weekly summary, and the computing of its facts."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from pydantic import TypeAdapter
from sqlmodel import col, select

from models.access import Side
from models.blockers import queries as blockers
from models.blockers.rules import BlockerState
from models.blockers.tables import Blocker
from models.cadences.tables import Cadence
from models.checkins.rules import CheckInState, PromptState
from models.checkins.tables import CheckIn, Prompt
from models.commitments import queries as commitments
from models.commitments.rules import CommitmentState
from models.commitments.tables import Commitment, CommitmentMove
from models.db import Tx
from models.engagements import queries as engagements
from models.engagements.queries import Crew
from models.engagements.tables import Engagement
from models.engagements.views import Who
from models.escalations import queries as escalations
from models.escalations.figures import Figures, table
from models.escalations.measuring import cases
from models.summaries import rules
from models.summaries.rules import SummaryState
from models.summaries.tables import WeeklySummary
from models.summaries.views import Facts, Summary

FACTS = TypeAdapter(Facts)
Reported = Mapping[str, frozenset[UUID]]
_DAY, _WEEK, _NONE = timedelta(days=1), timedelta(days=7), timedelta()
_SIDES = (Side.INHOUSE, Side.VENDOR, None)


def summary(tx: Tx, workspace_id: str, summary_id: UUID) -> Summary:
    """A published summary from its frozen facts."""
    row = tx.one(WeeklySummary, workspace_id, summary_id)
    facts = frozen(tx, row)
    both = next(item for item in facts.participation if item.side is None)
    return Summary(
        summary_id=row.id,
        parties=engagements.parties(tx, tx.one(Engagement, workspace_id, row.engagement_id)),
        title=tx.one(Cadence, workspace_id, row.cadence_id).title,
        first_day=row.first_day,
        last_day=row.last_day,
        published_at=row.published_at or row.publishes_at,
        facts=facts,
        is_low_confidence=both.expected < rules.MIN_VOLUME,
    )


def published(tx: Tx, engagement_id: UUID, day: date | None = None) -> Summary | None:
    """The summary that covers a day, or the latest one. Raises NotFound for who is not on the roster."""
    engagement = engagements.viewable(tx, engagement_id)
    statement = select(WeeklySummary).where(
        WeeklySummary.workspace_id == engagement.workspace_id,
        WeeklySummary.engagement_id == engagement_id,
        WeeklySummary.state == SummaryState.PUBLISHED,
    )
    if day:
        statement = statement.where(WeeklySummary.first_day <= day, WeeklySummary.last_day >= day)
    row = tx.session.exec(statement.order_by(col(WeeklySummary.local_date).desc()).limit(1)).first()
    return summary(tx, row.workspace_id, row.id) if row else None


def latest(tx: Tx, workspace_id: str, cadence_id: UUID, *states: SummaryState) -> WeeklySummary | None:
    """The last summary of a cadence by local date, among the given states (none given: any)."""
    statement = select(WeeklySummary).where(
        WeeklySummary.workspace_id == workspace_id, WeeklySummary.cadence_id == cadence_id
    )
    if states:
        statement = statement.where(col(WeeklySummary.state).in_(states))
    return tx.session.exec(statement.order_by(col(WeeklySummary.local_date).desc()).limit(1)).first()


def first_checkin_day(tx: Tx, row: WeeklySummary) -> date | None:
    """The local date of the engagement's first check-in."""
    return tx.session.exec(
        select(col(CheckIn.local_date))
        .where(CheckIn.workspace_id == row.workspace_id, CheckIn.engagement_id == row.engagement_id)
        .order_by(col(CheckIn.local_date))
        .limit(1)
    ).first()


def frozen(tx: Tx, row: WeeklySummary) -> Facts:
    """The facts of a published summary."""
    return FACTS.validate_json(tx.unseal(row, "facts"))


def reported(tx: Tx, last: WeeklySummary | None) -> Reported:
    """The row ids that the last published summary was computed from, by figure."""
    trace = frozen(tx, last).trace if last else {}
    return {figure: frozenset(UUID(row_id) for row_id in ids) for figure, ids in trace.items()}


def escalations_of(tx: Tx, last: WeeklySummary | None) -> tuple[Figures, ...]:
    """The figures on escalations that the last published summary told."""
    return FACTS.validate_json(tx.unseal(last, "facts")).escalations if last else ()


def facts(
    tx: Tx, row: WeeklySummary, since: datetime, before: Reported, escalated_before: tuple[Figures, ...] = ()
) -> Facts:
    """The facts of a summary, computed now: check-ins closed since the last one, promises due in its days.

    Promises due on the last day are counted the next time, when the day is over for everybody. `before` is what the
    last summary has reported: each check-in and each promise is counted once.
    """
    crew = engagements.crew(tx, row.workspace_id, row.engagement_id)
    checkins = _checkins(tx, row, since, before)
    prompts = _prompts(tx, row, [checkin.id for checkin in checkins])
    due = _due(tx, row, since, before.get("on_time", frozenset()))
    closed = _closed(tx, row, since)
    changed = blockers.between(tx, row.workspace_id, row.engagement_id, since, tx.now)
    still_open = blockers.open_rows(tx, row.workspace_id, row.engagement_id)
    overdue = [item for item in _open(tx, row) if item.current_due < row.last_day]
    moved = _moved(tx, row, since)
    climbed = escalations.between(tx, row.workspace_id, row.engagement_id, since, tx.now)
    asked = [rules.AskedOnce(prompt.side, prompt.state, prompt.is_late) for prompt in prompts]
    promised = [
        rules.Promised(item.side, item.state, item.promised_due, item.current_due, item.closed_on) for item in due
    ]
    return Facts(
        participation=tuple(rules.participation(asked, side) for side in _SIDES),
        on_time=tuple(rules.on_time(promised, side, row.last_day) for side in _SIDES),
        kept=commitments.lines(tx, crew, [item for item in closed if item.state is CommitmentState.KEPT]),
        moved=commitments.lines(tx, crew, moved),
        dropped=commitments.lines(tx, crew, [item for item in closed if item.state is CommitmentState.DROPPED]),
        overdue=commitments.lines(tx, crew, overdue),
        raised=blockers.lines(tx, crew, [item for item in changed if item.raised_at >= since], tx.now),
        resolved=blockers.lines(tx, crew, [item for item in changed if item.state is BlockerState.RESOLVED], tx.now),
        still_open=blockers.pressing_first(blockers.lines(tx, crew, still_open, tx.now)),
        checkins=sum(checkin.state is CheckInState.CLOSED for checkin in checkins),
        skipped_checkins=_skipped(tx, row, checkins),
        missing_inhouse=_missing(crew, prompts),
        trace=_trace(checkins, prompts, due, [*closed, *moved, *overdue], [*changed, *still_open])
        | {"escalations": [str(item.id) for item in climbed]},
        escalations=table(cases(tx, climbed, crew, since)),
        escalations_before=escalated_before,
        escalated=escalations.pressing_first(
            escalations.line(tx, crew, item, tx.now) for item in climbed if item.resolved_at is None
        ),
    )


def _checkins(tx: Tx, row: WeeklySummary, since: datetime, before: Reported) -> tuple[CheckIn, ...]:
    closed = (col(CheckIn.closed_at) >= since - rules.OVERLAP) & (col(CheckIn.closed_at) < tx.now)
    skipped = (
        (col(CheckIn.state) == CheckInState.SKIPPED)
        & (col(CheckIn.local_date) >= row.first_day - (_WEEK if before else _NONE))
        & (col(CheckIn.local_date) <= row.last_day)
    )
    return tuple(
        tx.session.exec(
            select(CheckIn)
            .where(
                CheckIn.workspace_id == row.workspace_id,
                CheckIn.engagement_id == row.engagement_id,
                closed | skipped,
                col(CheckIn.id).not_in(before.get("check_ins", frozenset())),
            )
            .order_by(col(CheckIn.local_date))
        )
    )


def _prompts(tx: Tx, row: WeeklySummary, checkin_ids: list[UUID]) -> tuple[Prompt, ...]:
    return tuple(
        tx.session.exec(
            select(Prompt).where(Prompt.workspace_id == row.workspace_id, col(Prompt.checkin_id).in_(checkin_ids))
        )
    )


def _due(tx: Tx, row: WeeklySummary, since: datetime, before: frozenset[UUID]) -> tuple[Commitment, ...]:
    """Commitments whose first promised date lies from the last summary's day to the day before this one.

    Those promised since for a day that was reported already, in late answers, are counted now.
    """
    due, made = col(Commitment.promised_due), col(Commitment.made_at)
    return tuple(
        tx.session.exec(
            select(Commitment)
            .where(
                Commitment.workspace_id == row.workspace_id,
                Commitment.engagement_id == row.engagement_id,
                due < row.last_day,
                (due >= row.first_day - _DAY) | (made >= since - rules.OVERLAP),
                Commitment.state != CommitmentState.WITHDRAWN,
                col(Commitment.id).not_in(before),
            )
            .order_by(col(Commitment.number))
        )
    )


def _closed(tx: Tx, row: WeeklySummary, since: datetime) -> tuple[Commitment, ...]:
    closed_at = col(Commitment.closed_at)
    return tuple(
        tx.session.exec(
            select(Commitment)
            .where(
                Commitment.workspace_id == row.workspace_id,
                Commitment.engagement_id == row.engagement_id,
                (closed_at >= since) & (closed_at < tx.now),
            )
            .order_by(col(Commitment.number))
        )
    )


def _moved(tx: Tx, row: WeeklySummary, since: datetime) -> tuple[Commitment, ...]:
    moved = select(CommitmentMove.commitment_id).where(
        CommitmentMove.workspace_id == row.workspace_id,
        CommitmentMove.engagement_id == row.engagement_id,
        CommitmentMove.moved_at >= since,
    )
    return tuple(
        tx.session.exec(
            select(Commitment)
            .where(Commitment.workspace_id == row.workspace_id, col(Commitment.id).in_(moved))
            .order_by(col(Commitment.number))
        )
    )


def _open(tx: Tx, row: WeeklySummary) -> tuple[Commitment, ...]:
    return tuple(
        tx.session.exec(
            select(Commitment)
            .where(
                Commitment.workspace_id == row.workspace_id,
                Commitment.engagement_id == row.engagement_id,
                Commitment.state == CommitmentState.OPEN,
            )
            .order_by(col(Commitment.current_due))
        )
    )


def _skipped(tx: Tx, row: WeeklySummary, checkins: tuple[CheckIn, ...]) -> tuple[str, ...]:
    titles = {
        cadence.id: cadence.title
        for cadence in tx.session.exec(
            select(Cadence).where(Cadence.workspace_id == row.workspace_id, Cadence.engagement_id == row.engagement_id)
        )
    }
    return tuple(
        f"{titles[checkin.cadence_id]}, {checkin.local_date:%a} {checkin.local_date.day} {checkin.local_date:%b}: "
        f"{checkin.skip_reason}"
        for checkin in checkins
        if checkin.state is CheckInState.SKIPPED
    )


def _missing(crew: Crew, prompts: tuple[Prompt, ...]) -> tuple[Who, ...]:
    missed = [prompt for prompt in prompts if prompt.side is Side.INHOUSE and prompt.state is PromptState.MISSED]
    return tuple(crew.who(prompt.participant_id) for prompt in missed)


def _trace(
    checkins: tuple[CheckIn, ...],
    prompts: tuple[Prompt, ...],
    due: tuple[Commitment, ...],
    commitments_named: list[Commitment],
    blockers_named: list[Blocker],
) -> dict[str, list[str]]:
    return {
        "check_ins": [str(row.id) for row in checkins],
        "participation": [str(row.id) for row in prompts],
        "on_time": [str(row.id) for row in due],
        "commitments": sorted({str(row.id) for row in commitments_named}),
        "blockers": sorted({str(row.id) for row in blockers_named}),
    }

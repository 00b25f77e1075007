"""The exported tables: what was said, promised and in the way, a record at a time."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from sqlmodel import col, select

from models.access import system_only
from models.blockers.tables import Blocker, BlockerEntry
from models.cadences.tables import Cadence
from models.checkins import queries as checkins
from models.checkins.tables import CheckIn, Prompt, Response
from models.commitments.tables import Commitment, CommitmentMove
from models.db import Tx
from models.engagements import queries as engagements
from models.engagements.queries import Crew
from models.engagements.tables import Engagement
from models.exports.answers import spoken
from models.exports.asked import questions
from models.exports.escalations import escalated
from models.exports.rules import Record, Wanted, midnight

_PORTION = 200


class Table(StrEnum):
    """What can be exported."""

    RESPONSES = "responses"
    COMMITMENTS = "commitments"
    BLOCKERS = "blockers"
    ESCALATIONS = "escalations"
    QUESTIONS = "questions"


# fmt: off
COLUMNS: dict[Table, Sequence[str]] = {
    Table.RESPONSES: (
        "engagement", "cadence", "local_date", "person", "slack_id", "side", "state", "reason", "deadline_at",
        "answered_at", "is_late", "version", "source", "question_id", "question", "answer",
    ),
    Table.COMMITMENTS: (
        "engagement", "number", "person", "slack_id", "side", "what", "promised_due", "current_due", "state",
        "made_at", "closed_on", "moves", "last_cause", "last_reason", "drop_reason",
    ),
    Table.BLOCKERS: (
        "engagement", "number", "state", "what", "raised_by", "raised_by_slack_id", "raised_side", "raised_at",
        "acting_side", "acting", "needed_by", "owner", "owned_at", "resolved_at", "resolved_by", "last_note",
    ),
    Table.ESCALATIONS: (
        "engagement", "number", "state", "severity", "against", "cause", "about", "what", "raised_at", "raised_by",
        "level", "owner_inhouse", "owner_provider", "acknowledged_at", "minutes_to_acknowledge", "in_target",
        "exhausted_at", "resolved_at", "resolved_by", "minutes_to_resolve", "reopened", "last_word",
    ),
    Table.QUESTIONS: (
        "engagement", "number", "what", "asker", "asker_slack_id", "asked_side", "asked", "asked_at", "state",
        "closed_at", "turn", "turn_began_at", "due_at", "answered_at", "answered_by", "working_minutes", "in_time",
    ),
}
# fmt: on
"""The columns of each table. New ones are added at the end."""


def records(tx: Tx, table: Table, engagement: Engagement, wanted: Wanted) -> Iterator[Record]:
    """The records of a table, in a stable order, read in portions. For the operator only."""
    system_only(tx)
    crew = engagements.crew(tx, engagement.workspace_id, engagement.id)
    read: dict[Table, Callable[[Tx, Engagement, Crew, Wanted], Iterator[Record]]] = {
        Table.RESPONSES: _responses,
        Table.COMMITMENTS: _commitments,
        Table.BLOCKERS: _blockers,
        Table.ESCALATIONS: escalated,
        Table.QUESTIONS: questions,
    }
    return read[table](tx, engagement, crew, wanted)


def _responses(tx: Tx, engagement: Engagement, crew: Crew, wanted: Wanted) -> Iterator[Record]:
    """Check-ins by local date; one record for each answer, or one that says why there is none."""
    rows = tx.session.exec(
        select(CheckIn.id, Cadence.title)
        .join(Cadence, (col(Cadence.id) == CheckIn.cadence_id) & (col(Cadence.workspace_id) == CheckIn.workspace_id))
        .where(
            CheckIn.workspace_id == engagement.workspace_id,
            CheckIn.engagement_id == engagement.id,
            CheckIn.local_date >= wanted.first,
            CheckIn.local_date <= wanted.last,
        )
        .order_by(col(CheckIn.local_date), col(CheckIn.opens_at), col(CheckIn.id))
    ).all()
    for checkin_id, title in rows:
        checkin = tx.one(CheckIn, engagement.workspace_id, checkin_id)
        prompts = [
            prompt for prompt in checkins.prompts(tx, checkin) if _is_wanted(crew, prompt.participant_id, wanted)
        ]
        for prompt in sorted(prompts, key=lambda prompt: (prompt.side, crew.who(prompt.participant_id).name)):
            head = _head(tx, engagement, title, checkin, prompt, crew)
            yield from _answers(tx, checkin, prompt, crew, head)
        tx.session.expunge_all()  # years of check-ins do not pile up in memory


def _head(tx: Tx, engagement: Engagement, title: str, checkin: CheckIn, prompt: Prompt, crew: Crew) -> Record:
    who = crew.who(prompt.participant_id)
    empty: Record = dict.fromkeys(COLUMNS[Table.RESPONSES])
    return empty | {
        "engagement": engagement.key,
        "cadence": title,
        "local_date": checkin.local_date,
        "person": who.name,
        "slack_id": who.slack_user_id,
        "side": prompt.side.value,
        "state": prompt.state.value,
        "reason": prompt.excuse or tx.unseal(prompt, "skip_reason"),
        "deadline_at": prompt.deadline_at,
        "answered_at": prompt.answered_at,
        "is_late": prompt.is_late,
    }


def _answers(tx: Tx, checkin: CheckIn, prompt: Prompt, crew: Crew, head: Record) -> Iterator[Record]:
    last: Response | None = checkins.latest_response(tx, prompt)
    if last is None:
        yield head
        return
    names = {participant_id: member.person.name for participant_id, member in crew.members.items()}
    numbers = _numbers(tx, prompt)
    given = spoken(checkins.questions(tx, checkin, prompt.side), checkins.said(tx, last), names, numbers)
    version: Record = {"version": last.version, "source": last.source.value}
    for question_id, question, answer in given:
        yield head | version | {"question_id": question_id, "question": question, "answer": answer}


def _numbers(tx: Tx, prompt: Prompt) -> dict[UUID, int]:
    """The numbers of a participant's commitments, which answers name by id."""
    rows = tx.session.exec(
        select(Commitment.id, Commitment.number).where(
            Commitment.workspace_id == prompt.workspace_id, Commitment.participant_id == prompt.participant_id
        )
    )
    return dict(rows.all())


def _commitments(tx: Tx, engagement: Engagement, crew: Crew, wanted: Wanted) -> Iterator[Record]:
    """By number; the dates are those first promised."""
    statement = (
        select(Commitment)
        .where(
            Commitment.workspace_id == engagement.workspace_id,
            Commitment.engagement_id == engagement.id,
            Commitment.promised_due >= wanted.first,
            Commitment.promised_due <= wanted.last,
        )
        .order_by(col(Commitment.number))
        .execution_options(yield_per=_PORTION)
    )
    for row in tx.session.exec(statement):
        if _is_wanted(crew, row.participant_id, wanted):
            yield _commitment(tx, engagement, crew, row)


def _commitment(tx: Tx, engagement: Engagement, crew: Crew, row: Commitment) -> Record:
    moves = tx.session.exec(
        select(CommitmentMove)
        .where(CommitmentMove.workspace_id == row.workspace_id, CommitmentMove.commitment_id == row.id)
        .order_by(col(CommitmentMove.id))
    ).all()
    who = crew.who(row.participant_id)
    return {
        "engagement": engagement.key,
        "number": f"C-{row.number}",
        "person": who.name,
        "slack_id": who.slack_user_id,
        "side": row.side.value,
        "what": tx.unseal(row, "what"),
        "promised_due": row.promised_due,
        "current_due": row.current_due,
        "state": row.state.value,
        "made_at": row.made_at,
        "closed_on": row.closed_on,
        "moves": len(moves),
        "last_cause": moves[-1].cause.value if moves else None,
        "last_reason": tx.unseal(moves[-1], "reason") if moves else None,
        "drop_reason": tx.unseal(row, "drop_reason"),
    }


def _blockers(tx: Tx, engagement: Engagement, crew: Crew, wanted: Wanted) -> Iterator[Record]:
    """By number; the dates are those (UTC) on which they were raised."""
    start, end = midnight(wanted.first), midnight(wanted.last + timedelta(days=1))
    statement = (
        select(Blocker)
        .where(
            Blocker.workspace_id == engagement.workspace_id,
            Blocker.engagement_id == engagement.id,
            Blocker.raised_at >= start,
            Blocker.raised_at < end,
        )
        .order_by(col(Blocker.number))
        .execution_options(yield_per=_PORTION)
    )
    for row in tx.session.exec(statement):
        if _is_wanted(crew, row.raised_by_id, wanted):
            yield _blocker(tx, engagement, crew, row)


def _blocker(tx: Tx, engagement: Engagement, crew: Crew, row: Blocker) -> Record:
    entries = tx.session.exec(
        select(BlockerEntry)
        .where(BlockerEntry.workspace_id == row.workspace_id, BlockerEntry.blocker_id == row.id)
        .order_by(col(BlockerEntry.id))
    ).all()
    notes = [note for entry in entries if (note := tx.unseal(entry, "note"))]
    raised_by, owner, acting, resolved_by = (
        crew.maybe(participant_id)
        for participant_id in (row.raised_by_id, row.owner_id, row.acting_id, row.resolved_by_id)
    )
    return {
        "engagement": engagement.key,
        "number": f"B-{row.number}",
        "state": row.state.value,
        "what": tx.unseal(row, "what"),
        "raised_by": raised_by.name if raised_by else None,
        "raised_by_slack_id": raised_by.slack_user_id if raised_by else None,
        "raised_side": row.raised_side.value,
        "raised_at": row.raised_at,
        "acting_side": row.acting_side.value,
        "acting": acting.name if acting else None,
        "needed_by": row.needed_by,
        "owner": owner.name if owner else None,
        "owned_at": row.owned_at,
        "resolved_at": row.resolved_at,
        "resolved_by": resolved_by.name if resolved_by else None,
        "last_note": notes[-1] if notes else None,
    }


def _is_wanted(crew: Crew, participant_id: UUID, wanted: Wanted) -> bool:
    who = crew.who(participant_id)
    return wanted.side in (None, who.side) and wanted.slack_user_id in (None, who.slack_user_id)

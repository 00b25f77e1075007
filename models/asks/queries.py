"""Reads of questions across the line."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from models.access import Side
from models.asks import rules
from models.asks.rules import OPEN, AskEvent, AskState, Course, Happening
from models.asks.tables import Ask, AskEntry
from models.asks.views import AskCard, AskLine, Nudge
from models.calendars.working_time import working_days_between, working_time_between
from models.db import Tx
from models.engagements import queries as engagements
from models.engagements.queries import Crew
from models.engagements.tables import Engagement
from models.engagements.views import Parties
from models.outbox import queries as posts
from models.prepared import at, is_at, is_named

CARD = "ask.card"


def open_rows(tx: Tx, workspace_id: str, engagement_id: UUID) -> tuple[Ask, ...]:
    """Questions that somebody still has a turn on, oldest first."""
    return open_in(tx, workspace_id, [engagement_id])


def open_in(tx: Tx, workspace_id: str, engagement_ids: Collection[UUID]) -> tuple[Ask, ...]:
    """The same of several engagements."""
    return tuple(tx.session.exec(_OPEN_IN, params=at(workspace_id, named=engagement_ids)))


_OPEN_IN = select(Ask).where(is_named(Ask, Ask.engagement_id), col(Ask.state).in_(list(OPEN))).order_by(col(Ask.number))


def open_lines(tx: Tx, crew: Crew, workspace_id: str, engagement_id: UUID) -> tuple[AskLine, ...]:
    """The same as shown in lists, the most pressing first: overdue, then waiting for an answer, then by due time."""
    found = [line(tx, crew, row, tx.now) for row in open_rows(tx, workspace_id, engagement_id)]
    latest = datetime.max.replace(tzinfo=tx.now.tzinfo)
    return tuple(
        sorted(
            found,
            key=lambda item: (
                not item.is_overdue,
                item.state is not AskState.WAITING,
                item.until or latest,
                item.number,
            ),
        )
    )


def waiting_for(tx: Tx, engagement_id: UUID, side: Side) -> tuple[AskLine, ...]:
    """Open questions on which it is a side's turn: to answer, or to say whether the reply is enough.

    The most pressing first. Raises NotFound for who is not on the roster.
    """
    engagement = engagements.viewable(tx, engagement_id)
    crew = engagements.crew(tx, engagement.workspace_id, engagement.id)
    found = open_lines(tx, crew, engagement.workspace_id, engagement.id)
    return tuple(item for item in found if item.turn is side)


def listed(tx: Tx, engagement_id: UUID) -> tuple[Parties, tuple[AskLine, ...]]:
    """All open questions of an engagement, both ways. Raises NotFound for who is not on the roster."""
    engagement = engagements.viewable(tx, engagement_id)
    crew = engagements.crew(tx, engagement.workspace_id, engagement.id)
    return engagements.parties(tx, engagement), open_lines(tx, crew, engagement.workspace_id, engagement.id)


def by_number(tx: Tx, workspace_id: str, engagement_id: UUID, number: int, *, lock: bool = False) -> Ask | None:
    """The question with this number."""
    statement = select(Ask).where(
        Ask.workspace_id == workspace_id, Ask.engagement_id == engagement_id, Ask.number == number
    )
    return tx.session.exec(statement.with_for_update() if lock else statement).one_or_none()


def by_message(tx: Tx, workspace_id: str, channel_id: str, ts: str, *, lock: bool = False) -> Ask | None:
    """The question that a message asks. With `lock` it stays so until the commit."""
    statement = select(Ask).where(Ask.workspace_id == workspace_id, Ask.channel_id == channel_id, Ask.ts == ts)
    return tx.session.exec(statement.with_for_update() if lock else statement).one_or_none()


def by_source(tx: Tx, workspace_id: str, source_key: str) -> Ask | None:
    """The question with this natural key."""
    return tx.session.exec(_BY_SOURCE, params=at(workspace_id, source=source_key)).one_or_none()


_BY_SOURCE = select(Ask).where(is_at(Ask, Ask.source_key, "source"))


def of_prompt(tx: Tx, workspace_id: str, prompt_id: UUID) -> tuple[Ask, ...]:
    """Questions that one answer to a check-in asked."""
    return tuple(tx.session.exec(_OF_PROMPT, params=at(workspace_id, prompt=prompt_id)))


_OF_PROMPT = select(Ask).where(is_at(Ask, Ask.prompt_id, "prompt")).order_by(col(Ask.number))


def in_thread(tx: Tx, workspace_id: str, channel_id: str, thread_ts: str) -> tuple[Ask, ...]:
    """Questions for which the replies of a thread count, locked: asked in it, or its first message is their card."""
    own = posts.post_at(tx, workspace_id, channel_id, thread_ts)
    is_of_thread = (col(Ask.channel_id) == channel_id) & (col(Ask.thread_ts) == thread_ts)
    if own is not None and own.kind == CARD:
        is_of_thread |= col(Ask.id) == own.subject_id
    statement = select(Ask).where(Ask.workspace_id == workspace_id, is_of_thread).order_by(col(Ask.number))
    return tuple(tx.session.exec(statement.with_for_update()))


def entries(tx: Tx, ask: Ask) -> tuple[AskEntry, ...]:
    """Everything that happened to a question, deleted messages included, in the order in which it was written."""
    return tuple(tx.session.exec(_ENTRIES, params=at(ask.workspace_id, ask=ask.id)))


_ENTRIES = select(AskEntry).where(is_at(AskEntry, AskEntry.ask_id, "ask")).order_by(col(AskEntry.id))


def entries_at(tx: Tx, workspace_id: str, channel_id: str, ts: str) -> tuple[AskEntry, ...]:
    """What one message is to the questions it was heard for."""
    return tuple(
        tx.session.exec(
            select(AskEntry).where(
                AskEntry.workspace_id == workspace_id, AskEntry.channel_id == channel_id, AskEntry.ts == ts
            )
        )
    )


def course(found: Sequence[AskEntry]) -> Course:
    """The course that the entries which stand come to."""
    return rules.course(Happening(item.id, item.event, item.at, item.until) for item in found if not item.is_deleted)


def line(tx: Tx, crew: Crew, row: Ask, now: datetime) -> AskLine:
    """A question as shown in a list."""
    turn = rules.turn_of(row.state, row.asked_side)
    hours = crew.hours(turn or row.asked_side)
    until = row.closed_at or now
    return AskLine(
        id=row.id,
        number=row.number,
        what=tx.unseal(row, "what"),
        state=row.state,
        asker=crew.who(row.asker_id),
        asked_side=row.asked_side,
        asked=crew.maybe(row.asked_id),
        asked_at=row.asked_at,
        since=row.since,
        until=row.until,
        age_days=int(working_days_between(hours, row.since, max(until, row.since))),
        is_overdue=row.state is AskState.WAITING and row.until is not None and now > row.until,
        turn=turn,
    )


def card(tx: Tx, workspace_id: str, ask_id: UUID) -> AskCard:
    """A question's card."""
    row = tx.one(Ask, workspace_id, ask_id)
    crew = engagements.crew(tx, workspace_id, row.engagement_id)
    found = entries(tx, row)
    now_is = course(found)
    ended = [turn for turn in now_is.turns if turn.ended_at]
    closing = next((item for item in found if item.id == now_is.begun_by), None)
    return AskCard(
        line=line(tx, crew, row, tx.now),
        parties=engagements.parties(tx, tx.one(Engagement, workspace_id, row.engagement_id)),
        has_own_thread=row.thread_ts is None,
        replied_by=crew.maybe(_last_replier(found, now_is)),
        replied_after=working_time_between(crew.hours(row.asked_side), ended[-1].started_at, ended[-1].ended_at)
        if ended and ended[-1].ended_at
        else None,
        rounds=len(now_is.turns),
        closed_by=crew.maybe(closing.by_id) if closing and row.closed_at else None,
    )


def nudge(tx: Tx, workspace_id: str, ask_id: UUID, turn: UUID, to_id: UUID | None) -> Nudge:
    """What the nudge about one turn says now; `to_id` is the person whom it goes to."""
    row = tx.one(Ask, workspace_id, ask_id)
    crew = engagements.crew(tx, workspace_id, row.engagement_id)
    found = course(entries(tx, row))
    to = next((member.who for member in crew.active() if member.person.id == to_id), None)
    return Nudge(
        line=line(tx, crew, row, tx.now),
        parties=engagements.parties(tx, tx.one(Engagement, workspace_id, row.engagement_id)),
        channel_id=row.channel_id,
        is_current=found.state is AskState.WAITING and found.begun_by == turn,
        to=to,
    )


def _last_replier(found: Iterable[AskEntry], now_is: Course) -> UUID | None:
    ends = {turn.ended_at for turn in now_is.turns if turn.ended_at}
    replies = [item for item in found if item.event is AskEvent.REPLIED and not item.is_deleted and item.at in ends]
    return max(replies, key=lambda item: item.at).by_id if replies else None

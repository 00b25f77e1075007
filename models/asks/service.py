"""A question's life: asked across the line, replied to, asked again, closed by its side. See `silence` for the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from models import access
from models.access import ASKED, Membership, Permission, Side, system_only
from models.activity import service as activity
from models.asks import cards, queries, rules, silence
from models.asks.reading import LONGEST
from models.asks.rules import OPEN, AskEvent, AskState
from models.asks.tables import Ask, AskEntry
from models.calendars.working_time import add_working_days, add_working_time
from models.db import Tx
from models.engagements import queries as engagements
from models.engagements.queries import Crew
from models.engagements.rules import EngagementState
from models.engagements.tables import Engagement, Participant
from models.errors import Conflict, Invalid, NotAllowed
from models.outbox import queries as posts
from models.outbox import service as outbox

_DAY = timedelta(days=1)
_OWN_SIDE = "{} asked this, and their people say whether it is answered. Please reply in its thread instead."


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a question comes from: a message, or an answer to a check-in."""

    source_key: str
    ts: str | None = None
    thread_ts: str | None = None
    checkin_id: UUID | None = None
    prompt_id: UUID | None = None


def mark(tx: Tx, engagement_id: UUID, *, channel_id: str, ts: str, thread_ts: str, text: str, author: str = "") -> UUID:
    """Mark a message of the shared channel as a question that needs an answer; the question's id.

    It is the question of the message's `author` (Slack user id), if they are on the roster, else the actor's own.
    The same message twice is the same question. In a check-in's thread, where every reply is an answer to the
    check-in, it gets a card with a thread of its own.
    Raises NotFound, NotAllowed, Conflict outside the shared channel, Invalid for an empty text.
    """
    place = access.place_of(tx, engagement_id, Permission.ASK_RAISE)
    engagement = engagements.viewable(tx, engagement_id)
    if channel_id != engagement.channel_id:
        raise Conflict("A question to the other side has to stand in the shared channel, where they can see it.")
    known = queries.by_message(tx, engagement.workspace_id, channel_id, ts)
    if known is not None:
        return known.id
    crew = engagements.crew(tx, engagement.workspace_id, engagement_id)
    asker = next((item for item in crew.active() if item.person.slack_user_id == author and item.is_asked), None)
    by = (asker or crew.members[place.participant_id]).participant
    root = posts.post_at(tx, engagement.workspace_id, channel_id, thread_ts)
    origin = Origin(
        source_key=f"message:{channel_id}:{ts}",
        ts=ts,
        thread_ts=None if root is not None and root.kind == "checkin.board" else thread_ts,
    )
    return ask(tx, engagement, by, text, origin, marked_by_id=place.participant_id).id


def ask(
    tx: Tx, engagement: Engagement, by: Participant, text: str, origin: Origin, *, marked_by_id: UUID | None = None
) -> Ask:
    """Record a new question to the other side and post its card: under the message that asks, else on its own."""
    if not text.strip():
        raise Invalid({"what": "Please write what you want to know."})
    crew = engagements.crew(tx, engagement.workspace_id, engagement.id)
    row = Ask(
        workspace_id=engagement.workspace_id,
        engagement_id=engagement.id,
        number=engagements.next_number(tx, engagement.workspace_id, engagement.id, "ask_count"),
        what="",  # type: ignore[arg-type]  # sealed below: the envelope is bound to the row's id
        asker_id=by.id,
        marked_by_id=marked_by_id or by.id,
        asked_side=by.side.other,
        asked_id=_named(crew, text, by.side.other),
        asked_at=tx.now,
        since=tx.now,
        channel_id=engagement.channel_id,
        ts=origin.ts,
        thread_ts=origin.thread_ts,
        checkin_id=origin.checkin_id,
        prompt_id=origin.prompt_id,
        source_key=origin.source_key,
    )
    row.what = tx.seal(row, "what", _cut(text))
    tx.add(row)
    key, channel_id = cards.card_key(row), row.channel_id if row.thread_ts else None
    outbox.post(tx, engagement, queries.CARD, row.id, key=key, channel_id=channel_id, thread_ts=row.thread_ts)
    enter(tx, row, AskEvent.ASKED, tx.now, row.marked_by_id)
    follow(tx, row)
    activity.record(tx, "ask.asked", row, after={"asked_side": row.asked_side.value})
    return row


def answered(tx: Tx, ask_id: UUID) -> None:
    """Say that a question is answered. For the side that asked."""
    _close(tx, ask_id, AskEvent.ANSWERED)


def withdraw(tx: Tx, ask_id: UUID) -> None:
    """Say that a question needs no answer any more. For the side that asked."""
    _close(tx, ask_id, AskEvent.WITHDRAWN)


def reopen(tx: Tx, ask_id: UUID) -> None:
    """Ask a question again: the reply was not enough, or it was closed too early. For the side that asked."""
    row, place = _own(tx, ask_id)
    if row.state is AskState.WAITING:
        raise Conflict(f"Q-{row.number} waits for an answer already. Nothing was changed.")
    happened(tx, row, AskEvent.REOPENED, place.participant_id)


def happened(tx: Tx, row: Ask, event: AskEvent, by_id: UUID | None) -> None:
    """Record what was pressed or said, and bring the question to it."""
    enter(tx, row, event, tx.now, by_id)
    follow(tx, row)
    activity.record(tx, f"ask.{event.value}", row)


def reword(tx: Tx, row: Ask, text: str) -> None:
    """Follow an edit of the words that ask."""
    if not text.strip() or _cut(text) == tx.unseal(row, "what"):
        return
    crew = engagements.crew(tx, row.workspace_id, row.engagement_id)
    row.what, row.asked_id = tx.seal(row, "what", _cut(text)), _named(crew, text, row.asked_side)
    cards.show(tx, row)


def may_close(row: Ask, place: Membership) -> bool:
    """Whether this participant speaks for the side that asked."""
    return place.side is not row.asked_side and place.role in ASKED


def advance(tx: Tx, asks: Sequence[Ask]) -> None:
    """Nudge the side that lets a question wait past its time, then escalate; take a reply as enough. Step."""
    system_only(tx)
    for row in asks:
        engagement = tx.one(Engagement, row.workspace_id, row.engagement_id)
        if engagement.state is EngagementState.PAUSED:
            row.due_at = tx.now + _DAY
        elif engagement.state is not EngagementState.ACTIVE:
            row.due_at = None
        elif row.state is AskState.REPLIED:
            happened(tx, row, AskEvent.SETTLED, None)
        else:
            silence.look(tx, engagement, row)


def enter(tx: Tx, row: Ask, event: AskEvent, at: datetime, by_id: UUID | None) -> AskEntry:
    """Write down one thing that happened, with the time by which the next word is due."""
    entry = AskEntry(
        workspace_id=row.workspace_id,
        engagement_id=row.engagement_id,
        ask_id=row.id,
        event=event,
        at=at,
        until=until(tx, row, event, at),
        by_id=by_id,
    )
    return tx.add(entry)


def until(tx: Tx, row: Ask, event: AskEvent, at: datetime) -> datetime | None:
    """By when the next word is due after an event: in the working time of the side that has to give it."""
    crew = engagements.crew(tx, row.workspace_id, row.engagement_id)
    match event:
        case AskEvent.ASKED | AskEvent.FOLLOWED_UP | AskEvent.REOPENED:
            minutes = tx.one(Engagement, row.workspace_id, row.engagement_id).answer_minutes
            return add_working_time(crew.hours(row.asked_side), at, timedelta(minutes=minutes))
        case AskEvent.REPLIED:
            return add_working_days(crew.hours(row.asked_side.other), at, rules.SETTLED_AFTER_DAYS)
        case _:
            return None


def follow(tx: Tx, row: Ask) -> None:
    """Bring a question to what all its entries come to, and everything that shows it."""
    tx.session.flush()
    found = queries.entries(tx, row)
    now_is = queries.course(found)
    row.state, row.since, row.until = now_is.state, now_is.since, now_is.until
    row.closed_at = None if now_is.state in OPEN else now_is.since
    silence.broken(tx, row, now_is, next(item.by_id for item in found if item.id == now_is.begun_by))
    silence.set_due(tx, row, now_is)
    cards.show(tx, row)


def _close(tx: Tx, ask_id: UUID, event: AskEvent) -> None:
    row, place = _own(tx, ask_id)
    if row.state not in OPEN:
        raise Conflict(f"Q-{row.number} is {row.state} already. Nothing was changed.")
    happened(tx, row, event, place.participant_id)


def _own(tx: Tx, ask_id: UUID) -> tuple[Ask, Membership]:
    row = access.load(tx, Ask, ask_id, Permission.ASK_CLOSE, lock=True)
    place = access.place_of(tx, row.engagement_id, Permission.ASK_CLOSE)
    if not may_close(row, place):
        raise NotAllowed(_OWN_SIDE.format(engagements.side_name(tx, row.engagement_id, row.asked_side.other)))
    return row, place


def _named(crew: Crew, text: str, side: Side) -> UUID | None:
    """The first person of a side whom a text mentions."""
    found = [
        (text.find(f"@{member.person.slack_user_id}"), member.participant.id)
        for member in crew.active()
        if member.participant.side is side and member.is_asked
    ]
    return min(((at, key) for at, key in found if at >= 0), default=(0, None), key=lambda item: item[0])[1]


def _cut(text: str) -> str:
    """What is kept of a question: without halves of characters, which no encoding can store."""
    return text.strip()[:LONGEST].encode("utf-8", "replace").decode()

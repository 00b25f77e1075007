"""Replies in the threads of questions, and words on a question by its number. Edits and deletions are followed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from models.access import Membership, Role
from models.activity import service as activity
from models.asks import queries, reading, rules, service
from models.asks.reading import Word
from models.asks.rules import OPEN, AskEvent
from models.asks.tables import Ask, AskEntry
from models.db import Tx
from models.engagements import queries as engagements
from models.engagements.tables import Participant

_SKEW = timedelta(minutes=2)
"""How much earlier than the question a message may seem: Slack's clock is not ours."""

_MARKS = {Word.ANSWERED: AskEvent.ANSWERED, Word.WITHDRAWN: AskEvent.WITHDRAWN, Word.AGAIN: AskEvent.REOPENED}


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a message stands in a channel; `thread_ts` is none at the top level."""

    channel_id: str
    thread_ts: str | None
    ts: str


def heard(tx: Tx, *, channel_id: str, thread_ts: str | None, ts: str, text: str) -> bool:
    """Take a person's message in a channel: a reply in a question's thread, or one that begins with "Q-7".

    False when it concerns no question; then nothing is stored. A message that was heard before changes nothing.
    """
    return _hear(tx, Spot(channel_id, thread_ts, ts), text, "")


def edited(tx: Tx, *, channel_id: str, thread_ts: str | None, ts: str, text: str, revision: str) -> bool:
    """Follow an edit: of the words that ask, or of a reply. False when it concerns no question."""
    own = queries.by_message(tx, tx.actor.workspace_id, channel_id, ts, lock=True)
    if own is not None and own.revision < revision and _wrote(tx, own):
        own.revision = revision
        service.reword(tx, own, _what(tx, own, text))
    return _hear(tx, Spot(channel_id, thread_ts, ts), text, revision) or own is not None


def deleted(tx: Tx, *, channel_id: str, thread_ts: str | None, ts: str) -> bool:
    """Follow a deletion: a reply counts no more; the message that asks takes its question back."""
    workspace_id = tx.actor.workspace_id
    own = queries.by_message(tx, workspace_id, channel_id, ts, lock=True)
    if own is not None and own.state in OPEN and _wrote(tx, own):
        service.happened(tx, own, AskEvent.WITHDRAWN, own.asker_id)
    known = queries.entries_at(tx, workspace_id, channel_id, ts)
    for entry in known:
        if not entry.is_deleted:
            _take_out(tx, entry)
    if not known and thread_ts and own is None:
        _never_said(tx, Spot(channel_id, thread_ts, ts))
    return bool(known) or own is not None


def _what(tx: Tx, row: Ask, text: str) -> str:
    """What an edited message asks: all of it, unless in a check-in's thread only its question was marked."""
    said = reading.asked(text)
    if said is not None:
        return said
    before = tx.unseal(row, "what")
    is_part = row.thread_ts is None and reading.asking(before) == before
    return (reading.asking(text) if is_part else "") or text


def _hear(tx: Tx, spot: Spot, text: str, revision: str) -> bool:
    asks = _concerned(tx, spot, text)
    known = {entry.ask_id: entry for entry in queries.entries_at(tx, tx.actor.workspace_id, spot.channel_id, spot.ts)}
    if revision:
        for entry in known.values():
            if entry.ask_id not in {row.id for row in asks} and not entry.is_deleted and entry.revision < revision:
                _take_out(tx, entry)  # it speaks of another question now
    taken = [_take(tx, row, spot, text, revision, known.get(row.id)) for row in asks]
    return any(taken) or bool(known)


def _concerned(tx: Tx, spot: Spot, text: str) -> Sequence[Ask]:
    """The question a text names by its number, else all of its thread; never the one it asks itself."""
    workspace_id = tx.actor.workspace_id
    if (named := reading.named(text)) is not None:
        engagement = engagements.engagement_in_channel(tx, workspace_id, spot.channel_id)
        if engagement is not None and engagement.channel_id == spot.channel_id:
            row = queries.by_number(tx, workspace_id, engagement.id, named.number, lock=True)
            if row is not None:
                return [row] if row.ts != spot.ts else []
    if spot.thread_ts is None:
        return []
    return [row for row in queries.in_thread(tx, workspace_id, spot.channel_id, spot.thread_ts) if row.ts != spot.ts]


def _take(tx: Tx, row: Ask, spot: Spot, text: str, revision: str, entry: AskEntry | None) -> bool:
    """What a message is to one question. False when it is nothing to it."""
    place = tx.actor.membership(row.engagement_id)
    event = _event(tx, row, place, text) if place is not None else None
    if place is None or event is None:
        return False
    if entry is not None and (entry.is_deleted or entry.revision >= revision):
        return True
    written = _moment(spot.ts)
    if entry is None and not _is_in_time(row, event, written):
        return False
    if entry is None:
        entry = service.enter(tx, row, event, _within(tx, row, written), place.participant_id)
        entry.channel_id, entry.ts, entry.revision = spot.channel_id, spot.ts, revision
        activity.record(tx, f"ask.{event.value}", row)
    else:
        _change(tx, row, entry, event, revision)
    service.follow(tx, row)
    return True


def _event(tx: Tx, row: Ask, place: Membership, text: str) -> AskEvent | None:
    """What a text of this participant says; none when it is for others to say something here.

    "Q-7 answered" and the like are for the side that asked; from the other side they are a reply like any other.
    """
    named = reading.named(text)
    if named is not None and named.word is not None and service.may_close(row, place):
        return _MARKS[named.word]
    is_asker = _is_asker(tx, row, place)
    if place.role is Role.OBSERVER or not (is_asker or place.side is row.asked_side):
        return None
    return rules.heard_as(named.rest if named else text, by_asker=is_asker)


def _is_in_time(row: Ask, event: AskEvent, written: datetime) -> bool:
    """Whether a message can concern the question: not what was said before it, nor talk after it was closed."""
    if written < row.asked_at - _SKEW:
        return False
    return row.closed_at is None or written <= row.closed_at or event is AskEvent.REOPENED


def _change(tx: Tx, row: Ask, entry: AskEntry, event: AskEvent, revision: str) -> None:
    """Thanks that were edited into more say it only now."""
    if entry.event is AskEvent.THANKED and event is not AskEvent.THANKED:
        entry.at = _within(tx, row, _moment(revision))
    entry.event, entry.revision = event, revision
    entry.until = service.until(tx, row, event, entry.at)


def _take_out(tx: Tx, entry: AskEntry) -> None:
    row = tx.get(Ask, entry.workspace_id, entry.ask_id, lock=True)
    entry.is_deleted = True
    if row is not None:
        service.follow(tx, row)


def _never_said(tx: Tx, spot: Spot) -> None:
    """Remember a deletion, should the message itself still come."""
    for row in queries.in_thread(tx, tx.actor.workspace_id, spot.channel_id, spot.thread_ts or ""):
        place = tx.actor.membership(row.engagement_id)
        if place is not None and row.state in OPEN:
            entry = service.enter(tx, row, AskEvent.THANKED, tx.now, place.participant_id)
            entry.channel_id, entry.ts, entry.is_deleted = spot.channel_id, spot.ts, True


def _is_asker(tx: Tx, row: Ask, place: Membership) -> bool:
    """The asker; once they have left the roster, their side."""
    if place.participant_id == row.asker_id:
        return True
    asker = tx.one(Participant, row.workspace_id, row.asker_id)
    return not asker.is_active and place.side is not row.asked_side


def _wrote(tx: Tx, row: Ask) -> bool:
    """Whether the actor wrote the message that asks; who marked somebody else's words did not."""
    asker = tx.one(Participant, row.workspace_id, row.asker_id)
    return asker.person_id == tx.actor.person_id


def _within(tx: Tx, row: Ask, moment: datetime) -> datetime:
    """The moment, not before the question nor after now."""
    return min(max(moment, row.asked_at), tx.now)


def _moment(ts: str) -> datetime:
    """The instant a Slack ts names; the beginning of time for one that names none."""
    try:
        return datetime.fromtimestamp(float(ts), UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)

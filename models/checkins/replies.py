"""Plain replies: in a check-in's thread, or in the bot's direct message. Edits and deletions are followed.

The first reply of somebody who has not answered is their answer. Later ones count when a line follows a convention
(`models.checkins.reading`), so that people can talk in the thread. Slack keeps no order, and we may have been away:
what counts is when something was written, by Slack's clock, not when it came.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from models.access import ASKED, Permission
from models.base import Sealed
from models.checkins import effects, lifecycle, queries, rules, service
from models.checkins.choices import answerable
from models.checkins.queries import latest_response, prompt_of
from models.checkins.reading import Heard
from models.checkins.rules import CheckInState, PromptState, Source
from models.checkins.submissions import Submission
from models.checkins.tables import CheckIn, Prompt, Reply, Response
from models.db import Tx
from models.engagements.tables import Participant
from models.errors import Conflict
from models.outbox import queries as posts
from models.outbox import service as outbox

_OVERTAKEN = 25 * 3600.0
"""Seconds within which an edit or a deletion may have overtaken the message itself.

Slack brings what it could not deliver again for a day (its "Delayed Events"), in no order.
"""

_SKEW = timedelta(minutes=2)
"""How far Slack's clock may be from ours."""


def heard(tx: Tx, *, channel_id: str, thread_ts: str | None, ts: str, text: str) -> bool:
    """Take a person's message: a reply in the thread of a board of ours, or (no `thread_ts`) a direct message.

    False when it is no answer to anything: talk, a stranger, another thread; then nothing is stored.
    A message that was heard before changes nothing.
    """
    return _hear(tx, Place(channel_id, thread_ts, ts), text)


def edited(
    tx: Tx,
    *,
    channel_id: str,
    ts: str,
    text: str,
    revision: str,
    thread_ts: str | None = None,
    is_direct: bool = False,
) -> bool:
    """Follow an edit of a reply that was heard. False when it is none of ours.

    With `thread_ts` or `is_direct`, an edit that comes before the message itself is taken for the message.
    """
    reply = queries.reply_at(tx, tx.actor.workspace_id, channel_id, ts)
    if reply is None and (thread_ts or is_direct) and _seconds(revision) - _seconds(ts) <= _OVERTAKEN:
        return _hear(tx, Place(channel_id, None if is_direct else thread_ts, ts), text, revision)
    if reply is None or _is_followed(reply, revision):
        return reply is not None
    found, at = _locked(tx, reply), _moment(tx, revision)
    if _is_followed(reply, revision) or found is None or service.closed_because(tx, found[0], at):
        return True
    checkin, prompt = found
    reply.text, reply.revision = tx.seal(reply, "text", _clean(text)), revision
    _follow(tx, checkin, prompt, _source_of(tx, prompt), f"{channel_id}:{ts}:{revision}", at)
    return True


def deleted(
    tx: Tx, *, channel_id: str, ts: str, revision: str = "", thread_ts: str | None = None, is_direct: bool = False
) -> bool:
    """Follow the deletion (at `revision`) of a reply that was heard. False when it is none of ours.

    With `thread_ts` or `is_direct`, a message that is deleted before it was heard is not heard afterwards.
    A check-in that takes no answers any more keeps what was said in its answer; the reply's own text goes.
    """
    reply = queries.reply_at(tx, tx.actor.workspace_id, channel_id, ts)
    if reply is None and (thread_ts or is_direct) and tx.now.timestamp() - _seconds(ts) <= _OVERTAKEN:
        return _never_said(tx, Place(channel_id, None if is_direct else thread_ts, ts))
    if reply is None or reply.is_deleted:
        return reply is not None
    found, at = _locked(tx, reply), _moment(tx, revision)
    reply.is_deleted, reply.text = True, Sealed("")
    if found and service.closed_because(tx, found[0], at) is None:
        checkin, prompt = found
        _follow(tx, checkin, prompt, _source_of(tx, prompt), f"{channel_id}:{ts}:deleted", at)
    return True


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message stands in Slack; without a thread it is a direct message."""

    channel_id: str
    thread_ts: str | None
    ts: str


def _hear(tx: Tx, place: Place, text: str, revision: str = "") -> bool:
    found = _addressed(tx, place)
    if queries.reply_at(tx, tx.actor.workspace_id, place.channel_id, place.ts):
        return True
    at = _moment(tx, place.ts)
    if found is None or service.closed_because(tx, found[0], at):
        return False
    checkin, prompt = found
    text = _clean(text)
    understood = effects.understand(tx, checkin, prompt, text)
    if not _counts(checkin, prompt, understood) and not _came_late(tx, prompt, place, understood):
        return False
    if not understood.is_conventional and not place.thread_ts and _is_after(checkin, place):
        return False  # it was talk when it was written
    _keep(tx, checkin, prompt, place, text, revision)
    source = Source.THREAD if place.thread_ts else Source.DIRECT
    _follow(tx, checkin, prompt, source, f"{place.channel_id}:{place.ts}", at)
    return True


def _counts(checkin: CheckIn, prompt: Prompt, understood: Heard) -> bool:
    """Whether a message is part of an answer, and no talk."""
    if understood.skip_reason:
        can_skip = prompt.state in rules.PENDING or prompt.state is PromptState.SKIPPED
        return can_skip and checkin.state is not CheckInState.CLOSED
    if prompt.state is PromptState.ANSWERED or checkin.state is CheckInState.SCHEDULED:
        return understood.is_conventional
    return understood.submission != Submission()


def _came_late(tx: Tx, prompt: Prompt, place: Place, understood: Heard) -> bool:
    """Whether a message is the first thing somebody said, and something they said after it has overtaken it."""
    if prompt.state is not PromptState.ANSWERED or understood.submission == Submission():
        return False
    last = latest_response(tx, prompt)
    said = [_seconds(reply.ts) for reply in queries.replies(tx, prompt)]
    if prompt.answered_at and last and queries.form_part(tx, last):
        said.append(prompt.answered_at.timestamp())
    return bool(said) and _seconds(place.ts) < min(said)


def _is_after(checkin: CheckIn, place: Place) -> bool:
    """Whether a check-in has opened, or will, after the message was written."""
    return _seconds(place.ts) < ((checkin.opened_at or checkin.opens_at) - _SKEW).timestamp()


def _never_said(tx: Tx, place: Place) -> bool:
    """Remember a deletion, should the message itself still come."""
    found = _addressed(tx, place)
    if found is None:
        return False
    _keep(tx, *found, place, "", "").is_deleted = True
    return True


def _keep(tx: Tx, checkin: CheckIn, prompt: Prompt, place: Place, text: str, revision: str) -> Reply:
    reply = Reply(
        workspace_id=checkin.workspace_id,
        engagement_id=checkin.engagement_id,
        prompt_id=prompt.id,
        channel_id=place.channel_id,
        ts=place.ts,
        revision=revision,
        text="",  # type: ignore[arg-type]  # sealed below: the envelope is bound to the row's id
    )
    reply.text = tx.seal(reply, "text", text)
    return tx.add(reply)


def _follow(tx: Tx, checkin: CheckIn, prompt: Prompt, source: Source, key: str, at: datetime) -> None:
    """Bring the answer to the form's part, if any, and every reply that stands."""
    tx.session.flush()
    last = latest_response(tx, prompt)
    form = queries.form_part(tx, last) if last else None
    understood = effects.heard(tx, checkin, prompt)
    if form or any(item.submission != Submission() for item in understood):
        said = effects.said_with(tx, checkin, prompt, form)
        service.store(tx, checkin, prompt, form=form, said=said, source=source, source_key=f"reply:{key}", at=at)
        return
    _unsay(tx, checkin, prompt, last, source, key)
    reasons = [item.skip_reason for item in understood if item.skip_reason]
    if reasons and checkin.state is not CheckInState.CLOSED:
        service.mark_skipped(tx, checkin, prompt, reasons[-1])


def _unsay(tx: Tx, checkin: CheckIn, prompt: Prompt, last: Response | None, source: Source, key: str) -> None:
    """With the last reply gone and no form, the person has not answered, nor skipped, any more."""
    if last and not last.is_withdrawn:
        service.store(tx, checkin, prompt, form=None, said=Submission(), source=source, source_key=f"reply:{key}")
        tx.session.flush()
        empty = latest_response(tx, prompt)
        assert empty is not None  # noqa: S101 (for the type checker)
        empty.is_withdrawn = True
    prompt.answered_at, prompt.is_late, prompt.skip_reason = None, False, None
    is_over = checkin.state is CheckInState.CLOSED and not prompt.excuse
    prompt.state = PromptState.MISSED if is_over else lifecycle.unanswered(prompt)
    lifecycle.set_prompt_due(prompt, checkin)
    outbox.refresh(tx, checkin.workspace_id, f"board:{checkin.id}")


def _addressed(tx: Tx, place: Place) -> tuple[CheckIn, Prompt] | None:
    return _in_thread(tx, place.channel_id, place.thread_ts) if place.thread_ts else _in_direct(tx, place)


def _in_thread(tx: Tx, channel_id: str, thread_ts: str) -> tuple[CheckIn, Prompt] | None:
    board = posts.post_at(tx, tx.actor.workspace_id, channel_id, thread_ts)
    if board is None or board.kind != "checkin.board":
        return None
    return _own(tx, board.subject_id)


def _in_direct(tx: Tx, place: Place) -> tuple[CheckIn, Prompt] | None:
    """A direct message answers what the person was asked last when they wrote it.

    That is an open check-in, a missed one, else the next.
    """
    at = _moment(tx, place.ts)
    asked = (CheckInState.OPEN, CheckInState.CLOSED, CheckInState.SCHEDULED)
    found = [(item, tx.one(CheckIn, tx.actor.workspace_id, item.checkin_id)) for item in answerable(tx, at)]
    states = {
        item.checkin_id: CheckInState.SCHEDULED if _is_after(checkin, place) else item.state for item, checkin in found
    }
    best = min(states, key=lambda checkin_id: asked.index(states[checkin_id]), default=None)
    return _own(tx, best) if best else None


def _own(tx: Tx, checkin_id: UUID) -> tuple[CheckIn, Prompt] | None:
    checkin = tx.get(CheckIn, tx.actor.workspace_id, checkin_id, lock=True)
    place = tx.actor.membership(checkin.engagement_id) if checkin else None
    if checkin is None or place is None or place.role not in ASKED or not place.grants(Permission.CHECKIN_ANSWER):
        return None
    prompt = prompt_of(tx, checkin, place.participant_id, lock=True)
    return (checkin, prompt) if prompt else None


def _locked(tx: Tx, reply: Reply) -> tuple[CheckIn, Prompt] | None:
    """What a reply of the actor's belongs to; none once they have left the roster: then what they said stands.

    The reply is read anew: another edit of it may have been followed while this one waited for its turn.
    """
    prompt = tx.one(Prompt, reply.workspace_id, reply.prompt_id)
    writer = tx.one(Participant, reply.workspace_id, prompt.participant_id)
    if writer.person_id != tx.actor.person_id:
        raise Conflict("Only the person who wrote a reply can change it.")
    own = _own(tx, prompt.checkin_id)
    tx.get(Reply, reply.workspace_id, reply.id, lock=True)
    return own


def _is_followed(reply: Reply, revision: str) -> bool:
    """Whether this edit, a later one or the deletion was followed already."""
    return reply.is_deleted or reply.revision >= revision


def _source_of(tx: Tx, prompt: Prompt) -> Source:
    last = latest_response(tx, prompt)
    return last.source if last and last.source in (Source.THREAD, Source.DIRECT) else Source.THREAD


def _clean(text: str) -> str:
    """The text without halves of characters, which no encoding can store."""
    return text.encode("utf-8", "replace").decode()


def _moment(tx: Tx, ts: str) -> datetime:
    """When something was said; now, for a ts that names no moment it can have been said at."""
    said = _seconds(ts)
    is_likely = (tx.now - rules.LATE_FOR).timestamp() < said < tx.now.timestamp()
    return datetime.fromtimestamp(said, UTC) if is_likely else tx.now


def _seconds(ts: str) -> float:
    """The moment a Slack ts names; 0 for one that names none."""
    try:
        return float(ts)
    except ValueError:
        return 0.0

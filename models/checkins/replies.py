"""Plain replies: in a check-in's thread, or in the bot's direct message. Edits and deletions are followed.

The first reply of somebody who has not answered is their answer. Later ones count when a line follows a convention
(`models.checkins.reading`), so that people can talk in the thread.
"""

from uuid import UUID

from models.access import ASKED, Permission
from models.checkins import effects, lifecycle, queries, service
from models.checkins.choices import answerable
from models.checkins.queries import latest_response, prompt_of
from models.checkins.rules import CheckInState, PromptState, Source
from models.checkins.tables import CheckIn, Prompt, Reply
from models.db import Tx
from models.errors import Conflict
from models.outbox import queries as posts
from models.outbox import service as outbox


def heard(tx: Tx, *, channel_id: str, thread_ts: str | None, ts: str, text: str) -> bool:
    """Take a person's message: a reply in the thread of a board of ours, or (no `thread_ts`) a direct message.

    False when it is no answer to anything: talk, a stranger, another thread; then nothing is stored.
    A message that was heard before changes nothing.
    """
    found = _in_thread(tx, channel_id, thread_ts) if thread_ts else _in_direct(tx)
    if found is None:
        return False
    checkin, prompt = found
    if queries.reply_at(tx, checkin.workspace_id, channel_id, ts):
        return True
    if service.closed_because(tx, checkin):
        return False
    understood = effects.understand(tx, checkin, prompt, text)
    if not understood.is_conventional and prompt.state is PromptState.ANSWERED:
        return False
    reply = Reply(
        workspace_id=checkin.workspace_id,
        engagement_id=checkin.engagement_id,
        prompt_id=prompt.id,
        channel_id=channel_id,
        ts=ts,
        text="",  # type: ignore[arg-type]  # sealed below: the envelope is bound to the row's id
    )
    reply.text = tx.seal(reply, "text", text)
    tx.add(reply)
    source = Source.THREAD if thread_ts else Source.DIRECT
    if understood.skip_reason and prompt.state in (PromptState.WAITING, PromptState.ASKED):
        service.skip(tx, checkin.id, understood.skip_reason)
    else:
        _answer(tx, checkin, prompt, source, f"{channel_id}:{ts}")
    return True


def edited(tx: Tx, *, channel_id: str, ts: str, text: str, revision: str) -> bool:
    """Follow an edit of a reply that was heard. False when it is none of ours."""
    reply = queries.reply_at(tx, tx.actor.workspace_id, channel_id, ts)
    if reply is None or reply.is_deleted or reply.revision >= revision:
        return reply is not None
    checkin, prompt = _locked(tx, reply)
    if service.closed_because(tx, checkin):
        return True
    reply.text, reply.revision = tx.seal(reply, "text", text), revision
    _answer(tx, checkin, prompt, _source_of(tx, prompt), f"{channel_id}:{ts}:{revision}")
    return True


def deleted(tx: Tx, *, channel_id: str, ts: str) -> bool:
    """Follow the deletion of a reply that was heard. False when it is none of ours."""
    reply = queries.reply_at(tx, tx.actor.workspace_id, channel_id, ts)
    if reply is None or reply.is_deleted:
        return reply is not None
    checkin, prompt = _locked(tx, reply)
    reply.is_deleted = True
    tx.session.flush()
    _answer(tx, checkin, prompt, _source_of(tx, prompt), f"{channel_id}:{ts}:deleted")
    _withdraw_if_silent(tx, checkin, prompt)
    return True


def _answer(tx: Tx, checkin: CheckIn, prompt: Prompt, source: Source, key: str) -> None:
    """Store a new version: the form's part, if any, and every reply that stands."""
    tx.session.flush()
    last = latest_response(tx, prompt)
    form = queries.form_part(tx, last) if last else None
    said = effects.said_with(tx, checkin, prompt, form)
    service.store(tx, checkin, prompt, form=form, said=said, source=source, source_key=f"reply:{key}")


def _withdraw_if_silent(tx: Tx, checkin: CheckIn, prompt: Prompt) -> None:
    """With its last reply gone and no form, the person has not answered any more."""
    last = latest_response(tx, prompt)
    if last is None or queries.form_part(tx, last) is not None or queries.replies(tx, prompt):
        return
    last.is_withdrawn = True
    prompt.answered_at, prompt.is_late = None, False
    is_over = checkin.state is CheckInState.CLOSED
    prompt.state = PromptState.MISSED if is_over else (PromptState.ASKED if prompt.asked_at else PromptState.WAITING)
    lifecycle.set_prompt_due(prompt, checkin)
    outbox.refresh(tx, checkin.workspace_id, f"board:{checkin.id}")


def _in_thread(tx: Tx, channel_id: str, thread_ts: str) -> tuple[CheckIn, Prompt] | None:
    board = posts.post_at(tx, tx.actor.workspace_id, channel_id, thread_ts)
    if board is None or board.kind != "checkin.board":
        return None
    return _own(tx, board.subject_id)


def _in_direct(tx: Tx) -> tuple[CheckIn, Prompt] | None:
    """A direct message answers the check-in that most wants an answer."""
    best = next(iter(answerable(tx)), None)
    return _own(tx, best.checkin_id) if best else None


def _own(tx: Tx, checkin_id: UUID) -> tuple[CheckIn, Prompt] | None:
    checkin = tx.get(CheckIn, tx.actor.workspace_id, checkin_id, lock=True)
    place = tx.actor.membership(checkin.engagement_id) if checkin else None
    if checkin is None or place is None or place.role not in ASKED or not place.grants(Permission.CHECKIN_ANSWER):
        return None
    prompt = prompt_of(tx, checkin, place.participant_id, lock=True)
    return (checkin, prompt) if prompt else None


def _locked(tx: Tx, reply: Reply) -> tuple[CheckIn, Prompt]:
    prompt = tx.one(Prompt, reply.workspace_id, reply.prompt_id)
    found = _own(tx, prompt.checkin_id)
    if found is None or found[1].id != prompt.id:
        raise Conflict("Only the person who wrote a reply can change it.")
    return found


def _source_of(tx: Tx, prompt: Prompt) -> Source:
    last = latest_response(tx, prompt)
    return last.source if last and last.source in (Source.THREAD, Source.DIRECT) else Source.THREAD

"""What a plain message is to each feature: every one is told, in the same transaction. Called inside it."""

from dataclasses import dataclass
from typing import Any

from models.asks import threads
from models.checkins import replies
from models.conversations import blockers, escalations
from models.db import Tx


@dataclass(frozen=True, slots=True)
class Said:
    """A message of a person, or its edit (`revision`) or deletion (no text).

    `is_direct`: to the bot alone. `is_command`: the bot carries it out, so that it is never an answer.
    """

    channel_id: str
    thread_ts: str | None
    ts: str
    text: str = ""
    is_direct: bool = False
    is_command: bool = False


def hear(tx: Tx, said: Said) -> bool:
    """A message was written. Whether anything took it."""
    at = {"channel_id": said.channel_id, "ts": said.ts, "text": said.text}
    if escalations.heard(tx, thread_ts=said.thread_ts, **at):
        return True
    if said.thread_ts and not said.is_direct and blockers.acted(tx, thread_ts=said.thread_ts, **at):
        return True
    asked = not said.is_direct and threads.heard(tx, thread_ts=said.thread_ts, **at)
    if said.is_direct or said.thread_ts:
        return replies.heard(tx, thread_ts=None if said.is_direct else said.thread_ts, **at) or asked
    return asked


def hear_mention(tx: Tx, said: Said) -> bool:
    """The bot was spoken to in words that are no command. Whether anything took it."""
    at = {"channel_id": said.channel_id, "ts": said.ts, "text": said.text}
    if escalations.heard(tx, thread_ts=said.thread_ts, **at):
        return True
    if said.thread_ts and blockers.acted(tx, thread_ts=said.thread_ts, **at):
        return True
    if said.thread_ts is not None and replies.heard(tx, thread_ts=said.thread_ts, **at):
        return True
    return blockers.heard(tx, thread_ts=said.thread_ts, **at)


def follow_edit(tx: Tx, said: Said, revision: str) -> None:
    """A message was edited by its writer."""
    spoken: dict[str, Any] = {"channel_id": said.channel_id, "ts": said.ts, "text": said.text}
    at = spoken | {"revision": revision}
    is_talk = not said.is_direct and not said.is_command
    if said.thread_ts and is_talk and blockers.acted(tx, thread_ts=said.thread_ts, **spoken):
        return
    has_acted = blockers.has_acted(tx, channel_id=said.channel_id, ts=said.ts)
    answers_in = None if said.is_command or has_acted else said.thread_ts
    replies.edited(tx, **at, thread_ts=answers_in, is_direct=said.is_direct)
    if not said.is_direct:
        threads.edited(tx, **at, thread_ts=said.thread_ts)


def follow_deletion(tx: Tx, said: Said, revision: str) -> None:
    """A message was deleted."""
    at: dict[str, Any] = {"channel_id": said.channel_id, "thread_ts": said.thread_ts, "ts": said.ts}
    replies.deleted(tx, **at, revision=revision, is_direct=said.is_direct)
    if not said.is_direct:
        threads.deleted(tx, **at)

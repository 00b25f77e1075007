"""Plain messages: replies in our threads and direct messages are answers; their edits and deletions are followed."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.errors import NotNow
from bot.listeners import hearing
from bot.listeners.asking import concerns_a_question
from bot.listeners.hearing import Said
from bot.listeners.mentions import is_command, reply_in_direct
from bot.listeners.words import after_mention, mentions, plain
from bot.runtime import Runtime
from models.access import Actor
from models.asks.reading import named as speaks_of_one
from models.checkins import queries as checkins
from models.db import Tx
from models.engagements import queries as engagements
from models.outbox import queries as posts

Json = dict[str, Any]

_ANSWERS = {None, "thread_broadcast", "file_share", "me_message"}
"""Kinds of message that people write; all others are Slack's own notes (joined, renamed, …)."""


def register(app: AsyncApp) -> None:
    """Bind the one handler of message events: Slack sends every kind under the same name."""
    app.event("message")(on_message)


async def on_message(ack: AsyncAck, event: Json, actor: Actor, rt: Runtime) -> None:
    """A message was written, edited or deleted somewhere we can read. Acknowledged when what it changes is stored.

    Raises NotNow for a reply to what may be ours; then Slack brings it once more.
    """
    channel = str(event.get("channel", ""))
    match event.get("subtype"):
        case "message_changed":
            await _edited(event, channel, actor, rt)
        case "message_deleted":
            await _deleted(event, channel, actor, rt)
        case kind if kind in _ANSWERS:
            await _heard(event, channel, actor, rt)
        case _:
            pass
    await ack()


async def _heard(event: Json, channel: str, actor: Actor, rt: Runtime) -> None:
    text = str(event.get("text") or "")
    is_direct = _is_direct(event, channel)
    if not is_direct and mentions(text, rt.installed.user_id):
        return  # it comes as an event of its own
    ts = str(event.get("ts", ""))
    said = Said(channel, event.get("thread_ts"), ts, plain(text), is_direct=is_direct)
    if not is_direct and not said.thread_ts and not speaks_of_one(said.text):
        return  # talk in the channel
    is_below_ours = event.get("parent_user_id") == rt.installed.user_id
    taken = await rt.db.run(actor, _take, said, is_below_ours=is_below_ours and not is_direct)
    if is_direct and not taken:
        await reply_in_direct(rt, actor, channel, ts)


def _take(tx: Tx, said: Said, *, is_below_ours: bool) -> bool:
    """Hear it. A reply to a post of ours that is not recorded yet would pass for talk: raises NotNow."""
    workspace_id, thread_ts = tx.actor.workspace_id, said.thread_ts or ""
    is_early = is_below_ours and posts.may_be_coming(tx, workspace_id, said.channel_id, thread_ts)
    taken = hearing.hear(tx, said)
    if is_early and not taken:
        raise NotNow
    return taken


async def _edited(event: Json, channel: str, actor: Actor, rt: Runtime) -> None:
    message = event.get("message") or {}
    edited = message.get("edited") or {}
    if not edited or edited.get("user") != actor.slack_user_id:
        return  # Slack's own changes: a link was unfolded, a reply counted
    text, is_direct = str(message.get("text") or ""), _is_direct(event, channel)
    is_mention = not is_direct and mentions(text, rt.installed.user_id)
    if is_mention:  # read as it was when it came as a mention
        text = after_mention(text, rt.installed.user_id)
    said = Said(
        channel,
        message.get("thread_ts"),
        str(message.get("ts", "")),
        plain(text),
        is_direct=is_direct,
        is_command=is_mention and (is_command(text) or concerns_a_question(plain(text))),
    )
    await rt.db.run(actor, hearing.follow_edit, said, str(edited.get("ts", "")))


async def _deleted(event: Json, channel: str, actor: Actor, rt: Runtime) -> None:
    was, ts = event.get("previous_message") or {}, str(event.get("deleted_ts", ""))
    if not was:
        actor = await rt.db.look(actor, _writer, channel, ts)
    gone = Said(channel, was.get("thread_ts"), ts, is_direct=_is_direct(event, channel))
    await rt.db.run(actor, hearing.follow_deletion, gone, str(event.get("event_ts", "")))


def _writer(tx: Tx, channel_id: str, ts: str) -> Actor:
    """Who wrote what was deleted: Slack need not say."""
    who = checkins.writer_at(tx, tx.actor.workspace_id, channel_id, ts)
    return engagements.actor(tx, who.workspace_id, who.slack_user_id, who.slack_team_id) if who else tx.actor


def _is_direct(event: Json, channel: str) -> bool:
    return event.get("channel_type") == "im" or channel.startswith("D")

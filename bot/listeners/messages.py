"""Plain messages: replies in our threads and direct messages are answers; their edits and deletions are followed."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.listeners.mentions import reply_in_direct
from bot.listeners.words import mentions, plain
from bot.runtime import Runtime
from models.access import Actor
from models.checkins import replies

Json = dict[str, Any]

_ANSWERS = {None, "thread_broadcast", "file_share", "me_message"}
"""Kinds of message that people write; all others are Slack's own notes (joined, renamed, …)."""


def register(app: AsyncApp) -> None:
    """Bind the one handler of message events: Slack sends every kind under the same name."""
    app.event("message")(on_message)


async def on_message(ack: AsyncAck, event: Json, actor: Actor, rt: Runtime) -> None:
    """A message was written, edited or deleted somewhere we can read. Acknowledged when what it changes is stored."""
    channel = str(event.get("channel", ""))
    match event.get("subtype"):
        case "message_changed":
            await _edited(event, channel, actor, rt)
        case "message_deleted":
            await rt.db.run(actor, replies.deleted, channel_id=channel, ts=str(event.get("deleted_ts", "")))
        case kind if kind in _ANSWERS:
            await _heard(event, channel, actor, rt)
        case _:
            pass
    await ack()


async def _heard(event: Json, channel: str, actor: Actor, rt: Runtime) -> None:
    text, thread_ts = str(event.get("text") or ""), event.get("thread_ts")
    is_direct = event.get("channel_type") == "im"
    if is_direct:
        thread_ts = None
    elif not thread_ts or mentions(text, rt.installed.user_id):
        return  # talk in the channel; a mention comes as an event of its own
    ts = str(event.get("ts", ""))
    taken = await rt.db.run(actor, replies.heard, channel_id=channel, thread_ts=thread_ts, ts=ts, text=plain(text))
    if is_direct and not taken:
        await reply_in_direct(rt, actor, channel, ts)


async def _edited(event: Json, channel: str, actor: Actor, rt: Runtime) -> None:
    message = event.get("message") or {}
    edited = message.get("edited") or {}
    if not edited or edited.get("user") != actor.slack_user_id:
        return  # Slack's own changes: a link was unfolded, a reply counted
    await rt.db.run(
        actor,
        replies.edited,
        channel_id=channel,
        ts=str(message.get("ts", "")),
        text=plain(str(message.get("text") or "")),
        revision=str(edited.get("ts", "")),
    )

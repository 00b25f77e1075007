"""Questions across the line: the shortcut on a message, the button under a reply, the buttons of the cards."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot import ids
from bot.listeners import choices
from bot.listeners.words import plain
from bot.runtime import Runtime
from bot.whisper import notice, whisper
from models.access import Actor
from models.asks import service
from models.checkins import marking
from models.db import Tx

Json = dict[str, Any]


def register(app: AsyncApp) -> None:
    """Bind the handlers of the card's buttons."""
    app.action(ids.ASK_ANSWERED)(press_answered)
    app.action(ids.ASK_WITHDRAW)(press_withdraw)
    app.action(ids.ASK_AGAIN)(press_again)
    app.action(ids.ASK_REPLY)(mark_reply)
    app.shortcut({"type": "message_action", "callback_id": ids.ASK_MESSAGE})(mark_message)


async def press_answered(ack: AsyncAck, action: Json, actor: Actor, rt: Runtime) -> None:
    """The side that asked has its answer."""
    await rt.db.run(actor, service.answered, ids.row_id(action.get("value")))
    await ack()


async def press_withdraw(ack: AsyncAck, action: Json, actor: Actor, rt: Runtime) -> None:
    """The side that asked needs no answer any more."""
    await rt.db.run(actor, service.withdraw, ids.row_id(action.get("value")))
    await ack()


async def press_again(ack: AsyncAck, action: Json, actor: Actor, rt: Runtime) -> None:
    """The reply was not enough, or the question was closed too early."""
    await rt.db.run(actor, service.reopen, ids.row_id(action.get("value")))
    await ack()


async def mark_reply(ack: AsyncAck, body: Json, action: Json, actor: Actor, rt: Runtime) -> None:
    """The button under the short answer to a reply: what the reply asks needs an answer of the other side."""
    if not await rt.db.run(actor, marking.mark, ids.row_id(action.get("value"))):
        container = body.get("container") or {}
        channel = (body.get("channel") or {}).get("id")
        said = notice("Nothing was changed: this has moved on meanwhile. It asks nothing any more that is not asked.")
        await whisper(rt.slack, channel, actor.slack_user_id, said, thread_ts=container.get("thread_ts"))
    await ack()


async def mark_message(ack: AsyncAck, body: Json, actor: Actor, rt: Runtime) -> None:
    """The shortcut on a message: it needs an answer of the other side."""
    await rt.db.run(actor, _mark, str(body["channel"]["id"]), body["message"])
    await ack()


def _mark(tx: Tx, channel_id: str, message: Json) -> None:
    service.mark(
        tx,
        choices.engagement(tx, channel_id).id,
        channel_id=channel_id,
        ts=str(message["ts"]),
        thread_ts=str(message.get("thread_ts") or message["ts"]),
        text=plain(str(message.get("text") or "")),
        author=str(message.get("user") or ""),
    )

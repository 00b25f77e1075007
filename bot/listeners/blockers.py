"""Blockers: take one, say where it stands, resolve it. Parse, one service call, acknowledge."""

from typing import Any
from uuid import UUID

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot import forms, ids
from bot.blocks.blocker_modal import raise_modal
from bot.blocks.modals import resolve_modal, update_modal
from bot.listeners import choices
from bot.listeners.words import plain
from bot.runtime import Runtime
from models.access import Actor
from models.blockers import queries, service
from models.blockers.service import Thread
from models.blockers.views import RaiseForm
from models.db import Tx

Json = dict[str, Any]


def register(app: AsyncApp) -> None:
    """Bind the handlers of the card's buttons and their modals."""
    app.action(ids.MINE_PRESS)(press_mine)
    app.action(ids.UPDATE_OPEN)(open_update)
    app.action(ids.RESOLVE_OPEN)(open_resolve)
    app.view(ids.UPDATE_SUBMIT)(submit_update)
    app.view(ids.RESOLVE_SUBMIT)(submit_resolve)
    app.shortcut({"type": "message_action", "callback_id": ids.RAISE_MESSAGE})(open_raise)
    app.view(ids.RAISE_SUBMIT)(submit_raise)


async def press_mine(ack: AsyncAck, action: Json, actor: Actor, rt: Runtime) -> None:
    """A person said "mine"."""
    await rt.db.run(actor, service.take, ids.row_id(action.get("value")))
    await ack()


async def open_update(ack: AsyncAck, body: Json, action: Json, actor: Actor, rt: Runtime) -> None:
    """Ask where it stands."""
    card = await rt.db.look(actor, queries.for_update, ids.row_id(action.get("value")))
    await rt.slack.open_view(str(body.get("trigger_id", "")), update_modal(card))
    await ack()


async def open_resolve(ack: AsyncAck, body: Json, action: Json, actor: Actor, rt: Runtime) -> None:
    """Ask how it was resolved."""
    card = await rt.db.look(actor, service.for_resolve, ids.row_id(action.get("value")))
    await rt.slack.open_view(str(body.get("trigger_id", "")), resolve_modal(card))
    await ack()


async def submit_update(ack: AsyncAck, view: Json, actor: Actor, rt: Runtime) -> None:
    """The word on where it stands was sent."""
    note = forms.note(view, is_required=True)
    await rt.db.run(actor, service.update, ids.row_id(view.get("private_metadata")), note)
    await ack()


async def submit_resolve(ack: AsyncAck, view: Json, actor: Actor, rt: Runtime) -> None:
    """It was said to be resolved."""
    note = forms.note(view, is_required=False)
    await rt.db.run(actor, service.resolve, ids.row_id(view.get("private_metadata")), note)
    await ack()


async def open_raise(ack: AsyncAck, body: Json, actor: Actor, rt: Runtime) -> None:
    """The shortcut on a message: propose its words as a blocker."""
    channel, message = str(body["channel"]["id"]), body["message"]
    engagement_id, form = await rt.db.look(actor, _raise_form, channel)
    root = str(message.get("thread_ts") or message["ts"])
    subject = ids.message_ref(engagement_id, channel, str(message["ts"]), root)
    await rt.slack.open_view(
        str(body.get("trigger_id", "")), raise_modal(form, subject, plain(str(message.get("text") or "")))
    )
    await ack()


async def submit_raise(ack: AsyncAck, view: Json, actor: Actor, rt: Runtime) -> None:
    """A blocker was made of a message."""
    engagement_id, channel, ts, root = ids.read_message_ref(view.get("private_metadata"))
    new = forms.new_blocker(view, await rt.db.look(actor, queries.raise_form, engagement_id))
    await rt.db.run(actor, service.raise_from_message, engagement_id, new, Thread(channel, ts, root))
    await ack()


def _raise_form(tx: Tx, channel_id: str) -> tuple[UUID, RaiseForm]:
    engagement = choices.engagement(tx, channel_id)
    return engagement.id, queries.raise_form(tx, engagement.id)

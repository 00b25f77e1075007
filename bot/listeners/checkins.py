"""Check-ins: open the answer form, draw it again, send it; skip; be away. Parse, one service call, acknowledge."""

from typing import Any
from uuid import UUID

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot import forms, ids
from bot.blocks.answer_modal import answer_modal, shown_fields
from bot.blocks.modals import skip_modal
from bot.listeners import choices
from bot.runtime import Runtime
from models.access import Actor
from models.checkins import answers, service
from models.checkins.rules import Source
from models.db import Tx

Json = dict[str, Any]


def register(app: AsyncApp) -> None:
    """Bind the handlers: the busiest first, for Bolt tries them in order."""
    app.action(ids.ANSWER_OPEN)(open_answer)
    app.view(ids.ANSWER_SUBMIT)(submit_answer)
    app.action(ids.ANSWER_CHANGE)(redraw_answer)
    app.action(ids.ANSWER_SWITCH)(switch_answer)
    app.view(ids.CHOOSE_SUBMIT)(choose_checkin)
    app.action(ids.SKIP_OPEN)(open_skip)
    app.view(ids.SKIP_SUBMIT)(submit_skip)
    app.view(ids.AWAY_SUBMIT)(submit_away)


async def open_answer(ack: AsyncAck, body: Json, action: Json, actor: Actor, rt: Runtime) -> None:
    """A person pressed Answer: on the board, in the direct message, in the thread."""
    form, others = await rt.db.look(actor, choices.form, ids.row_id(action.get("value")))
    await rt.slack.open_view(str(body.get("trigger_id", "")), answer_modal(form, others=others))
    await ack()


async def redraw_answer(ack: AsyncAck, body: Json, actor: Actor, rt: Runtime) -> None:
    """A field was filled in on which others depend: show or hide those."""
    view = body.get("view") or {}
    form, others = await rt.db.look(actor, choices.form, ids.row_id(view.get("private_metadata")))
    drawn = answer_modal(form, forms.read_draft(view), others=others)
    await rt.slack.update_view(str(view.get("id", "")), drawn, view.get("hash"))
    await ack()


async def switch_answer(ack: AsyncAck, body: Json, action: Json, actor: Actor, rt: Runtime) -> None:
    """Another check-in was chosen in the form."""
    view, chosen = body.get("view") or {}, action.get("selected_option") or {}
    form, others = await rt.db.look(actor, choices.form, ids.row_id(chosen.get("value")))
    await rt.slack.update_view(str(view.get("id", "")), answer_modal(form, others=others), view.get("hash"))
    await ack()


async def choose_checkin(ack: AsyncAck, view: Json, actor: Actor, rt: Runtime) -> None:
    """A check-in was chosen: its form takes the place of the list."""
    form, others = await rt.db.look(actor, choices.form, forms.chosen_checkin(view))
    await ack(response_action="update", view=answer_modal(form, others=others))


async def submit_answer(ack: AsyncAck, view: Json, actor: Actor, rt: Runtime) -> None:
    """The answer form was sent. A form that no longer fits what is stored is shown once more instead."""
    fresh = await rt.db.run(actor, _submit, ids.row_id(view.get("private_metadata")), view)
    await (ack(response_action="update", view=fresh) if fresh else ack())


def _submit(tx: Tx, checkin_id: UUID, view: Json) -> Json | None:
    """Read the form against what is stored and store it, in one transaction; the form drawn anew if it is stale."""
    form = answers.answer_form(tx, checkin_id, lock=True)
    draft = forms.read_draft(view)
    if forms.is_stale(view, shown_fields(form, draft)):
        return answer_modal(form, draft, has_changed=True)
    key = f"view:{view['id']}"  # a view is sent once: its id is the natural key
    service.submit(tx, checkin_id, forms.answer(view, form), source=Source.MODAL, source_key=key)
    return None


async def open_skip(ack: AsyncAck, body: Json, action: Json, actor: Actor, rt: Runtime) -> None:
    """A person pressed Skip: ask why."""
    form, _ = await rt.db.look(actor, choices.skip_form, ids.row_id(action.get("value")))
    await rt.slack.open_view(str(body.get("trigger_id", "")), skip_modal(form.checkin_id, form.title))
    await ack()


async def submit_skip(ack: AsyncAck, view: Json, actor: Actor, rt: Runtime) -> None:
    """The reason was sent."""
    await rt.db.run(actor, service.skip, ids.row_id(view.get("private_metadata")), forms.reason(view))
    await ack()


async def submit_away(ack: AsyncAck, view: Json, actor: Actor, rt: Runtime) -> None:
    """The days of an absence were sent."""
    days = forms.away(view, await rt.db.look(actor, choices.today))
    await rt.db.run(actor, service.away, days.first, days.last)
    await ack()

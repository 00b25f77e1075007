"""Escalations: raise, own, say where it stands, done, rest, severity, open again, private note."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot import forms, ids
from bot.blocks import escalation_modals as modals
from bot.blocks import escalation_notes
from bot.listeners import choices
from bot.runtime import Runtime
from bot.whisper import whisper
from models.access import Actor, Membership
from models.blockers import climbing
from models.blockers import queries as blockers
from models.db import Tx
from models.escalations import queries, service
from models.escalations.rules import Event
from models.escalations.views import EscalateForm, EscalationCard
from models.matters import service as matters

Json = dict[str, Any]
Draw = Callable[[EscalationCard, Membership], Json]


def register(app: AsyncApp) -> None:
    """Bind the buttons of the card, their forms, and the command."""
    app.action(ids.OWN_PRESS)(press_own)
    app.action(ids.WORD_OPEN)(open_word)
    app.view(ids.WORD_SUBMIT)(submit_word)
    app.action(ids.FINISH_OPEN)(open_finish)
    app.view(ids.FINISH_SUBMIT)(submit_finish)
    app.action(ids.SNOOZE_OPEN)(open_snooze)
    app.view(ids.SNOOZE_SUBMIT)(submit_snooze)
    app.action(ids.RERATE_OPEN)(open_rerate)
    app.view(ids.RERATE_SUBMIT)(submit_rerate)
    app.action(ids.REOPEN_OPEN)(open_reopen)
    app.view(ids.REOPEN_SUBMIT)(submit_reopen)
    app.action(ids.PRIVATE_OPEN)(open_private)
    app.view(ids.PRIVATE_SUBMIT)(submit_private)
    app.command("/escalate")(command_escalate)
    app.view(ids.ESCALATE_SUBMIT)(submit_escalate)
    app.action(ids.ESCALATE_OPEN)(open_escalate_blocker)
    app.view(ids.ESCALATE_BLOCKER)(submit_escalate_blocker)


async def press_own(ack: AsyncAck, body: Json, action: Json, actor: Actor, rt: Runtime) -> None:
    """Somebody said "I own it"."""
    row_id = ids.row_id(action.get("value"))
    if not await rt.db.run(actor, service.acknowledge, row_id):
        await _tell(body, row_id, actor, rt)
    await ack()


async def open_word(ack: AsyncAck, body: Json, action: Json, actor: Actor, rt: Runtime) -> None:
    """Ask where it stands."""
    await _open(body, action, actor, rt, Event.UPDATE, lambda card, _: modals.word_modal(card))
    await ack()


async def open_finish(ack: AsyncAck, body: Json, action: Json, actor: Actor, rt: Runtime) -> None:
    """Ask how it was solved."""
    await _open(body, action, actor, rt, Event.RESOLVE, lambda card, place: modals.finish_modal(card, place.side))
    await ack()


async def open_snooze(ack: AsyncAck, body: Json, action: Json, actor: Actor, rt: Runtime) -> None:
    """Ask until when it is to rest."""
    today = await rt.db.look(actor, choices.today)
    await _open(body, action, actor, rt, Event.SNOOZE, lambda card, _: modals.snooze_modal(card, today))
    await ack()


async def open_rerate(ack: AsyncAck, body: Json, action: Json, actor: Actor, rt: Runtime) -> None:
    """Ask for the severity."""
    await _open(body, action, actor, rt, Event.RERATE, lambda card, _: modals.rerate_modal(card))
    await ack()


async def open_reopen(ack: AsyncAck, body: Json, action: Json, actor: Actor, rt: Runtime) -> None:
    """Ask what is still wrong."""
    await _open(body, action, actor, rt, Event.REOPEN, lambda card, _: modals.reopen_modal(card))
    await ack()


async def open_private(ack: AsyncAck, body: Json, action: Json, actor: Actor, rt: Runtime) -> None:
    """Ask for the note."""
    await _open(body, action, actor, rt, None, lambda card, _: modals.private_modal(card))
    await ack()


async def submit_word(ack: AsyncAck, view: Json, actor: Actor, rt: Runtime) -> None:
    """The word on where it stands was sent."""
    row_id = ids.row_id(view.get("private_metadata"))
    done = await rt.db.run(actor, service.update, row_id, forms.note(view, is_required=True))
    await _answer(ack, row_id, actor, rt, is_done=done)


async def submit_finish(ack: AsyncAck, view: Json, actor: Actor, rt: Runtime) -> None:
    """It was said to be done."""
    row_id = ids.row_id(view.get("private_metadata"))
    done = await rt.db.run(actor, matters.finish, row_id, forms.note(view, is_required=False))
    await _answer(ack, row_id, actor, rt, is_done=done)


async def submit_snooze(ack: AsyncAck, view: Json, actor: Actor, rt: Runtime) -> None:
    """The day was sent until which it is to rest."""
    row_id = ids.row_id(view.get("private_metadata"))
    day, why = forms.rest(view, await rt.db.look(actor, choices.today))
    await _answer(ack, row_id, actor, rt, is_done=await rt.db.run(actor, service.snooze, row_id, day, why))


async def submit_rerate(ack: AsyncAck, view: Json, actor: Actor, rt: Runtime) -> None:
    """Another severity was sent."""
    row_id = ids.row_id(view.get("private_metadata"))
    done = await rt.db.run(actor, service.rerate, row_id, *forms.severity(view))
    await _answer(ack, row_id, actor, rt, is_done=done)


async def submit_reopen(ack: AsyncAck, view: Json, actor: Actor, rt: Runtime) -> None:
    """It is to be opened again."""
    row_id = ids.row_id(view.get("private_metadata"))
    done = await rt.db.run(actor, matters.reopen, row_id, forms.note(view, is_required=False))
    await _answer(ack, row_id, actor, rt, is_done=done)


async def submit_private(ack: AsyncAck, view: Json, actor: Actor, rt: Runtime) -> None:
    """A private note was sent."""
    row_id = ids.row_id(view.get("private_metadata"))
    await rt.db.run(actor, service.note_privately, row_id, forms.note(view, is_required=True))
    await ack()


async def command_escalate(ack: AsyncAck, command: Json, actor: Actor, rt: Runtime) -> None:
    """`/escalate`, with or without words: the form, in which they stand already."""
    form = await rt.db.look(actor, _form, str(command.get("channel_id", "")))
    drawn = modals.escalate_modal(form, str(command.get("text") or ""))
    await rt.slack.open_view(str(command.get("trigger_id", "")), drawn)
    await ack()


async def submit_escalate(ack: AsyncAck, view: Json, actor: Actor, rt: Runtime) -> None:
    """Something is to be escalated. A view is sent once: its id is the natural key."""
    engagement_id, said = ids.row_id(view.get("private_metadata")), forms.escalation(view)
    key = f"view:{view['id']}"
    await rt.db.run(
        actor, service.escalate, engagement_id, said.what, said.severity, said.against, source_key=key, why=said.why
    )
    await ack()


async def open_escalate_blocker(ack: AsyncAck, body: Json, action: Json, actor: Actor, rt: Runtime) -> None:
    """Escalate on a blocker's card: ask how bad it is."""
    card = await rt.db.look(actor, blockers.for_escalation, ids.row_id(action.get("value")))
    await rt.slack.open_view(body["trigger_id"], modals.escalate_blocker_modal(card))
    await ack()


async def submit_escalate_blocker(ack: AsyncAck, view: Json, actor: Actor, rt: Runtime) -> None:
    """A blocker is to climb."""
    row_id = ids.row_id(view.get("private_metadata"))
    await rt.db.run(actor, climbing.escalate, row_id, *forms.severity(view))
    await ack()


async def _open(body: Json, action: Json, actor: Actor, rt: Runtime, event: Event | None, draw: Draw) -> None:
    """Open the form for what the person wants to do, or say what happened meanwhile."""
    row_id = ids.row_id(action.get("value"))
    if not await rt.db.look(actor, service.is_possible, row_id, event):
        await rt.db.run(actor, service.look_again, row_id)
        await _tell(body, row_id, actor, rt)
        return
    await rt.slack.open_view(body["trigger_id"], draw(*await rt.db.look(actor, queries.for_action, row_id)))


async def _tell(body: Json, row_id: UUID, actor: Actor, rt: Runtime) -> None:
    """Say what happened meanwhile, where the old button was pressed."""
    card, _ = await rt.db.look(actor, queries.for_action, row_id)
    container = body.get("container") or {}
    channel = (body.get("channel") or {}).get("id")
    said = escalation_notes.meanwhile(card)
    await whisper(rt.slack, channel, actor.slack_user_id, said, thread_ts=container.get("thread_ts"))


async def _answer(ack: AsyncAck, row_id: UUID, actor: Actor, rt: Runtime, *, is_done: bool) -> None:
    """Close the form, or say in its place what happened meanwhile."""
    if is_done:
        await ack()
        return
    card, _ = await rt.db.look(actor, queries.for_action, row_id)
    await ack(response_action="update", view=modals.shown(escalation_notes.meanwhile(card).blocks))


def _form(tx: Tx, channel_id: str) -> EscalateForm:
    return queries.escalate_form(tx, choices.engagement(tx, channel_id).id)

"""/standup and /cadence: words into the same service calls and the same forms. Answered to the person alone."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.blocks import asks as ask_blocks
from bot.blocks import kit, replies
from bot.blocks.answer_modal import answer_modal
from bot.blocks.escalation_modals import escalate_modal
from bot.blocks.help import help_text, unknown
from bot.blocks.kit import Rendered
from bot.blocks.modals import away_modal, choose_modal, skip_modal
from bot.listeners import choices, settings, setup
from bot.listeners.words import absence, words
from bot.runtime import Runtime
from bot.whisper import notice
from models.access import Actor, Side
from models.asks import queries as asks
from models.asks.views import AskLine
from models.checkins import service
from models.checkins.choices import answerable
from models.checkins.rules import CheckInState
from models.checkins.views import Status
from models.db import Tx
from models.engagements.views import Parties
from models.errors import Conflict
from models.escalations import queries as escalations
from models.escalations.views import EscalateForm
from models.home import standing
from models.summaries import queries as summaries
from models.summaries.views import Summary

Json = dict[str, Any]

_WHEN_AWAY = (
    "I did not understand the days. Say for example “/cadence away tomorrow”, “/cadence away Monday to Friday” "
    "or “/cadence away until 3 Dec”; “/cadence away back” ends it."
)


Answer = Rendered | None
"""What is answered to the person alone; None when a form was opened instead."""


@dataclass(frozen=True, slots=True)
class Call:
    """One use of a command."""

    rt: Runtime
    actor: Actor
    channel_id: str
    trigger_id: str
    verb: str
    rest: str

    @property
    def side(self) -> Side | None:
        """The side of whoever asks; none for a stranger. Only people of the installing workspace have commands."""
        return self.actor.memberships[0].side if self.actor.memberships else None


def register(app: AsyncApp) -> None:
    """Bind both commands."""
    app.command("/standup")(standup)
    app.command("/cadence")(cadence)


async def standup(ack: AsyncAck, command: Json, actor: Actor, rt: Runtime) -> None:
    """Answer the check-in that most wants it; other words as with /cadence."""
    await _run(ack, command, actor, rt, otherwise="answer")


async def cadence(ack: AsyncAck, command: Json, actor: Actor, rt: Runtime) -> None:
    """Everything by words."""
    await _run(ack, command, actor, rt, otherwise="help")


async def _run(ack: AsyncAck, command: Json, actor: Actor, rt: Runtime, *, otherwise: str) -> None:
    said = words(str(command.get("text") or ""))
    channel_id, trigger_id = str(command.get("channel_id", "")), str(command.get("trigger_id", ""))
    call = Call(rt, actor, channel_id, trigger_id, said.verb or otherwise, said.rest)
    answer = await _VERBS.get(call.verb, _unknown)(call)
    if answer is None:
        await ack()
    else:
        await ack(text=answer.text, blocks=answer.blocks)


async def _help(call: Call) -> Answer:
    return help_text(call.side)


async def _unknown(call: Call) -> Answer:
    return unknown(call.verb, call.side)


async def _status(call: Call) -> Answer:
    return replies.status(*await call.rt.db.look(call.actor, _status_here, call.channel_id))


async def _summary(call: Call) -> Answer:
    found = await call.rt.db.look(call.actor, _summary_of, call.channel_id, call.rest)
    return replies.summary(found) if found else replies.no_summary()


async def _answer(call: Call) -> Answer:
    found = await call.rt.db.look(call.actor, choices.best_form, call.channel_id)
    if found is None:
        return notice("No check-in waits for your answer just now.")
    form, others = found
    await call.rt.slack.open_view(call.trigger_id, answer_modal(form, others=others))
    return None


async def _escalate(call: Call) -> Answer:
    form = await call.rt.db.look(call.actor, _escalate_form, call.channel_id)
    await call.rt.slack.open_view(call.trigger_id, escalate_modal(form, call.rest))
    return None


async def _choose(call: Call) -> Answer:
    await call.rt.slack.open_view(call.trigger_id, choose_modal(await call.rt.db.look(call.actor, answerable)))
    return None


async def _now(call: Call) -> Answer:
    """Owners and leads open the next check-in for everybody; whoever is waited for already is asked at once."""
    found = await call.rt.db.look(call.actor, choices.to_open, call.channel_id)
    if found is None:
        return await _answer(call)
    await call.rt.db.run(call.actor, service.start_now, found.checkin_id)
    return notice(f"Opened: {found.title}. Everybody who is there is being asked.")


async def _skip(call: Call) -> Answer:
    states = (CheckInState.OPEN, CheckInState.SCHEDULED)
    found = await call.rt.db.look(call.actor, choices.best, call.channel_id, *states)
    if not call.rest:
        await call.rt.db.look(call.actor, service.skippable, found.checkin_id)
        await call.rt.slack.open_view(call.trigger_id, skip_modal(found.checkin_id, found.title))
        return None
    await call.rt.db.run(call.actor, service.skip, found.checkin_id, call.rest)
    return notice(f"Skipped: {found.title}. The board shows it with your reason; an answer given later replaces it.")


async def _away(call: Call) -> Answer:
    if call.rest.lower() == "back":
        was_away = await call.rt.db.run(call.actor, service.back)
        return notice("Welcome back: you are asked again." if was_away else "You were not away.")
    today = await call.rt.db.look(call.actor, choices.today)
    if not call.rest:
        await call.rt.slack.open_view(call.trigger_id, away_modal(today))
        return None
    days = absence(call.rest, today)
    if days is None:
        raise Conflict(_WHEN_AWAY)
    await call.rt.db.run(call.actor, service.away, *days)
    first, last = (kit.day(day) for day in days)
    return notice(f"You are away from {first} to {last}: not asked and not counted. “/cadence away back” ends it.")


async def _questions(call: Call) -> Answer:
    return ask_blocks.listed(*await call.rt.db.look(call.actor, _questions_here, call.channel_id))


def _questions_here(tx: Tx, channel_id: str) -> tuple[Parties, tuple[AskLine, ...]]:
    return asks.listed(tx, choices.engagement(tx, channel_id).id)


def _escalate_form(tx: Tx, channel_id: str) -> EscalateForm:
    return escalations.escalate_form(tx, choices.engagement(tx, channel_id).id)


async def _setup(call: Call) -> Answer:
    """Set up this channel; where that is done, the settings."""
    place = await call.rt.db.look(call.actor, choices.administered, call.channel_id)
    if place is not None:
        return await _settings(call)
    await setup.begin(call.rt, call.actor, call.trigger_id, channel_id=call.channel_id)
    return None


async def _settings(call: Call) -> Answer:
    engagement = await call.rt.db.look(call.actor, choices.engagement, call.channel_id)
    await settings.show(call.rt, call.actor, call.trigger_id, engagement.id)
    return None


def _status_here(tx: Tx, channel_id: str) -> tuple[Status, datetime]:
    return standing.status(tx, choices.engagement(tx, channel_id).id), tx.now


def _summary_of(tx: Tx, channel_id: str, text: str) -> Summary | None:
    engagement = choices.engagement(tx, channel_id)
    return summaries.published(tx, engagement.id, choices.week_of(tx, text))


_VERBS: dict[str, Callable[[Call], Awaitable[Answer]]] = {
    "help": _help,
    "status": _status,
    "answer": _answer,
    "standup": _answer,
    "choose": _choose,
    "escalate": _escalate,
    "now": _now,
    "skip": _skip,
    "away": _away,
    "summary": _summary,
    "questions": _questions,
    "setup": _setup,
    "settings": _settings,
}

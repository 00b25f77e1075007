"""Whatever goes wrong in a request ends here: the person is told what happened, what was kept and what to do.

Slack gets 200 for refusals and for bugs that a repetition would not cure, and 503 only for passing failures of an
event, which it then delivers again.
"""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import structlog
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.response import BoltResponse
from sqlalchemy.exc import IntegrityError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot import ids, metrics
from bot.blocks import kit
from bot.gateway import RateLimited, SlackFailure, Transient, Unclear
from bot.identity import Unsure
from bot.logs import frames
from bot.runtime import Runtime
from bot.verifier import TooFast
from bot.whisper import notice, whisper
from models.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from models.outbox import service as outbox
from models.vault import VaultError

_log = structlog.get_logger(__name__)
_WRITTEN = frozenset({"message", "app_mention"})
"""Events behind which somebody waits for what becomes of their words."""
_ACTIONS = frozenset({"view_submission", "event_callback", "block_actions", "shortcut", "message_action"})
_NOTICE = "problem"
_SENT = ("type", "title", "callback_id", "private_metadata", "submit", "close", "notify_on_close")
"""What we say of a view besides its blocks; the rest is Slack's."""
_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_PASSING = (OperationalError, InterfaceError, InternalError, PoolTimeout, IntegrityError)
"""Busy, away, about to change places with its standby (which PostgreSQL calls internal), or two deliveries of one thing
at the same moment: the next try finds it as it should be."""

_BUSY = (
    "This could not be stored just now. Nothing is lost: what you wrote is still here. Please press again in a moment."
)
_FAST = "That was more at once than I can follow. This one changed nothing: please wait a few seconds and try it again."
_SLACK = "Slack did not take the form I wanted to show you. Nothing was changed. Please press the button again."
_NOT_TOLD = (
    "Slack did not tell me just now what I had to know for this. Nothing is lost: what you wrote is still here. "
    "Please press again in a moment."
)
_NOT_SHOWN = (
    "Slack did not let me look at what you mean, so nothing was changed. Please write it once more in a moment."
)

Handler = Callable[..., Awaitable[BoltResponse]]


class NotNow(Exception):
    """An event cannot be taken just now; Slack is to send it again."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is told: the text, what is wrong with which field, and whether trying again will do.

    With `keeps_form` a form stays as it is, so that nobody loses what they wrote.
    """

    text: str
    fields: dict[str, str] | None = None
    is_passing: bool = False
    keeps_form: bool = False


def on_error() -> Handler:
    """The one error handler of the Bolt app."""

    async def handle(error: Exception, body: dict[str, Any], context: AsyncBoltContext) -> BoltResponse:
        rt: Runtime | None = context.get("rt")
        problem = _problem(error, body)
        match body.get("type"):
            case "view_submission" if isinstance(body.get("view"), dict):
                return _json(_on_form(body["view"], problem))
            case "event_callback":
                return await _on_event(rt, body, problem)
            case "block_actions" | "shortcut" | "message_action":
                if problem.text:
                    await _tell(rt, body, problem.text)
                if isinstance(error, Conflict | NotAllowed):
                    await _draw_again(context, body)
                return BoltResponse(status=200, body="")
            case _ if "command" in body:
                told = notice(problem.text)
                return _json({"response_type": "ephemeral", "text": told.text, "blocks": told.blocks})
            case _:
                return BoltResponse(status=200, body="")

    return handle


def _problem(error: Exception, body: dict[str, Any]) -> Problem:
    kind = str(body.get("type") or body.get("command", ""))
    match error:
        case VaultError():
            _log.error("no_key", kind=kind)  # another process may have it: whoever asks comes again
            return Problem(_BUSY, is_passing=True, keeps_form=True)
        case Invalid():
            return Problem(str(error), fields=error.fields, keeps_form=True)
        case DomainError():
            if isinstance(error, NotAllowed | NotFound):
                metrics.DENIALS.labels(_action(body)).inc()
            _log.info("refused", kind=kind, reason=type(error).__name__)
            return Problem(str(error), keeps_form=isinstance(error, Conflict))
        case NotNow():
            return Problem("", is_passing=True)
        case TooFast():
            return Problem(_FAST, is_passing=True, keeps_form=True)
        case Unsure():
            return Problem(_BUSY, is_passing=True, keeps_form=True)
        case SlackFailure() if error.code == "hash_conflict":
            return Problem("")  # the form was changed meanwhile: that change draws it again
        case SlackFailure():
            return _not_told(error, kind)
        case _ if isinstance(error, _PASSING):
            return _not_stored(error, kind)
        case _:
            return _bug(error, kind)


def _action(body: dict[str, Any]) -> str:
    """What was tried, in one of few words."""
    kind = str(body.get("type", ""))
    return kind if kind in _ACTIONS else "command" if "command" in body else "other"


def _not_stored(error: Exception, kind: str) -> Problem:
    metrics.BUSY.inc()
    _log.warning("not_stored", kind=kind, error=type(error).__name__, frames=frames(error))
    return Problem(_BUSY, is_passing=True, keeps_form=True)


def _not_told(failure: SlackFailure, kind: str) -> Problem:
    """Slack failed before anything was stored: a form stays as it is, and an event is delivered again."""
    _log.warning("slack_failed", kind=kind, code=failure.code)
    match kind:
        case "view_submission":
            return Problem(_NOT_TOLD, is_passing=True, keeps_form=True)
        case "event_callback":
            return Problem(_NOT_SHOWN, is_passing=isinstance(failure, RateLimited | Transient | Unclear))
        case _:
            return Problem(_SLACK)


def _bug(error: Exception, kind: str) -> Problem:
    reference = "".join(secrets.choice(_LETTERS) for _ in range(6))
    _log.error("bug", kind=kind, reference=reference, error=type(error).__name__, frames=frames(error))
    return Problem(
        "Something went wrong on my side, and this was probably not stored. Please try once more; "
        f"if it happens again, give your administrator the reference {reference}.",
        keeps_form=True,
    )


def _on_form(view: dict[str, Any], problem: Problem) -> dict[str, Any]:
    """The answer to a submitted modal: on the fields where it can be, else in place of the form."""
    inputs = [block["block_id"] for block in view.get("blocks", []) if block.get("type") == "input"]
    if not inputs and problem.is_passing:
        return {"response_action": "update", "view": _with(view, problem.text)}
    if not inputs or not problem.keeps_form:
        shown = kit.modal("That did not work", "problem", "", [kit.quoted(problem.text)], submit=None)
        return {"response_action": "update", "view": shown}
    errors: dict[str, str] = {}
    for field, text in (problem.fields or {"": problem.text}).items():
        place = next((block for block in (field, ids.question(field)) if block in inputs), inputs[0])
        errors[place] = f"{errors[place]} {text}" if place in errors else text
    return {"response_action": "errors", "errors": errors}


def _with(view: dict[str, Any], text: str) -> dict[str, Any]:
    """A form without fields as it was shown, and above it what to read: it can be pressed again."""
    notice_block = {"type": "section", "block_id": _NOTICE, "text": kit.plain(text, kit.SECTION).to_dict()}
    blocks = [notice_block, *(block for block in view.get("blocks", []) if block.get("block_id") != _NOTICE)]
    return {**{part: view[part] for part in _SENT if view.get(part)}, "blocks": blocks[:100]}


async def _on_event(rt: Runtime | None, body: dict[str, Any], problem: Problem) -> BoltResponse:
    if problem.is_passing:
        return BoltResponse(status=503, body="")
    if _part(body, "event").get("type") in _WRITTEN:
        await _tell(rt, body, problem.text)
    return BoltResponse(status=200, body="")


async def _tell(rt: Runtime | None, body: dict[str, Any], text: str) -> None:
    """Tell the person who acted, where they acted; by direct message if that cannot be."""
    if rt is None:  # it failed before the workspace was known: there is no Slack to tell it in
        return
    event = _part(body, "event")
    container = _part(body, "container") or event
    user = _part(body, "user").get("id") or event.get("user") or ""
    channel = _part(body, "channel").get("id") or event.get("channel")
    await whisper(rt.slack, channel, user, notice(text), thread_ts=container.get("thread_ts"))


async def _draw_again(context: AsyncBoltContext, body: dict[str, Any]) -> None:
    """What was pressed in vain is perhaps old: bring the card or board it stands in to the present state."""
    rt, actor, container = context.get("rt"), context.get("actor"), _part(body, "container")
    if rt is None or actor is None or container.get("type") != "message":
        return
    where = (str(container.get("channel_id")), str(container.get("message_ts")))
    try:
        await rt.db.run(actor, outbox.draw_again, *where)
    except _PASSING as failure:
        _log.warning("not_drawn_again", error=type(failure).__name__)


def _part(body: dict[str, Any], name: str) -> dict[str, Any]:
    """A part of a request; empty where it is missing or no object."""
    part = body.get(name)
    return part if isinstance(part, dict) else {}


def _json(body: dict[str, Any]) -> BoltResponse:
    return BoltResponse(status=200, body=body)

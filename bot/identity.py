"""Who acts: reads the person and the workspace out of a request and looks them up on the roster. Fails closed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import structlog
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.response import BoltResponse

from bot.gateway import RateLimited, SlackFailure, Transient, Unclear
from bot.runtime import Runtime
from bot.tenants import Tenants
from bot.verifier import FloodGuard, TooFast
from models.access import Actor, stranger
from models.clock import Clock
from models.db import Database
from models.engagements import queries as engagements

_log = structlog.get_logger(__name__)

_FAREWELLS = frozenset({"app_uninstalled", "team_access_revoked", "tokens_revoked"})

Middleware = Callable[..., Awaitable[BoltResponse | None]]


class Unsure(Exception):
    """Slack does not say just now where somebody comes from: the next delivery may know."""


class NoToken(AsyncAuthorize):
    """Answers Bolt's question for a token with none: listeners reach Slack through the gateway alone."""

    def __init__(self) -> None:
        """Nothing to keep."""

    async def __call__(
        self, *, enterprise_id: str | None = None, team_id: str | None = None, **_: Any
    ) -> AuthorizeResult:
        """Nothing is judged here: which installation a request belongs to, and whether to any, says `identify`."""
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)


@dataclass(frozen=True, slots=True)
class Sender:
    """What a request says about who sent it. Empty where it says nothing; then nobody is recognised."""

    workspace_id: str
    """The workspace that installed the app, not the person's own."""
    user_id: str
    team_id: str
    """The person's home workspace; empty where the request does not name it."""
    is_bot: bool = False


def identify(db: Database, tenants: Tenants, wall: Clock, guard: FloodGuard) -> Middleware:
    """The middleware that puts `actor` and `rt`, those of the request's own workspace, into its context.

    A request of a workspace that has not installed the app ends here.
    """

    async def middleware(
        body: dict[str, Any],
        context: AsyncBoltContext,
        next: Callable[[], Awaitable[None]],  # noqa: A002
    ) -> BoltResponse | None:
        sender = sender_of(body)
        if body.get("type") == "app_rate_limited":
            _log.error("events_withheld", workspace=str(body.get("team_id", "")))
            return BoltResponse(status=200, body="")
        if sender.is_bot:
            return BoltResponse(status=200, body="")
        sender = await _concerned(tenants, sender, body)
        tenant = await tenants.find(sender.workspace_id)
        if tenant is None:
            _log.warning("not_installed", workspace=sender.workspace_id, kind=str(body.get("type", "")))
            return BoltResponse(status=200, body="")
        if sender.user_id == tenant.installed.user_id and not _is_about_membership(body):
            return BoltResponse(status=200, body="")
        context["rt"] = Runtime(db, tenant.slack, tenant.installed, wall, tenants)
        if sender.user_id and not guard.lets_in(f"{sender.workspace_id}:{sender.user_id}"):
            _log.warning("flood", workspace=sender.workspace_id, user=sender.user_id)
            raise TooFast
        context["actor"] = await _actor(context["rt"], sender)
        await next()
        return None

    return middleware


async def _concerned(tenants: Tenants, sender: Sender, body: dict[str, Any]) -> Sender:
    """The same sender, seen from the workspace that an event of a channel is for."""
    channel_id = _text(_dict(body.get("event")).get("channel"))
    if not sender.workspace_id or not channel_id.startswith(("C", "G")):
        return sender
    workspace_id = await tenants.concerned(sender.workspace_id, channel_id)
    if workspace_id == sender.workspace_id:
        return sender
    # Where the event tells no home, the workspace it names was taken for it: ask Slack instead.
    return replace(sender, workspace_id=workspace_id, team_id=sender.team_id.replace(sender.workspace_id, ""))


async def _actor(rt: Runtime, sender: Sender) -> Actor:
    nobody = stranger(sender.workspace_id, sender.user_id)
    if not sender.user_id:
        return nobody
    who = (sender.workspace_id, sender.user_id)
    found = await rt.db.look(nobody, engagements.actor, *who, sender.team_id or None)
    if sender.team_id or found.person_id is None:
        return found
    home = await _home(rt, sender.user_id)
    return await rt.db.look(nobody, engagements.actor, *who, home) if home else nobody


async def _home(rt: Runtime, user_id: str) -> str:
    """The home workspace of somebody on the roster, from Slack itself; empty when it is not to be had."""
    try:
        return (await rt.slack.user_info(user_id)).team_id
    except (RateLimited, Transient, Unclear) as failure:
        raise Unsure from failure
    except SlackFailure as failure:
        _log.warning("home_unknown", user=user_id, code=failure.code)
        return ""


def sender_of(body: dict[str, Any]) -> Sender:
    """The sender of any request. Which field to trust: Slack's payload reference and its Slack Connect page."""
    if "command" in body:
        team_id = _text(body.get("team_id"))
        is_org_wide = body.get("is_enterprise_install") in (True, "true")
        installed_in = _text(body.get("enterprise_id")) if is_org_wide else team_id
        return Sender(installed_in, _text(body.get("user_id")), team_id)
    if body.get("type") == "event_callback":
        return _of_event(body)
    user = _dict(body.get("user"))
    return Sender(_installed(body), _text(user.get("id")), _text(user.get("team_id")))


def _installed(body: dict[str, Any]) -> str:
    """The installation an interaction belongs to. `team` may be empty where a whole organisation installed the app."""
    if body.get("is_enterprise_install") is True and (organisation := _dict(body.get("enterprise")).get("id")):
        return _text(organisation)
    view, message = _dict(body.get("view")), _dict(body.get("message"))
    ours = message.get("team") if message.get("bot_id") and body.get("type") == "block_actions" else None
    team, own = _dict(body.get("team")).get("id"), _dict(body.get("user")).get("team_id")
    return _text(view.get("app_installed_team_id") or ours or team or view.get("team_id") or own)


def _of_event(body: dict[str, Any]) -> Sender:
    authorizations = body.get("authorizations")
    event = _dict(body.get("event"))
    first = _dict(authorizations[0]) if isinstance(authorizations, list) and authorizations else {}
    if not first and event.get("type") in _FAREWELLS:
        first = body  # there is no authorization any more
    workspace_id = _text(first.get("enterprise_id" if first.get("is_enterprise_install") is True else "team_id"))
    workspace_id = workspace_id or _text(body.get("context_team_id") or body.get("team_id"))
    said = _dict(event.get("message")) or _dict(event.get("previous_message")) or event
    user = said.get("user")
    if event.get("type") == "member_joined_channel" and event.get("inviter"):
        return Sender(
            workspace_id, _text(event.get("inviter")), ""
        )  # the one who did it; the event tells no workspace of theirs
    user_id = _text(user.get("id") if isinstance(user, dict) else user)
    team_id = _text(said.get("user_team") or said.get("source_team") or said.get("team"))
    if not team_id and body.get("is_ext_shared_channel") is False:
        team_id = workspace_id  # nobody from elsewhere can be in a channel that is not shared
    if team_id.startswith("E"):
        team_id = ""  # an organisation, not one of its workspaces
    is_bot = bool(said.get("bot_id")) or said.get("subtype") == "bot_message"
    return Sender(workspace_id, user_id, team_id, is_bot)


def _is_about_membership(body: dict[str, Any]) -> bool:
    """What happens to the bot itself is to be heard; what it says itself is not."""
    return _dict(body.get("event")).get("type") in ("member_joined_channel", "member_left_channel")


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""

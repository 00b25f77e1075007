"""What the Events API tells an app: the outer wrapper and the bodies, as Slack shapes them."""

from copy import deepcopy
from typing import Literal

from sandbox import described, files
from sandbox.state import Channel, ChannelKind, Json, User
from sandbox.workspace import Workspace

_SUBSCRIPTION: dict[ChannelKind, str] = {
    "channel": "message.channels",
    "private": "message.groups",
    "im": "message.im",
    "mpim": "message.mpim",
}
_CHANNEL_TYPE: dict[ChannelKind, str] = {"channel": "channel", "private": "group", "im": "im", "mpim": "mpim"}
_HISTORY_SCOPE: dict[ChannelKind, str] = {
    "channel": "channels:history",
    "private": "groups:history",
    "im": "im:history",
    "mpim": "mpim:history",
}
# Told whatever the app subscribed to.
_ALWAYS = frozenset({"app_uninstalled", "team_access_revoked", "tokens_revoked"})


def wrap(ws: Workspace, event: Json, *, channel: Channel | None = None, actor: User | None = None) -> Json:
    """An event in its `event_callback`.

    In a shared channel the outer `team_id` is the acting person's workspace, as observed on Slack: only
    `authorizations` names the installation for certain.
    """
    external = actor is not None and ws.is_external(actor)
    organisation = ws.organisation.id if ws.organisation else None
    return {
        "token": "sandbox-verification-token",
        "team_id": actor.team_id if actor is not None and external else ws.home.id,
        "context_team_id": ws.home.id,
        "context_enterprise_id": organisation,
        "api_app_id": ws.app.id,
        "event": deepcopy(event),
        "type": "event_callback",
        "event_id": ws.new_id("Ev", 14),
        "event_time": int(ws.clock.now().timestamp()),
        "event_context": "4-" + ws.new_id("EC", 20),
        "is_ext_shared_channel": channel is not None and channel.is_ext_shared,
        "authorizations": [
            {
                "enterprise_id": organisation,
                "team_id": None if ws.is_org_wide else ws.home.id,
                "user_id": ws.app.bot_user_id,
                "is_bot": True,
                "is_enterprise_install": ws.is_org_wide,
            }
        ]
        if ws.is_installed
        else [],
    } | ({} if organisation is None else {"enterprise_id": organisation, "is_enterprise_install": ws.is_org_wide})


def message_posted(ws: Workspace, channel: Channel, message: Json) -> None:
    """Tell the app of a new message, and of a mention of itself besides."""
    ts = message["ts"]
    body = {**message, "channel": channel.id, "channel_type": _CHANNEL_TYPE[channel.kind], "event_ts": ts}
    if message.get("subtype") == "thread_broadcast":
        body["root"] = channel.messages.get(str(message["thread_ts"]))
    if "files" in message and "source_team" in message:
        body["files"] = [files.stub(file) for file in message["files"]]
    _tell_members(ws, channel, message, body)
    if _mentions_app(ws, channel, message):
        actor = ws.users.get(str(message.get("user")))
        _tell(ws, "app_mention", "app_mentions:read", _mention(message, channel, actor, ws), channel, actor)


def message_changed(ws: Workspace, channel: Channel, message: Json, previous: Json) -> None:
    """Tell the app that a message was edited (its own edits too, as Slack does)."""
    ts = ws.stamp()
    body: Json = {"type": "message", "subtype": "message_changed", "hidden": True, "message": message}
    body |= {"previous_message": previous, "channel": channel.id, "ts": ts, "event_ts": ts}
    body["channel_type"] = _CHANNEL_TYPE[channel.kind]
    _tell_members(ws, channel, message, body)


def message_deleted(ws: Workspace, channel: Channel, previous: Json) -> None:
    """Tell the app that a message was deleted."""
    ts = ws.stamp()
    body: Json = {"type": "message", "subtype": "message_deleted", "hidden": True, "deleted_ts": previous["ts"]}
    body |= {"channel": channel.id, "previous_message": previous, "ts": ts, "event_ts": ts}
    body["channel_type"] = _CHANNEL_TYPE[channel.kind]
    _tell_members(ws, channel, previous, body)


def reaction(
    ws: Workspace, kind: Literal["added", "removed"], channel: Channel, ts: str, user: User, name: str
) -> None:
    """Tell the app of a reaction (no team field: that is how Slack sends it)."""
    item = {"type": "message", "channel": channel.id, "ts": ts}
    event: Json = {"type": f"reaction_{kind}", "user": user.id, "reaction": name, "item": item}
    event |= {"item_user": channel.messages[ts].get("user"), "event_ts": ws.stamp()}
    if ws.app.bot_user_id in channel.members:
        _tell(ws, f"reaction_{kind}", "reactions:read", event, channel, user)


def membership(ws: Workspace, kind: Literal["joined", "left"], channel: Channel, user: User, inviter: str = "") -> None:
    """Tell the app that somebody (itself too) joined or left a channel it is or was in."""
    event: Json = {"type": f"member_{kind}_channel", "user": user.id, "channel": channel.id}
    event |= {"channel_type": "C" if channel.kind == "channel" else "G", "team": user.team_id}
    event["event_ts"] = ws.stamp()
    if inviter:
        event["inviter"] = inviter
    if ws.app.bot_user_id in channel.members or user.id == ws.app.bot_user_id:
        _tell(ws, f"member_{kind}_channel", _read_scope(channel), event, channel, user)


def home_opened(ws: Workspace, user: User, dm: Channel, tab: str = "home") -> None:
    """Tell the app that somebody opened its Home (or Messages) tab."""
    event: Json = {"type": "app_home_opened", "user": user.id, "channel": dm.id, "tab": tab, "event_ts": ws.stamp()}
    view = ws.homes.get(user.id)
    if view is not None and tab == "home":
        event["view"] = view
    _tell(ws, "app_home_opened", "", event, dm, user)


def channel_event(ws: Workspace, channel: Channel, event: Json, actor: User | None = None) -> None:
    """Tell the app of the life of a channel: archived, renamed, shared, given a new id."""
    body = {**event, "event_ts": ws.stamp()}
    if ws.app.bot_user_id in channel.members:
        _tell(ws, str(event["type"]), _read_scope(channel), body, channel, actor)


def app_left(ws: Workspace, channel: Channel) -> None:
    """Tell the app that it is out of a channel: it hears of it once more under this name."""
    kind = "channel_left" if channel.kind == "channel" else "group_left"
    _tell(ws, kind, _read_scope(channel), {"type": kind, "channel": channel.id, "event_ts": ws.stamp()}, channel, None)


def user_changed(ws: Workspace, user: User) -> None:
    """Tell the app that an account changed."""
    ts = ws.stamp()
    event: Json = {
        "type": "user_change",
        "user": described.person(ws, user),
        "cache_ts": int(float(ts)),
        "event_ts": ts,
    }
    _tell(ws, "user_change", "users:read", event, None, None)


def app_event(ws: Workspace, event: Json) -> None:
    """Tell the app of its own life: uninstalled, tokens revoked."""
    _tell(ws, str(event["type"]), "", {**event, "event_ts": ws.stamp()}, None, None)


def _mention(message: Json, channel: Channel, actor: User | None, ws: Workspace) -> Json:
    keep = ("user", "text", "ts", "blocks", "thread_ts", "client_msg_id", "files")
    event: Json = {"type": "app_mention", **{k: message[k] for k in keep if k in message}}
    event |= {"team": ws.home.id, "channel": channel.id, "event_ts": message["ts"]}
    if actor is not None and ws.is_external(actor):
        event |= {"user_team": actor.team_id, "source_team": actor.team_id, "user_profile": {"team": actor.team_id}}
    return event


def _mentions_app(ws: Workspace, channel: Channel, message: Json) -> bool:
    if channel.kind == "im" or message.get("bot_id") == ws.app.bot_id or ws.app.bot_user_id not in channel.members:
        return False
    return f"<@{ws.app.bot_user_id}>" in str(message.get("text", ""))


def _read_scope(channel: Channel) -> str:
    return "channels:read" if channel.kind == "channel" else "groups:read"


def _tell_members(ws: Workspace, channel: Channel, message: Json, body: Json) -> None:
    actor = ws.users.get(str(message.get("user")))
    if ws.app.bot_user_id in channel.members:
        _tell(ws, _SUBSCRIPTION[channel.kind], _HISTORY_SCOPE[channel.kind], body, channel, actor)


def _tell(
    ws: Workspace, subscription: str, scope: str, event: Json, channel: Channel | None, actor: User | None
) -> None:
    wanted = ws.app.events is None or subscription in ws.app.events or subscription in _ALWAYS
    allowed = (not scope or scope in ws.app.scopes) and (ws.is_installed or subscription in _ALWAYS)
    if wanted and allowed:
        ws.tell_app(wrap(ws, event, channel=channel, actor=actor))

"""What the app hears when a person acts: buttons, submissions, commands, shortcuts, as Slack shapes them."""

from copy import deepcopy

from sandbox import mrkdwn, replies
from sandbox.state import Channel, Json, User
from sandbox.workspace import Workspace

_TOKEN = "sandbox-verification-token"  # noqa: S105 (Slack's deprecated field; not a secret)


def message_action(ws: Workspace, user: User, channel: Channel, message: Json, action: Json, state: Json) -> Json:
    """A person used an element of a message. `team` is the installed workspace, `user.team_id` the person's."""
    container: Json = {"type": "message", "message_ts": message["ts"], "channel_id": channel.id}
    container["is_ephemeral"] = bool(message.get("is_ephemeral"))
    if "thread_ts" in message:
        container["thread_ts"] = message["thread_ts"]
    body = _interaction(ws, "block_actions", user, ws.home.id)
    body |= {"container": container, "trigger_id": ws.new_trigger(user.id)}
    body |= {"channel": {"id": channel.id, "name": _channel_name(channel)}, "state": state}
    body["response_url"] = replies.new_response_url(ws, "actions", user.id, channel.id, message=message)
    shown = {k: v for k, v in message.items() if k not in ("channel", "metadata")}
    if not message.get("is_ephemeral"):
        body["message"] = deepcopy(shown)
    body["actions"] = [{**action, "action_ts": ws.stamp()}]
    return body


def view_action(ws: Workspace, user: User, view: Json, action: Json) -> Json:
    """A person used an element of a modal or of the Home tab."""
    body = _interaction(ws, "block_actions", user, user.team_id)
    body |= {"container": {"type": "view", "view_id": view["id"]}, "trigger_id": ws.new_trigger(user.id)}
    body |= {"view": deepcopy(view), "actions": [{**action, "action_ts": ws.stamp()}]}
    return body


def view_submission(ws: Workspace, user: User, view: Json) -> Json:
    """A person pressed the submit button of a modal. `team` is the person's; the view names the installed one."""
    body = _interaction(ws, "view_submission", user, user.team_id)
    return body | {"trigger_id": ws.new_trigger(user.id), "view": deepcopy(view), "response_urls": []}


def view_closed(ws: Workspace, user: User, view: Json, *, cleared: bool) -> Json:
    """A person closed a modal that wants to be told; what was typed is not included."""
    shown = {**deepcopy(view), "state": {"values": {}}}
    return _interaction(ws, "view_closed", user, user.team_id) | {"view": shown, "is_cleared": cleared}


def slash_command(ws: Workspace, user: User, channel: Channel, command: str, text: str) -> Json:
    """A person of the installed workspace used a slash command; all values are strings."""
    names = {u.id: u.name for u in ws.users.values()}
    organisation: Json = {} if ws.organisation is None else {"enterprise_id": ws.organisation.id}
    return organisation | {
        "token": _TOKEN,
        "team_id": ws.home.id,
        "team_domain": ws.home.domain,
        "channel_id": channel.id,
        "channel_name": _channel_name(channel),
        "user_id": user.id,
        "user_name": user.name,
        "command": command,
        "text": mrkdwn.with_names(text, names),
        "api_app_id": ws.app.id,
        "is_enterprise_install": "true" if ws.is_org_wide else "false",
        "response_url": replies.new_response_url(ws, "commands", user.id, channel.id),
        "trigger_id": ws.new_trigger(user.id),
    }


def shortcut(ws: Workspace, user: User, callback_id: str, channel: Channel | None, message: Json | None) -> Json:
    """A person of the installed workspace used a shortcut: on a message, or from anywhere (no channel)."""
    kind = "shortcut" if message is None else "message_action"
    body = _interaction(ws, kind, user, ws.home.id)
    body |= {"callback_id": callback_id, "trigger_id": ws.new_trigger(user.id), "action_ts": ws.stamp()}
    if message is None or channel is None:
        return body
    body |= {"channel": {"id": channel.id, "name": _channel_name(channel)}, "message_ts": message["ts"]}
    body["response_url"] = replies.new_response_url(ws, "app", user.id, channel.id, message=message)
    body["message"] = deepcopy({k: v for k, v in message.items() if k not in ("channel", "metadata")})
    return body


def _interaction(ws: Workspace, kind: str, user: User, team_id: str) -> Json:
    team = ws.teams[team_id]
    who = {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team_id}
    body: Json = {"type": kind, "user": who, "api_app_id": ws.app.id, "token": _TOKEN}
    organisation = ws.organisation and {"id": ws.organisation.id, "name": ws.organisation.name}
    body |= {"enterprise": organisation, "is_enterprise_install": ws.is_org_wide}
    return body | {"team": None if ws.is_org_wide else {"id": team.id, "domain": team.domain}}


def _channel_name(channel: Channel) -> str:
    match channel.kind:
        case "im":
            return "directmessage"
        case "private" | "mpim":
            return "privategroup"
        case "channel":
            return channel.name

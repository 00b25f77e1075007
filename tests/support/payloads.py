"""Requests of Slack in the exact shapes of its payload reference, and their signatures."""

import hmac
import itertools
import json
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

Json = dict[str, Any]

TEAM = "T0NORTHWIND"
VENDOR_TEAM = "T0BRIGHTLANE"
BOT_USER = "U0CADENCE"
APP = "A0CADENCE"
CHANNEL = "C0SHARED"

_numbers = itertools.count(1)


def sign(body: bytes, secret: bytes, timestamp: int) -> dict[str, str]:
    """The two headers with which Slack signs `body` at `timestamp` (Unix seconds)."""
    base = b"v0:" + str(timestamp).encode() + b":" + body
    signature = "v0=" + hmac.new(secret, base, sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": str(timestamp), "X-Slack-Signature": signature}


def form(payload: Json) -> bytes:
    """An interaction as it travels over HTTP."""
    return urlencode({"payload": json.dumps(payload)}).encode()


def ts() -> str:
    """A new message id, of Tuesday 24 November 2026, 08:45 UTC."""
    return f"1795509900.{next(_numbers):06d}"


def event(body: Json, *, team: str = TEAM, shared: bool = False, event_id: str = "") -> Json:
    """The outer wrapper of an event. In a shared channel the outer team is the acting person's."""
    return {
        "token": "x",
        "team_id": team,
        "context_team_id": TEAM,
        "context_enterprise_id": None,
        "api_app_id": APP,
        "type": "event_callback",
        "event_id": event_id or f"Ev{next(_numbers):08d}",
        "event_time": 1795000000,
        "event_context": "4-x",
        "is_ext_shared_channel": shared,
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": TEAM,
                "user_id": BOT_USER,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "event": body,
    }


def message(
    user: str, text: str, channel: str, *, team: str = TEAM, thread: str = "", at: str = "", **more: Any
) -> Json:
    """A plain message as an event body; in a thread with `thread`, in a direct message by its channel id D…"""
    at = at or ts()
    body: Json = {"type": "message", "user": user, "text": text, "ts": at, "client_msg_id": f"m-{at}", "team": team}
    body |= {"channel": channel, "channel_type": "im" if channel.startswith("D") else "channel", "event_ts": at}
    if thread:
        body |= {"thread_ts": thread, "parent_user_id": BOT_USER}
    return body | more


def changed(original: Json, text: str) -> Json:
    """The edit of a message."""
    at = ts()
    edited = {key: value for key, value in original.items() if key not in ("channel", "channel_type", "event_ts")}
    edited |= {"text": text, "edited": {"user": original["user"], "ts": at}}
    body: Json = {"type": "message", "subtype": "message_changed", "hidden": True, "message": edited}
    body |= {"channel": original["channel"], "channel_type": original["channel_type"], "ts": at, "event_ts": at}
    return body | {"previous_message": {key: original[key] for key in ("type", "user", "text", "ts", "team")}}


def deleted(original: Json) -> Json:
    """The deletion of a message."""
    at = ts()
    body: Json = {"type": "message", "subtype": "message_deleted", "hidden": True, "deleted_ts": original["ts"]}
    body |= {"channel": original["channel"], "channel_type": original["channel_type"], "ts": at, "event_ts": at}
    previous = {key: value for key, value in original.items() if key not in ("channel", "channel_type", "event_ts")}
    return body | {"previous_message": previous}


def mention(user: str, words: str, channel: str, *, team: str = TEAM, thread: str = "", at: str = "") -> Json:
    """A mention of the bot: `team` is the installed side, `user_team` the person's when they are from elsewhere."""
    at = at or ts()
    body: Json = {"type": "app_mention", "user": user, "text": f"<@{BOT_USER}> {words}", "ts": at, "team": TEAM}
    body |= {"channel": channel, "event_ts": at}
    if thread:
        body["thread_ts"] = thread
    if team != TEAM:
        body |= {"user_team": team, "source_team": team, "user_profile": {"team": team}}
    return body


def press(
    user: str,
    action_id: str,
    value: str,
    channel: str = CHANNEL,
    *,
    team: str = TEAM,
    thread: str = "",
    **more: Any,
) -> Json:
    """A button of one of our messages is pressed: `body.team` is the installed one, `user.team_id` the person's."""
    at = ts()
    container: Json = {"type": "message", "message_ts": at, "channel_id": channel, "is_ephemeral": False}
    shown: Json = {"type": "message", "user": BOT_USER, "bot_id": "B0CADENCE", "ts": at, "text": "…", "team": TEAM}
    if thread:
        container["thread_ts"] = shown["thread_ts"] = thread
    action: Json = {"action_id": action_id, "block_id": "b1", "type": "button", "value": value, "action_ts": at}
    action["text"] = {"type": "plain_text", "text": "Answer"}
    body = _interaction("block_actions", user, team) | {"team": {"id": TEAM, "domain": "home"}}
    body |= {"container": container, "trigger_id": f"1.2.{at}", "channel": {"id": channel, "name": "shared"}}
    body |= {"message": shown, "state": {"values": {}}, "response_url": "https://hooks.slack.com/actions/T0/1/x"}
    return body | {"actions": [action]} | more


def message_action(user: str, callback_id: str, message: Json, channel: str = CHANNEL, *, team: str = TEAM) -> Json:
    """A shortcut is used on a message."""
    body = _interaction("message_action", user, team) | {"team": {"id": TEAM, "domain": "home"}}
    shown = {key: value for key, value in message.items() if key not in ("channel", "channel_type", "event_ts")}
    body |= {"callback_id": callback_id, "trigger_id": f"1.2.{ts()}", "action_ts": ts(), "message_ts": message["ts"]}
    return body | {"channel": {"id": channel, "name": "shared"}, "message": shown, "response_url": "https://x/app/1"}


def view_press(user: str, view: Json, action: Json, *, team: str = TEAM) -> Json:
    """An element of an open modal is used."""
    body = _interaction("block_actions", user, team) | {"container": {"type": "view", "view_id": view["id"]}}
    return body | {
        "trigger_id": f"1.2.{ts()}",
        "view": view,
        "actions": [{"action_ts": ts(), "block_id": "b1", **action}],
    }


def submission(user: str, view: Json, values: Json, *, team: str = TEAM) -> Json:
    """A modal is submitted: `team` is the person's own, `view.app_installed_team_id` ours."""
    shown = view | {"state": {"values": values}, "app_installed_team_id": TEAM, "team_id": team}
    return _interaction("view_submission", user, team) | {
        "trigger_id": f"1.2.{ts()}",
        "view": shown,
        "response_urls": [],
    }


def opened(view: Json, view_id: str = "V0FORM0000") -> Json:
    """A view as Slack keeps it after `views.open`."""
    return {
        "id": view_id,
        "team_id": TEAM,
        "state": {"values": {}},
        "hash": "1795000000.abcdef01",
        "root_view_id": view_id,
        "previous_view_id": None,
        "app_id": APP,
        "external_id": "",
        "app_installed_team_id": TEAM,
        "bot_id": "B0CADENCE",
        "clear_on_close": False,
        "notify_on_close": False,
        **view,
    }


def command(user: str, name: str, text: str = "", channel: str = CHANNEL) -> Json:
    """A slash command: all values are strings; only people of the installing workspace have it."""
    return {
        "token": "x",
        "team_id": TEAM,
        "team_domain": "home",
        "channel_id": channel,
        "channel_name": "shared",
        "user_id": user,
        "user_name": user.lower(),
        "command": name,
        "text": text,
        "api_app_id": APP,
        "is_enterprise_install": "false",
        "response_url": "https://hooks.slack.com/commands/T0/1/x",
        "trigger_id": f"1.2.{ts()}",
    }


def _interaction(kind: str, user: str, team: str) -> Json:
    who = {"id": user, "username": user.lower(), "name": user.lower(), "team_id": team}
    body: Json = {"type": kind, "user": who, "api_app_id": APP, "token": "x", "team": {"id": team, "domain": "d"}}
    return body | {"enterprise": None, "is_enterprise_install": False}

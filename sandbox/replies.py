"""Answers of the app outside the Web API: response URLs and what it puts into an acknowledgement."""

import secrets

from sandbox import content, messages
from sandbox.errors import SlackError
from sandbox.state import Json, ResponseUrl
from sandbox.workspace import Workspace

MOST_USES = 5
LIFE_SECONDS = 30 * 60.0


def new_response_url(
    ws: Workspace, kind: str, user: str, channel: str, *, message: Json | None = None, thread_ts: str = ""
) -> str:
    """A URL the app may post to five times in the next thirty minutes."""
    token = secrets.token_urlsafe(18)
    entry = ResponseUrl(user, channel, ws.monotonic(), thread_ts=thread_ts)
    if message is not None:
        entry.message_ts = message["ts"]
        entry.is_ephemeral = bool(message.get("is_ephemeral"))
        entry.thread_ts = str(message.get("thread_ts", ""))
    ws.responses[token] = entry
    return f"{ws.base_url}/{kind}/{token}"


def respond(ws: Workspace, token: str, body: Json) -> None:
    """Act on a post to a response URL.

    Raises `used_url` (sixth use), `expired_url` (older than thirty minutes or never given) and the codes of content.
    """
    entry = ws.responses.get(token)
    if entry is None or ws.monotonic() - entry.made > LIFE_SECONDS:
        raise SlackError("expired_url")
    if entry.uses >= MOST_USES:
        raise SlackError("used_url")
    entry.uses += 1
    if body.get("delete_original"):
        _delete_original(ws, entry)
    elif body.get("replace_original") and entry.message_ts:
        _replace_original(ws, entry, body)
    else:
        show(ws, entry.user, entry.channel, body, thread_ts=str(body.get("thread_ts") or ""))


def show(ws: Workspace, user: str, channel_id: str, body: Json, *, thread_ts: str = "") -> Json:
    """Show an answer: to the person alone, or to everyone with `response_type: in_channel`."""
    fields = messages.app_fields(ws, content.of(ws, body))
    channel = ws.channel(channel_id)
    if body.get("response_type") == "in_channel":
        return messages.post(ws, channel, ws.user(ws.app.bot_user_id), fields, thread_ts=thread_ts)
    return messages.post_ephemeral(ws, channel, user, fields, thread_ts=thread_ts)


def _replace_original(ws: Workspace, entry: ResponseUrl, body: Json) -> None:
    fields = content.of(ws, body)
    changes: Json = {"text": fields.get("text", ""), "blocks": fields.get("blocks")}
    if not entry.is_ephemeral:
        app = ws.user(ws.app.bot_user_id)
        messages.update(ws, ws.channel(entry.channel), entry.message_ts, app, changes)
        return
    shown = _ephemeral(ws, entry)
    shown.pop("blocks", None)
    shown |= {key: value for key, value in changes.items() if value is not None}
    messages.tell_ephemeral(ws, entry.user, shown)


def _delete_original(ws: Workspace, entry: ResponseUrl) -> None:
    if not entry.is_ephemeral:
        messages.delete(ws, ws.channel(entry.channel), entry.message_ts, ws.user(ws.app.bot_user_id))
        return
    shown = _ephemeral(ws, entry)
    ws.ephemerals[entry.user].remove(shown)
    ws.tell_pages("message_deleted", {"ts": shown["ts"]}, channel=entry.channel, user=entry.user)


def _ephemeral(ws: Workspace, entry: ResponseUrl) -> Json:
    for shown in ws.ephemerals.get(entry.user, []):
        if shown["ts"] == entry.message_ts:
            return shown
    raise SlackError("message_not_found")

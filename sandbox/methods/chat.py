"""chat.*: post, edit, delete, show to one person, link."""

from sandbox import channels, content, messages
from sandbox.errors import SlackError
from sandbox.methods.context import Context, Method
from sandbox.state import Channel, Json

# Slack bounds an ephemeral message's text more tightly than a posted one's.
MOST_EPHEMERAL_BYTES = 4_000
_STRUCTURES = ("blocks", "attachments", "metadata")


def _post_message(call: Context) -> Json:
    ws = call.ws
    channel = channels.for_posting(ws, call.required("channel"))
    fields = messages.app_fields(ws, content.of(ws, call.structures(*_STRUCTURES)))
    thread_ts, broadcast = call.text("thread_ts"), call.flag("reply_broadcast")
    app = ws.user(ws.app.bot_user_id)
    message = messages.post(ws, channel, app, fields, thread_ts=thread_ts, broadcast=broadcast)
    return {"channel": channel.id, "ts": message["ts"], "message": message}


def _update(call: Context) -> Json:
    ws = call.ws
    channel = _joined(call)
    if channel.archived or channel.frozen:
        raise SlackError("is_inactive")
    ts = call.required("ts")
    app = ws.user(ws.app.bot_user_id)
    message = messages.update(ws, channel, ts, app, content.changes(ws, call.structures(*_STRUCTURES)))
    return {"channel": channel.id, "ts": ts, "text": message.get("text", ""), "message": message}


def _delete(call: Context) -> Json:
    channel, ts = _joined(call), call.required("ts")
    messages.delete(call.ws, channel, ts, call.ws.user(call.ws.app.bot_user_id))
    return {"channel": channel.id, "ts": ts}


def _post_ephemeral(call: Context) -> Json:
    ws = call.ws
    channel = channels.for_posting(ws, call.required("channel"))
    user_id = call.required("user")
    if user_id not in channel.members:
        raise SlackError("user_not_in_channel")
    if len(call.text("text").encode()) > MOST_EPHEMERAL_BYTES:
        raise SlackError("msg_too_long")
    fields = messages.app_fields(ws, content.of(ws, call.structures("blocks", "attachments")))
    message = messages.post_ephemeral(ws, channel, user_id, fields, thread_ts=call.text("thread_ts"))
    return {"message_ts": message["ts"]}


def _permalink(call: Context) -> Json:
    channel, ts = channels.seen_by_app(call.ws, call.required("channel")), call.required("message_ts")
    message = messages.find(channel, ts)
    link = f"https://{call.ws.home.domain}.slack.com/archives/{channel.id}/p{ts.replace('.', '')}"
    if message.get("thread_ts", ts) != ts:
        link += f"?thread_ts={message['thread_ts']}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


def _joined(call: Context) -> Channel:
    target = call.required("channel")
    found = channels.find_direct(call.ws, target) if target[:1] in ("U", "W") else None
    return found or channels.joined_by_app(call.ws, target)


METHODS = {
    "chat.postMessage": Method(_post_message, "chat:write"),
    "chat.update": Method(_update, "chat:write"),
    "chat.delete": Method(_delete, "chat:write"),
    "chat.postEphemeral": Method(_post_ephemeral, "chat:write", tier=4),
    "chat.getPermalink": Method(_permalink),
}

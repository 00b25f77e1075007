"""reactions.* and pins.*."""

from sandbox import channels, messages
from sandbox.errors import SlackError
from sandbox.methods.context import Context, Method
from sandbox.state import Channel, Json, User


def _add(call: Context) -> Json:
    channel, app = _place(call)
    if channel.archived:
        raise SlackError("is_archived")
    messages.react(call.ws, channel, _ts(call), app, call.required("name").strip(":"))
    return {}


def _remove(call: Context) -> Json:
    channel, app = _place(call)
    messages.unreact(call.ws, channel, _ts(call), app, call.required("name").strip(":"))
    return {}


def _get(call: Context) -> Json:
    channel, _ = _place(call)
    message = messages.find(channel, _ts(call))
    return {"type": "message", "channel": channel.id, "message": message}


def _pin(call: Context) -> Json:
    channel, app = _place(call)
    messages.pin(call.ws, channel, _ts(call), app)
    return {}


def _unpin(call: Context) -> Json:
    channel, _ = _place(call)
    messages.unpin(channel, _ts(call))
    return {}


def _pins(call: Context) -> Json:
    channel = channels.joined_by_app(call.ws, call.required("channel"))
    items = [
        {"type": "message", "channel": channel.id, "message": channel.messages[ts], **pinned}
        for ts, pinned in channel.pins.items()
    ]
    return {"items": items}


def _place(call: Context) -> tuple[Channel, User]:
    channel = channels.joined_by_app(call.ws, call.required("channel"))
    return channel, call.ws.user(call.ws.app.bot_user_id)


def _ts(call: Context) -> str:
    if not call.text("timestamp"):
        raise SlackError("no_item_specified")
    return messages.bound(call.text("timestamp"), "bad_timestamp")


METHODS = {
    "reactions.add": Method(_add, "reactions:write"),
    "reactions.remove": Method(_remove, "reactions:write", tier=2),
    "reactions.get": Method(_get, "reactions:read"),
    "pins.add": Method(_pin, "pins:write", tier=2),
    "pins.remove": Method(_unpin, "pins:write", tier=2),
    "pins.list": Method(_pins, "pins:read", tier=2),
}

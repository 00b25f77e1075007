"""conversations.*: what is there, who is in it, what was said."""

from sandbox import channels, messages
from sandbox.errors import SlackError
from sandbox.methods.context import Context, Method
from sandbox.state import Channel, ChannelKind, Json

_TYPES: dict[str, ChannelKind] = {
    "public_channel": "channel",
    "private_channel": "private",
    "im": "im",
    "mpim": "mpim",
}


def _info(call: Context) -> Json:
    channel = channels.seen_by_app(call.ws, call.required("channel"))
    call.need_for(channel, "read")
    return {"channel": channels.describe(call.ws, channel)}


def _members(call: Context) -> Json:
    channel = channels.seen_by_app(call.ws, call.required("channel"))
    call.need_for(channel, "read")
    members, cursor = call.page(channel.members, 100)
    return {"members": members, "response_metadata": {"next_cursor": cursor}}


def _history(call: Context) -> Json:
    channel = channels.joined_by_app(call.ws, call.required("channel"))
    call.need_for(channel, "history")
    found = messages.history(channel, _window(call))
    page, cursor = call.page(found, *_page_size(call))
    answer: Json = {
        "messages": [_shown(call, m) for m in page],
        "has_more": bool(cursor),
        "pin_count": len(channel.pins),
    }
    return answer | {"response_metadata": {"next_cursor": cursor}}


def _replies(call: Context) -> Json:
    channel = channels.joined_by_app(call.ws, call.required("channel"))
    call.need_for(channel, "history")
    root, found = messages.replies(channel, call.required("ts"), _window(call))
    page, cursor = call.page(found, *_page_size(call))
    answer: Json = {"messages": [_shown(call, m) for m in [root, *page]], "has_more": bool(cursor)}
    return answer | {"response_metadata": {"next_cursor": cursor}}


def _list(call: Context) -> Json:
    return _listed(call, joined_only=False)


def _users_conversations(call: Context) -> Json:
    return _listed(call, joined_only=True)


def _open(call: Context) -> Json:
    ws = call.ws
    if call.text("channel"):
        channel = channels.joined_by_app(ws, call.text("channel"))
        return {"channel": _opened(call, channel), "no_op": True, "already_open": True}
    people = [ws.user(u) for u in call.names("users")]
    if not people:
        raise SlackError("users_list_not_supplied")
    call.need("im:write" if len(people) == 1 else "mpim:write")
    before = set(ws.channels)
    channel = channels.direct(ws, people[0]) if len(people) == 1 else channels.group_direct(ws, people)
    known = channel.id in before
    answer: Json = {"channel": _opened(call, channel)}
    return answer | ({"no_op": known, "already_open": known} if call.flag("return_im") else {})


def _join(call: Context) -> Json:
    channel = channels.seen_by_app(call.ws, call.required("channel"))
    if channel.kind != "channel":
        raise SlackError("method_not_supported_for_channel_type")
    if channel.archived:
        raise SlackError("is_archived")
    channels.join(call.ws, channel.id, call.ws.app.bot_user_id)
    return {"channel": channels.describe(call.ws, channel)}


def _opened(call: Context, channel: Channel) -> Json:
    return channels.describe(call.ws, channel) if call.flag("return_im") else {"id": channel.id}


def _listed(call: Context, *, joined_only: bool) -> Json:
    wanted = call.names("types") or ["public_channel"]
    if not set(wanted) <= set(_TYPES):
        raise SlackError("invalid_types")
    kinds = {_TYPES[name] for name in wanted}
    bot = call.ws.app.bot_user_id
    found = [c for c in call.ws.channels.values() if c.kind in kinds and _listable(c, bot, joined_only)]
    if call.flag("exclude_archived"):
        found = [c for c in found if not c.archived]
    for kind in kinds:
        call.need_for(Channel("", "", kind), "read")
    page, cursor = call.page(found, 100)
    listed = [channels.describe(call.ws, c) for c in page]
    return {"channels": listed, "response_metadata": {"next_cursor": cursor}}


def _listable(channel: Channel, bot: str, joined_only: bool) -> bool:
    return bot in channel.members or (channel.kind == "channel" and not joined_only)


def _page_size(call: Context) -> tuple[int]:
    if call.ws.limits.commercial_history and call.ws.limits.enabled:
        call.args["limit"] = min(int(call.args.get("limit") or 15), 15)
        return (15,)
    return (100,)


def _window(call: Context) -> messages.Window:
    return messages.Window(
        messages.bound(call.text("oldest"), "invalid_ts_oldest"),
        messages.bound(call.text("latest"), "invalid_ts_latest"),
        call.flag("inclusive"),
    )


def _shown(call: Context, message: Json) -> Json:
    if call.flag("include_all_metadata"):
        return message
    return {k: v for k, v in message.items() if k != "metadata"}


METHODS = {
    "conversations.info": Method(_info),
    "conversations.members": Method(_members, tier=4),
    "conversations.history": Method(_history),
    "conversations.replies": Method(_replies),
    "conversations.list": Method(_list, tier=2),
    "conversations.open": Method(_open),
    "conversations.join": Method(_join, "channels:join"),
    "users.conversations": Method(_users_conversations, tier=2),
}

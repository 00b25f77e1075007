"""Messages: posting, editing, deleting, threads, reactions, pins, ephemeral ones."""

import re
from dataclasses import dataclass
from typing import Any

from sandbox import events
from sandbox.errors import SlackError
from sandbox.state import Channel, Json, User
from sandbox.workspace import Workspace

TS = re.compile(r"\d{1,11}(\.\d{1,6})?")


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of a conversation between two ts ("" is open), bounds excluded unless `inclusive`."""

    oldest: str = ""
    latest: str = ""
    inclusive: bool = False

    def holds(self, ts: str) -> bool:
        """Whether a message of this ts is in it."""
        if self.inclusive and ts in (self.oldest, self.latest):
            return True
        return (not self.oldest or ts > self.oldest) and (not self.latest or ts < self.latest)


EVERYTHING = Window()


def post(
    ws: Workspace, channel: Channel, author: User, fields: Json, *, thread_ts: str = "", broadcast: bool = False
) -> Json:
    """Add a message. `fields` are its own (text, blocks, metadata, files ...); author, team and ts are added here.

    A reply to a reply goes to the same thread. Raises `cannot_reply_to_message` if the thread does not exist.
    """
    root = _root(channel, thread_ts) if thread_ts else None
    message: Json = {"type": "message", "user": author.id, **fields, "team": author.team_id, "ts": ws.stamp()}
    if ws.is_external(author):
        message |= {"user_team": author.team_id, "source_team": author.team_id}
    if root is not None:
        message |= {"thread_ts": root["ts"], "parent_user_id": root.get("user")}
    if root is not None and broadcast:
        message["subtype"] = "thread_broadcast"
    channel.messages[message["ts"]] = message
    if root is not None:
        channel.threads.setdefault(root["ts"], []).append(message["ts"])
        _count_replies(channel, root)
        ws.tell_pages("message_changed", {"message": root}, channel=channel.id)
    ws.tell_pages("message", {"message": message}, channel=channel.id)
    events.message_posted(ws, channel, message)
    return message


def app_fields(ws: Workspace, content: Json) -> Json:
    """What a message of the app carries besides its content."""
    profile = {"id": ws.app.bot_id, "app_id": ws.app.id, "name": ws.app.name, "team_id": ws.home.id, "deleted": False}
    return {"bot_id": ws.app.bot_id, "app_id": ws.app.id, "bot_profile": profile, **content}


def update(ws: Workspace, channel: Channel, ts: str, editor: User, changes: Json) -> Json:
    """Change a message's content in place. Raises `message_not_found`, `cant_update_message` (somebody else's)."""
    message = find(channel, ts)
    if message.get("user") != editor.id or message.get("subtype") == "tombstone":
        raise SlackError("cant_update_message")
    previous = dict(message)
    for key, value in changes.items():
        if value is None:
            message.pop(key, None)
        else:
            message[key] = value
    message["edited"] = {"user": editor.id, "ts": ws.stamp()}
    ws.tell_pages("message_changed", {"message": message}, channel=channel.id)
    events.message_changed(ws, channel, message, previous)
    return message


def delete(ws: Workspace, channel: Channel, ts: str, by: User) -> None:
    """Remove a message; a parent with replies leaves a tombstone.

    Raises `message_not_found`, `cant_delete_message` (somebody else's).
    """
    message = find(channel, ts)
    if message.get("user") != by.id or message.get("subtype") == "tombstone":
        raise SlackError("cant_delete_message")
    channel.pins.pop(ts, None)
    if channel.threads.get(ts):
        channel.messages[ts] = _tombstone(message)
        ws.tell_pages("message_changed", {"message": channel.messages[ts]}, channel=channel.id)
    else:
        del channel.messages[ts]
        ws.tell_pages("message_deleted", {"ts": ts}, channel=channel.id)
    _forget_reply(ws, channel, message)
    events.message_deleted(ws, channel, message)


def post_ephemeral(ws: Workspace, channel: Channel, user_id: str, fields: Json, *, thread_ts: str = "") -> Json:
    """Show a message of the app to one member only; it is in no history."""
    message: Json = {"type": "message", "user": ws.app.bot_user_id, **app_fields(ws, fields)}
    message |= {"team": ws.home.id, "ts": ws.stamp(), "is_ephemeral": True, "channel": channel.id}
    if thread_ts:
        message["thread_ts"] = thread_ts
    ws.ephemerals.setdefault(user_id, []).append(message)
    tell_ephemeral(ws, user_id, message)
    return message


def tell_ephemeral(ws: Workspace, user_id: str, message: Json) -> None:
    """Let a person's page show (or show anew) an ephemeral message."""
    data: Json = {"channel": message["channel"], "message": message}
    if "thread_ts" in message:
        data["thread_ts"] = message["thread_ts"]
    ws.tell_pages("ephemeral", data, channel=message["channel"], user=user_id)


def find(channel: Channel, ts: str) -> Json:
    """A message by its ts. Raises `message_not_found`."""
    message = channel.messages.get(ts)
    if message is None:
        raise SlackError("message_not_found")
    return message


def history(channel: Channel, window: Window = EVERYTHING) -> list[Json]:
    """Messages of the channel itself, newest first; replies are there only if also sent to the channel."""
    found = []
    for ts, message in reversed(channel.messages.items()):
        if ts < window.oldest:
            break
        if window.holds(ts) and _in_channel(message):
            found.append(message)
    return found


def replies(channel: Channel, ts: str, window: Window = EVERYTHING) -> tuple[Json, list[Json]]:
    """A thread: its parent, and the replies oldest first. Any message of the thread may name it.

    Raises `thread_not_found`.
    """
    message = channel.messages.get(ts)
    if message is None:
        raise SlackError("thread_not_found")
    root = channel.messages[str(message.get("thread_ts", ts))]
    return root, [channel.messages[t] for t in channel.threads.get(root["ts"], []) if window.holds(t)]


def react(ws: Workspace, channel: Channel, ts: str, user: User, name: str) -> None:
    """Add an emoji. Raises `message_not_found`, `invalid_name`, `already_reacted`."""
    message = find(channel, ts)
    if not re.fullmatch(r"[a-z0-9_+'-]+(::skin-tone-[2-6])?", name):
        raise SlackError("invalid_name")
    reactions: list[Json] = message.setdefault("reactions", [])
    entry = next((r for r in reactions if r["name"] == name), None)
    if entry is None:
        entry = {"name": name, "users": [], "count": 0}
        reactions.append(entry)
    if user.id in entry["users"]:
        raise SlackError("already_reacted")
    entry["users"].append(user.id)
    entry["count"] += 1
    ws.tell_pages("message_changed", {"message": message}, channel=channel.id)
    events.reaction(ws, "added", channel, ts, user, name)


def unreact(ws: Workspace, channel: Channel, ts: str, user: User, name: str) -> None:
    """Take an emoji away. Raises `message_not_found`, `no_reaction`."""
    message = find(channel, ts)
    entry = next((r for r in message.get("reactions", []) if r["name"] == name), None)
    if entry is None or user.id not in entry["users"]:
        raise SlackError("no_reaction")
    entry["users"].remove(user.id)
    entry["count"] -= 1
    message["reactions"] = [r for r in message["reactions"] if r["count"]]
    if not message["reactions"]:
        del message["reactions"]
    ws.tell_pages("message_changed", {"message": message}, channel=channel.id)
    events.reaction(ws, "removed", channel, ts, user, name)


def pin(ws: Workspace, channel: Channel, ts: str, user: User) -> None:
    """Pin a message. Raises `message_not_found`, `already_pinned`."""
    find(channel, ts)
    if ts in channel.pins:
        raise SlackError("already_pinned")
    channel.pins[ts] = {"created": int(ws.clock.now().timestamp()), "created_by": user.id}


def unpin(channel: Channel, ts: str) -> None:
    """Unpin a message. Raises `message_not_found`, `no_pin`."""
    find(channel, ts)
    if channel.pins.pop(ts, None) is None:
        raise SlackError("no_pin")


def bound(ts: Any, code: str) -> str:
    """A ts of an argument in full form, "" for none. Raises `code` if it is not one."""
    text = str(ts or "")
    if text in ("", "0"):
        return ""
    if not TS.fullmatch(text):
        raise SlackError(code)
    seconds, _, micros = text.partition(".")
    return f"{int(seconds):010d}.{micros.ljust(6, '0')}"


def _root(channel: Channel, thread_ts: str) -> Json:
    message = channel.messages.get(thread_ts)
    if message is None:
        raise SlackError("cannot_reply_to_message")
    return channel.messages[str(message.get("thread_ts", thread_ts))]


def _count_replies(channel: Channel, root: Json) -> None:
    found = [channel.messages[t] for t in channel.threads.get(root["ts"], [])]
    counted = ("thread_ts", "reply_count", "reply_users", "reply_users_count", "latest_reply")
    if not found:
        for key in counted:
            root.pop(key, None)
        return
    users = list(dict.fromkeys(str(m.get("user")) for m in found))
    values = (root["ts"], len(found), users, len(users), found[-1]["ts"])
    root.update(zip(counted, values, strict=True))


def _forget_reply(ws: Workspace, channel: Channel, message: Json) -> None:
    root = channel.messages.get(str(message.get("thread_ts", "")))
    if root is None or root["ts"] == message["ts"]:
        return
    channel.threads[root["ts"]].remove(message["ts"])
    _count_replies(channel, root)
    if root.get("subtype") == "tombstone" and not channel.threads[root["ts"]]:
        del channel.messages[root["ts"]]
        ws.tell_pages("message_deleted", {"ts": root["ts"]}, channel=channel.id)
    else:
        ws.tell_pages("message_changed", {"message": root}, channel=channel.id)


def _tombstone(message: Json) -> Json:
    counted = ("ts", "thread_ts", "reply_count", "reply_users", "reply_users_count", "latest_reply")
    gone: Json = {"type": "message", "subtype": "tombstone", "hidden": True, "user": "USLACKBOT"}
    return gone | {"text": "This message was deleted."} | {k: message[k] for k in counted if k in message}


def _in_channel(message: Json) -> bool:
    is_reply = message.get("thread_ts", message["ts"]) != message["ts"]
    return not is_reply or message.get("subtype") == "thread_broadcast"

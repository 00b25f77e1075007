"""Conversations: what the app can reach, direct messages, and the life of a channel."""

from typing import Literal

from sandbox import events
from sandbox.errors import SlackError
from sandbox.state import Channel, Json, Team, User
from sandbox.workspace import Workspace


def seen_by_app(ws: Workspace, channel_id: str) -> Channel:
    """A conversation the app may know of. Raises `channel_not_found` for private ones it is not in."""
    channel = ws.channels.get(channel_id)
    if channel is None or (channel.kind != "channel" and ws.app.bot_user_id not in channel.members):
        raise SlackError("channel_not_found")
    return channel


def joined_by_app(ws: Workspace, channel_id: str) -> Channel:
    """A conversation the app is in. Raises `channel_not_found` or `not_in_channel`."""
    channel = seen_by_app(ws, channel_id)
    if ws.app.bot_user_id not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def for_posting(ws: Workspace, target: str) -> Channel:
    """Where a message to `target` goes: a conversation the app is in, or the direct message with a user id.

    Raises `channel_not_found`, `not_in_channel`, `is_archived`, `messages_tab_disabled`, or the person's `dm_error`.
    """
    if target[:1] in ("U", "W"):
        if target not in ws.users:
            raise SlackError("channel_not_found")
        return direct(ws, ws.users[target])
    channel = joined_by_app(ws, target)
    if channel.archived or channel.frozen:
        raise SlackError("is_archived")
    if channel.kind == "im":
        _allow_direct(ws, ws.user(next(m for m in channel.members if m != ws.app.bot_user_id)))
    return channel


def find_direct(ws: Workspace, user_id: str) -> Channel | None:
    """The direct message between the app and a person, if there is one."""
    pair = {user_id, ws.app.bot_user_id}
    return next((c for c in ws.channels.values() if c.kind == "im" and set(c.members) == pair), None)


def direct(ws: Workspace, user: User) -> Channel:
    """The direct message between the app and a person, opened if need be.

    Raises `cannot_dm_bot`, `user_disabled`, `user_not_visible` (nothing shared), or the person's `dm_error`.
    """
    _allow_direct(ws, user)
    return existing_direct(ws, user)


def existing_direct(ws: Workspace, user: User) -> Channel:
    """The direct message between the app and a person, opened if need be, without asking whether the app may."""
    found = find_direct(ws, user.id)
    if found is not None:
        return found
    channel = ws.add_channel(ws.new_id("D"), "", "im", [ws.app.bot_user_id, user.id])
    ws.tell_pages("channel", {}, channel=channel.id)
    return channel


def group_direct(ws: Workspace, users: list[User]) -> Channel:
    """The group direct message of the app and several people.

    Raises `too_many_users`, or `invalid_user_combination` unless all external people share a channel.
    """
    if len(users) > 8:
        raise SlackError("too_many_users")
    outside = {u.id for u in users if ws.is_external(u)}
    rooms = [set(c.members) for c in ws.channels.values() if c.kind in ("channel", "private")]
    if outside and not any(outside <= room for room in rooms):
        raise SlackError("invalid_user_combination")
    members = {ws.app.bot_user_id, *(u.id for u in users)}
    found = next((c for c in ws.channels.values() if c.kind == "mpim" and set(c.members) == members), None)
    if found is not None:
        return found
    name = "mpdm-" + "--".join(sorted(ws.user(m).name for m in members)) + "-1"
    channel = ws.add_channel(ws.new_id("G"), name, "mpim", sorted(members))
    ws.tell_pages("channel", {}, channel=channel.id)
    return channel


def describe(ws: Workspace, channel: Channel) -> Json:
    """A conversation as `conversations.info` gives it."""
    if channel.kind == "im":
        other = next(m for m in channel.members if m != ws.app.bot_user_id)
        im: Json = {"id": channel.id, "created": channel.created, "is_im": True, "is_channel": False}
        im |= {"is_group": False, "is_mpim": False, "is_archived": channel.archived, "is_open": True, "user": other}
        return im | {"is_org_shared": False, "is_ext_shared": channel.is_ext_shared, "context_team_id": ws.home.id}
    shared = channel.is_ext_shared
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": channel.kind == "channel",
        "is_group": channel.kind == "private",
        "is_im": False,
        "is_mpim": channel.kind == "mpim",
        "is_private": channel.kind != "channel",
        "created": channel.created,
        "creator": channel.creator,
        "is_archived": channel.archived,
        "is_general": channel.name == "general",
        "is_member": ws.app.bot_user_id in channel.members,
        "is_shared": shared,
        "is_ext_shared": shared,
        "is_org_shared": False,
        "is_pending_ext_shared": bool(channel.pending_team_ids),
        "pending_connected_team_ids": channel.pending_team_ids,
        "is_frozen": channel.frozen,
        **({"frozen_reason": "connection_severed"} if channel.frozen else {}),
        "context_team_id": ws.home.id,
        "shared_team_ids": channel.shared_team_ids,
        "connected_team_ids": [t for t in channel.shared_team_ids if t != ws.home.id],
        "topic": {"value": channel.topic, "creator": "", "last_set": 0},
        "purpose": {"value": channel.purpose, "creator": "", "last_set": 0},
        "num_members": len(channel.members),
    }


# -- life of a channel: what administrators and members do --------------------------------------------------------


def join(ws: Workspace, channel_id: str, user_id: str, inviter: str = "") -> None:
    """Make somebody (or the app) a member; a first member of another workspace shares the channel."""
    channel, user = ws.channel(channel_id), ws.user(user_id)
    if user_id in channel.members:
        return
    channel.members.append(user_id)
    if user.team_id not in channel.shared_team_ids:
        share(ws, channel_id, ws.teams[user.team_id])
    events.membership(ws, "joined", channel, user, inviter)
    ws.tell_pages("channel", {}, channel=channel_id)


def leave(ws: Workspace, channel_id: str, user_id: str) -> None:
    """Take somebody (or the app) out of a channel."""
    channel, user = ws.channel(channel_id), ws.user(user_id)
    if user_id in channel.members:
        channel.members.remove(user_id)
        events.membership(ws, "left", channel, user)
        if user_id == ws.app.bot_user_id:
            events.app_left(ws, channel)
        ws.tell_pages("channel", {}, channel=channel_id)


def archive(ws: Workspace, channel_id: str, by: str, *, archived: bool = True) -> None:
    """Archive a channel, or bring it back."""
    channel = ws.channel(channel_id)
    channel.archived = archived
    kind = ("channel_" if channel.kind == "channel" else "group_") + ("archive" if archived else "unarchive")
    events.channel_event(ws, channel, {"type": kind, "channel": channel_id, "user": by})
    ws.tell_pages("channel", {}, channel=channel_id)


def rename(ws: Workspace, channel_id: str, name: str) -> None:
    """Give a channel another name."""
    channel = ws.channel(channel_id)
    channel.name = name
    kind = "channel_rename" if channel.kind == "channel" else "group_rename"
    body = {"id": channel_id, "name": name, "created": channel.created}
    events.channel_event(ws, channel, {"type": kind, "channel": body})
    ws.tell_pages("channel", {}, channel=channel_id)


def invite(ws: Workspace, channel_id: str, team_id: str) -> None:
    """Invite another company into a channel; it has not accepted yet, and the app hears nothing of it."""
    ws.channel(channel_id).pending_team_ids.append(team_id)


def share(ws: Workspace, channel_id: str, team: Team) -> None:
    """Share a channel with another workspace (Slack Connect)."""
    channel = ws.channel(channel_id)
    channel.shared_team_ids.append(team.id)
    channel.pending_team_ids = [one for one in channel.pending_team_ids if one != team.id]
    event = {"type": "channel_shared", "connected_team_id": team.id, "channel": channel_id}
    events.channel_event(ws, channel, event)


def unshare(ws: Workspace, channel_id: str, team_id: str) -> None:
    """End the sharing with another workspace: its people are members no longer."""
    channel = ws.channel(channel_id)
    channel.shared_team_ids = [t for t in channel.shared_team_ids if t != team_id]
    channel.members = [m for m in channel.members if ws.user(m).team_id != team_id]
    event = {"type": "channel_unshared", "previously_connected_team_id": team_id, "channel": channel_id}
    events.channel_event(ws, channel, {**event, "is_ext_shared": channel.is_ext_shared})
    ws.tell_pages("channel", {}, channel=channel_id)


def change_id(ws: Workspace, old: str, new: str) -> None:
    """Give a conversation another id, as happens when a private channel is shared; the old id is gone."""
    channel = ws.channels.pop(old)
    channel.id = new
    ws.channels[new] = channel
    event = {"type": "channel_id_changed", "old_channel_id": old, "new_channel_id": new}
    events.channel_event(ws, channel, event)
    ws.tell_pages("channel", {}, channel=new)


def uninstall(ws: Workspace, how: Literal["token_revoked", "account_inactive"] = "account_inactive") -> None:
    """Remove the app from the workspace: its tokens die and it hears of it."""
    ws.app.token_error = how
    events.app_event(ws, {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [ws.app.bot_user_id]}})
    events.app_event(ws, {"type": "app_uninstalled"})


def _allow_direct(ws: Workspace, user: User) -> None:
    if user.is_bot:
        raise SlackError("cannot_dm_bot")
    if user.deleted:
        raise SlackError("user_disabled")
    if user.dm_error:
        raise SlackError(user.dm_error)
    if not ws.app.messages_tab_enabled:
        raise SlackError("messages_tab_disabled")
    if ws.is_external(user) and not ws.shares_channel_with_app(user):
        raise SlackError("user_not_visible")

"""What Slack tells of channels and people: archived, shared, renumbered, left, closed. Stored, then acknowledged."""

from collections.abc import Collection
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.acquaintance import account_of
from bot.gateway import SlackFailure, user_of
from bot.listeners.setup import invite_to_set_up
from bot.listeners.workspace import stop_if_refused
from bot.runtime import Runtime
from models.access import SYSTEM, Actor
from models.channels import people, service
from models.channels.rules import Happening

Json = dict[str, Any]

_HAPPENINGS = {
    "archive": Happening.ARCHIVED,
    "unarchive": Happening.UNARCHIVED,
    "deleted": Happening.DELETED,
    "shared": Happening.SHARED,
    "left": Happening.BOT_LEFT,
}
"""By the last part of the event's name; the first says channel or group."""


def register(app: AsyncApp) -> None:
    """Bind the handlers. Private channels are called groups in the names of events."""
    app.event("channel_archive")(on_happening)
    app.event("group_archive")(on_happening)
    app.event("channel_unarchive")(on_happening)
    app.event("group_unarchive")(on_happening)
    app.event("channel_deleted")(on_happening)
    app.event("group_deleted")(on_happening)
    app.event("channel_shared")(on_happening)
    app.event("channel_left")(on_happening)
    app.event("group_left")(on_happening)
    app.event("channel_unshared")(on_unshared)
    app.event("team_access_revoked")(on_team_revoked)
    app.event("channel_id_changed")(on_id_changed)
    app.event("member_left_channel")(on_left)
    app.event("member_joined_channel")(on_joined)
    app.event("user_change")(on_user_changed)


async def on_happening(ack: AsyncAck, event: Json, rt: Runtime) -> None:
    """Something happened to a channel that its event's name tells."""
    await _happened(rt, event, _HAPPENINGS[str(event["type"]).partition("_")[2]])
    await ack()


async def on_unshared(ack: AsyncAck, event: Json, rt: Runtime) -> None:
    """Another company was taken off a channel: look who is left in it."""
    channel_id = str(event.get("channel", ""))
    team_id = str(event.get("previously_connected_team_id", ""))
    still_there = await _members(rt, channel_id)
    await rt.db.run(
        SYSTEM,
        service.disconnected,
        rt.installed.team_id,
        channel_id,
        team_id,
        still_there,
        str(event.get("event_ts", "")),
    )
    await ack()


async def on_team_revoked(ack: AsyncAck, event: Json, rt: Runtime) -> None:
    """Workspaces have closed themselves to the app: where the provider's people are of one, look who is left.

    One of them may be ours, or one of our organisation's: then the token itself is asked, as when the app is removed.
    """
    workspace_id, key = rt.installed.team_id, str(event.get("event_ts", ""))
    named = event.get("team_ids")
    teams = [str(team_id) for team_id in named] if isinstance(named, list) else []
    if workspace_id in teams or rt.slack.is_org_wide:
        await stop_if_refused(rt, "team_access_revoked")
    for team_id in teams:
        for channel_id in await rt.db.look(SYSTEM, service.channels_of_team, workspace_id, team_id):
            left = await _members(rt, channel_id)
            await rt.db.run(SYSTEM, service.team_lost, workspace_id, channel_id, team_id, left, key)
    await ack()


async def on_id_changed(ack: AsyncAck, event: Json, rt: Runtime) -> None:
    """A channel got another id, as happens when a private one is shared."""
    old, new = str(event.get("old_channel_id", "")), str(event.get("new_channel_id", ""))
    if old and new:
        await rt.db.run(SYSTEM, service.moved, rt.installed.team_id, old, new)
    await ack()


async def on_left(ack: AsyncAck, event: Json, rt: Runtime) -> None:
    """Somebody left a channel: the bot, or a person."""
    user_id = str(event.get("user", ""))
    if user_id == rt.installed.user_id:
        await _happened(rt, event, Happening.BOT_LEFT)
    else:
        await rt.db.run(SYSTEM, people.left_channel, rt.installed.team_id, str(event.get("channel", "")), user_id)
    await ack()


async def on_joined(ack: AsyncAck, event: Json, actor: Actor, rt: Runtime) -> None:
    """Somebody came into a channel: the bot, or a person, who may be from outside."""
    user_id = str(event.get("user", ""))
    if user_id == rt.installed.user_id:
        await _happened(rt, event, Happening.BOT_CAME)
        await invite_to_set_up(event, actor, rt)
    else:
        await _happened(rt, event, Happening.PEOPLE_CHANGED)
        await rt.db.run(SYSTEM, people.joined_channel, rt.installed.team_id, str(event.get("channel", "")), user_id)
    await ack()


async def on_user_changed(ack: AsyncAck, event: Json, rt: Runtime) -> None:
    """An account changed: closed (a guest whose time is over as well), opened again, a guest now, or something else."""
    user = user_of(event["user"])
    seen = account_of(rt.installed.team_id, user)
    await rt.db.run(SYSTEM, people.accounts_are, rt.installed.team_id, {user.user_id: seen})
    await ack()


async def _members(rt: Runtime, channel_id: str) -> Collection[str] | None:
    """Who is in a channel; none when Slack does not say: the company's own id has to do then."""
    try:
        return await rt.slack.channel_members(channel_id)
    except SlackFailure:
        return None


async def _happened(rt: Runtime, event: Json, happening: Happening) -> None:
    channel = event.get("channel")
    channel_id = str(channel.get("id") if isinstance(channel, dict) else channel or "")
    await rt.db.run(
        SYSTEM, service.happened, rt.installed.team_id, channel_id, happening, str(event.get("event_ts", ""))
    )

"""What Slack says of the person who acts, and of the people and channels that an administrator names. Asked anew."""

import asyncio
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.gateway import SlackFailure, UserInfo
from bot.runtime import Runtime
from bot.slack_facts import belongs
from models.access import Actor, Standing
from models.channels.rules import AccountSeen
from models.engagements.rules import Belongs
from models.errors import Invalid
from models.setup.found import Found

MOST = 200
"""People of a channel who are looked up; whoever is not among them can be added later."""
_AT_ONCE = 20
_SECONDS = 2.2
"""For all that is asked of Slack before a form is answered; it must be within three."""


async def vouched(rt: Runtime, actor: Actor) -> tuple[Actor, UserInfo]:
    """The actor with their standing in our workspace, and what Slack knows of them."""
    user = await rt.slack.user_info(actor.slack_user_id)
    standing = Standing.OUTSIDER
    is_gone = user.is_deleted or user.is_bot or user.is_stranger
    if belongs(rt.installed.team_id, user) is Belongs.COLLEAGUE and not is_gone:
        standing = Standing.ADMINISTRATOR if user.is_admin else Standing.COLLEAGUE
    return replace(actor, standing=standing), user


def in_time() -> float:
    """Until when Slack may be asked on behalf of somebody who has sent a form just now, by the loop's clock."""
    return asyncio.get_running_loop().time() + _SECONDS


async def people_of(
    rt: Runtime, channel_id: str, known: Sequence[Found] = (), *, until: float
) -> tuple[tuple[Found, ...], bool]:
    """Who is in a channel, without bots, and whether all were looked up in time; those `known` are not asked again.

    `until` is what `in_time` said when the person acted.
    """
    members = (await rt.slack.channel_members(channel_id))[:MOST]
    found = {person.slack_id: person for person in known}
    missing = [user_id for user_id in members if user_id not in found and user_id != rt.installed.user_id]
    gate = asyncio.Semaphore(_AT_ONCE)
    skipped: set[str] = set()

    async def look(user_id: str) -> None:
        async with gate:
            user = await rt.slack.user_info(user_id)
        person = acquainted(rt, user)
        if person is None:
            skipped.add(user_id)
        else:
            found[user_id] = person

    await _within(until - asyncio.get_running_loop().time(), [look(user_id) for user_id in missing])
    whole = all(user_id in found or user_id in skipped for user_id in missing)
    return tuple(found[user_id] for user_id in members if user_id in found), whole


def acquainted(rt: Runtime, user: UserInfo) -> Found | None:
    """A person as somebody who may come onto a roster; None for bots and people who are gone."""
    if user.is_bot or user.is_deleted or user.is_stranger:
        return None
    name = user.name[:100] or user.user_id
    return Found(user.user_id, name, user.zone or "UTC", user.team_id, belongs(rt.installed.team_id, user))


async def check_channels(rt: Runtime, actor: Actor, channel_id: str, inhouse_channel_id: str) -> None:
    """Refuse channels that the bot or the actor is not in, and an in-house one that outsiders share. Raises Invalid."""
    problems: dict[str, str] = {}
    for field, place in (("channel", channel_id), ("inhouse_channel", inhouse_channel_id)):
        if place and (problem := await _problem(rt, actor, place, is_inhouse=field == "inhouse_channel")):
            problems[field] = problem
    if problems:
        raise Invalid(problems)


async def check_inhouse(rt: Runtime, actor: Actor, places: Mapping[str, str]) -> None:
    """The same for several channels, by field, in which nobody from outside may read. Raises Invalid."""
    found = {field: await _problem(rt, actor, place, is_inhouse=True) for field, place in places.items()}
    if problems := {field: problem for field, problem in found.items() if problem}:
        raise Invalid(problems)


async def _problem(rt: Runtime, actor: Actor, channel_id: str, *, is_inhouse: bool) -> str:
    try:
        info = await rt.slack.channel_info(channel_id)
        if not info.is_member:
            return "I am not in this channel. Invite me there first: /invite @cadence"
        if info.is_archived:
            return "This channel is archived. Please choose another one."
        if is_inhouse and (info.is_ext_shared or info.is_pending_ext_shared):
            return "This channel is shared with another company. Please choose one that only your own people read."
        if actor.slack_user_id not in await rt.slack.channel_members(channel_id):
            return "You are not in this channel yourself. Please choose one that you are in."
    except SlackFailure:
        return "I cannot look into this channel. Invite me there first: /invite @cadence"
    return ""


def account_of(workspace_id: str, user: UserInfo) -> AccountSeen:
    """What Slack says of an account, for the workspace (or organisation) that has the app."""
    return AccountSeen(user.is_deleted, belongs(workspace_id, user) if user.team_id else None)


async def _within(seconds: float, doings: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Do all that can be done in this time; what fails or takes longer is left."""
    tasks = [asyncio.create_task(doing) for doing in doings]
    if tasks:
        _, late = await asyncio.wait(tasks, timeout=max(seconds, 0.0))
        for task in late:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

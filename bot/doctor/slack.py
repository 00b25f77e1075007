"""Checks of Slack: token, scopes, the way in, and the channels and people of every engagement."""

from datetime import datetime

from slack_sdk.web.async_client import AsyncWebClient

from bot.cli.problems import slack_sentence
from bot.doctor import door
from bot.doctor.findings import Finding, bad, good, odd
from bot.gateway import ChannelInfo, Gateway, Identity, SlackFailure, UserInfo
from bot.settings import Settings
from bot.slack_errors import narrow
from bot.verifier import MAX_SKEW
from models.access import Side
from models.setup.file import EngagementFile, PersonEntry

_CLOCK_REMEDY = "Let it be set by time servers: timedatectl set-ntp true."
_SLACK_SECONDS = 30
"""The header has whole seconds, and the answer takes its time."""
_WHERE = "/cadence settings in the shared channel, or in the engagement file"
_CHANNEL_REMEDY = "Is the id right, and the bot invited?"


async def token(slack: Gateway) -> Identity | Finding:
    """Who the token is; a finding when it is nobody."""
    try:
        return await slack.auth_test()
    except SlackFailure as error:
        return bad("token", slack_sentence(error), "Check SLACK_BOT_TOKEN (and SLACK_API_URL).")


def scopes(granted: frozenset[str], needed: frozenset[str]) -> Finding:
    """Does the installed app have the scopes of the manifest?"""
    if not granted:
        return odd(
            "scopes", "Slack does not say which scopes the token has.", "Compare them with the manifest by hand."
        )
    if missing := sorted(needed - granted):
        return bad("scopes", f"The token lacks {', '.join(missing)}.", "Paste the manifest anew and reinstall the app.")
    if more := sorted(granted - needed):
        return odd("scopes", f"The token may do more than is needed: {', '.join(more)}.", "Remove them and reinstall.")
    return good("scopes", f"All {len(needed)} are granted, and no more.")


def clock(told: datetime | None, now: datetime) -> Finding:
    """Does this machine's clock agree with Slack's? Both in UTC."""
    if told is None:
        return odd("clock", "Slack does not say what time it is.", "Compare this machine's clock by hand.")
    apart = abs((now - told).total_seconds())
    said = f"It is {apart:.0f} seconds away from Slack's."
    if apart > MAX_SKEW.total_seconds():
        return bad("clock", f"{said} Requests of Slack are refused as forged.", _CLOCK_REMEDY)
    return odd("clock", said, _CLOCK_REMEDY) if apart > _SLACK_SECONDS else good("clock", "It agrees with Slack's.")


async def way_in(settings: Settings) -> Finding:
    """Can Slack's requests reach us?"""
    if not settings.uses_socket or settings.slack_app_token is None:
        return await door.over_http(settings)
    client = AsyncWebClient(base_url=settings.slack_api_url, retry_handlers=[], timeout=10)
    try:
        await client.apps_connections_open(app_token=settings.slack_app_token.get_secret_value())
    except Exception as error:  # whatever the client raises is narrowed to one of our families
        failure = narrow(error, "apps.connections.open")
        remedy = "Check SLACK_APP_TOKEN: it needs connections:write, and the app Socket Mode switched on."
        return bad("way in", slack_sentence(failure), remedy)
    return good("way in", "Socket Mode: Slack gives out a connection.")


async def engagement(slack: Gateway, file: EngagementFile, home: str) -> list[Finding]:
    """The channels and the people of one engagement."""
    if file.workspace != home:
        remedy = f"Apply it again for {home}, or use the token of {file.workspace}."
        return [bad(file.key, f"It belongs to the workspace {file.workspace}, the token to {home}.", remedy)]
    members: frozenset[str] = frozenset()
    try:
        info = await slack.channel_info(file.channel)
        members = frozenset(await slack.channel_members(file.channel)) if info.is_member else members
        found = [_shared(file, info, home)]
    except SlackFailure as error:
        found = [bad(f"{file.key} channel", f"{file.channel}: {slack_sentence(error)}", _CHANNEL_REMEDY)]
    if file.inhouse_channel:
        found.append(await _inhouse(slack, file, file.inhouse_channel))
    return [*found, *[await _person(slack, file.key, person, home, members) for person in file.people]]


def _shared(file: EngagementFile, info: ChannelInfo, home: str) -> Finding:
    what, name = f"{file.key} channel", f"#{info.name}" if info.name else info.channel_id
    outside = sorted({person.team for person in file.people if person.team and person.team != home})
    if info.is_archived:
        return bad(what, f"{name} is archived.", "Bring it back in Slack, or apply a file with another channel.")
    if not info.is_member:
        return bad(what, f"The bot is not in {name}.", f"In {name}: /invite @cadence")
    if outside and not info.is_ext_shared:
        remedy = "Share the channel with the provider's workspace (Slack Connect)."
        return odd(what, f"{name} is not shared, but people of {', '.join(outside)} are on the roster.", remedy)
    return good(what, f"The bot is in {name}{', which is shared' if info.is_ext_shared else ''}.")


async def _inhouse(slack: Gateway, file: EngagementFile, channel_id: str) -> Finding:
    what = f"{file.key} in-house channel"
    try:
        info = await slack.channel_info(channel_id)
    except SlackFailure as error:
        return bad(what, f"{channel_id}: {slack_sentence(error)}", _CHANNEL_REMEDY)
    name = f"#{info.name}" if info.name else channel_id
    if info.is_ext_shared or info.is_pending_ext_shared:
        remedy = "Use a channel that is not shared, or end the sharing. Nothing in-house is posted there."
        return bad(what, f"{name} is shared with others, or about to be.", remedy)
    if info.is_archived or not info.is_member:
        why = "is archived" if info.is_archived else "does not have the bot in it"
        return bad(what, f"{name} {why}.", f"In {name}: /invite @cadence")
    return good(what, f"The bot is in {name}, which is not shared.")


async def _person(slack: Gateway, key: str, person: PersonEntry, home: str, members: frozenset[str]) -> Finding:
    what, name = f"{key} roster", f"{person.name} ({person.slack_id})"
    try:
        user = await slack.user_info(person.slack_id)
    except SlackFailure as error:
        return bad(
            what,
            f"{name}: {slack_sentence(error)}",
            f"Correct the id in {_WHERE}.",
        )
    if problem := _side_problem(what, name, person, user, home):
        return problem
    if members and person.slack_id not in members:
        return odd(what, f"{name} is not in the shared channel.", "Invite them there.")
    return good(what, f"{name} is active and plausible on that side.")


def _side_problem(what: str, name: str, person: PersonEntry, user: UserInfo, home: str) -> Finding | None:
    inhouse = person.side is Side.INHOUSE
    if user.is_deleted or user.is_bot:
        why = "a bot" if user.is_bot else "deactivated"
        return bad(what, f"{name} is {why}.", f"Remove them in {_WHERE}.")
    if inhouse and user.team_id and user.team_id != home:
        remedy = "List them under vendor: what is in-house would be told to outsiders."
        return bad(what, f"{name} is listed in-house but belongs to the workspace {user.team_id}.", remedy)
    if person.team and user.team_id and person.team != user.team_id:
        remedy = f"Correct `team` to {user.team_id}: what they send is refused as a stranger's."
        return bad(what, f"{name} belongs to {user.team_id}, not to {person.team}.", remedy)
    if inhouse and user.is_guest:
        return odd(
            what, f"{name} is listed in-house but is a guest.", "If they work for the provider, list them there."
        )
    return None

"""The nightly looks that fell due: asks Slack who is in the channels and whose accounts are open, and stores it."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import structlog

from bot.acquaintance import account_of
from bot.farewell import stop_if_refused
from bot.gateway import ChannelInfo, Gateway
from bot.slack_errors import RateLimited, SlackFailure, TargetGone, TokenRefused
from bot.tenants import Tenants
from models.access import SYSTEM, system_in
from models.channels import nightly
from models.channels.nightly import Sight, Turn
from models.channels.rules import AccountSeen, ChannelSeen
from models.clock import Clock
from models.db import Database
from models.outbox.rules import Place

_TOKEN_RESTS = timedelta(hours=1)
_REMOVED = "account_inactive"
"""What Slack says of a bot's token once its app was removed. Source: Slack's method reference."""
_log = structlog.get_logger(__name__)


class Rounds:
    """Takes turns. Any number of replicas may run one each; a run takes one turn in each workspace.

    With `only` it serves that workspace alone.
    """

    def __init__(self, db: Database, tenants: Tenants, wall: Clock, only: str | None = None) -> None:
        self._db = db
        self._tenants = tenants
        self._wall = wall
        self._only = only

    async def run(self) -> int:
        """Take what turns there are now. How many were taken."""
        waiting = await self._db.look(SYSTEM, nightly.waiting, self._wall.now(), self._only)
        return sum([await self._take(*found) for found in waiting])

    async def _take(self, workspace_id: str, look_id: UUID) -> bool:
        actor = system_in(workspace_id)
        turn = await self._db.run(actor, nightly.take_turn, workspace_id, look_id, self._wall.now())
        if turn is None:
            return False
        accounts: dict[str, AccountSeen | None] = {}
        try:
            slack = await self._tenants.door(workspace_id)
            for _, user_id in turn.accounts:
                accounts[user_id] = await _account(slack, workspace_id, user_id)
            channels = {where: await _channel(slack, channel_id) for where, channel_id in turn.channels.items()}
            sight = Sight(channels, await _members(slack, turn, channels), accounts)
        except SlackFailure as failure:
            delay = _delay(failure)
            await self._db.run(actor, nightly.failed, turn, Sight(accounts=accounts), self._wall.now(), delay)
            _log.warning("night_look_failed", workspace=workspace_id, row=str(look_id), code=failure.code)
            if failure.code == _REMOVED and self._only is None:
                await self._farewell(workspace_id)
            return True
        await self._db.run(actor, nightly.found, turn, sight)
        return True

    async def _farewell(self, workspace_id: str) -> None:
        """Slack told it while nobody ran, or before the backup that was restored: nobody says it again."""
        with suppress(SlackFailure):
            slack = await self._tenants.door(workspace_id)
            await stop_if_refused(self._db, self._tenants, slack, workspace_id, "night_look")


async def _account(slack: Gateway, workspace_id: str, user_id: str) -> AccountSeen | None:
    """None where Slack does not show the person (any more): that tells nothing of their account."""
    try:
        return account_of(workspace_id, await slack.user_info(user_id))
    except TargetGone:
        return None


async def _channel(slack: Gateway, channel_id: str) -> ChannelSeen:
    try:
        info = await slack.channel_info(channel_id)
    except TargetGone:
        return ChannelSeen(is_there=False)
    return ChannelSeen(
        is_member=info.is_member,
        is_archived=info.is_archived,
        is_open_to_outsiders=_is_open(info),
        team_ids=frozenset(info.shared_team_ids),
    )


def _is_open(info: ChannelInfo) -> bool:
    return info.is_ext_shared or info.is_pending_ext_shared


async def _members(slack: Gateway, turn: Turn, channels: Mapping[Place, ChannelSeen]) -> frozenset[str] | None:
    """Who is in the shared channel, if one can say so: who cannot be seen has not left."""
    shared = channels.get(Place.CHANNEL)
    if shared is None or not shared.is_there or not shared.is_member:
        return None
    return frozenset(await slack.channel_members(turn.channels[Place.CHANNEL]))


def _delay(failure: SlackFailure) -> timedelta:
    if isinstance(failure, RateLimited):
        return failure.retry_after
    return _TOKEN_RESTS if isinstance(failure, TokenRefused) else timedelta(0)

"""Who would read it: the check of an in-house message against its channel, at the moment of sending. Fails closed.

A private channel can be shared with another company at any time, and a guest can be invited by anybody.
"""

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from bot.gateway import Doors, Gateway, TargetGone, TokenRefused, UserInfo
from bot.slack_facts import belongs
from models.clock import Clock
from models.engagements.rules import Belongs
from models.outbox.queries import Readers

KeyT = TypeVar("KeyT", bound=Hashable)

FRESH = timedelta(seconds=60)
"""How long what a channel is, and who is in it, is believed."""
_KNOWN = timedelta(minutes=15)
"""How long it is believed whether a colleague belongs to the company: their number may be large, the limit is not."""

_FEW = 40
"""So many people are asked about one by one; for more, the directory is read."""
_MOST_PEOPLE = 50_000
_MOST_CHANNELS = 1_000

SHARED = "channel_is_shared"
VENDOR = "vendor_in_channel"
OUTSIDER = "outsider_in_channel"
UNCHECKED = "channel_cannot_be_checked"


@dataclass(frozen=True, slots=True)
class _Seen:
    code: str
    at: datetime


class AudienceCheck:
    """Looks at channels and people through Slack, and remembers for a short time what it saw."""

    def __init__(self, doors: Doors, wall: Clock) -> None:
        self._doors = doors
        self._wall = wall
        self._channels: OrderedDict[tuple[str, str, Readers], _Seen] = OrderedDict()
        self._people: OrderedDict[tuple[str, str], _Seen] = OrderedDict()

    async def refusal(self, workspace_id: str, channel_id: str, readers: Readers) -> str:
        """Why an in-house message must not go to this channel now; "" if it may.

        Raises the gateway's failures when Slack cannot be asked just now: then nothing is sent either.
        """
        place = (workspace_id, channel_id, readers)
        seen = self._channels.get(place)
        if seen is None or not self._is_of_late(seen, FRESH):
            asked_at = self._wall.now()
            seen = _Seen(await self._look(workspace_id, channel_id, readers), asked_at)
            _keep(self._channels, place, seen, _MOST_CHANNELS)
        return seen.code

    async def _look(self, workspace_id: str, channel_id: str, readers: Readers) -> str:
        slack = await self._doors(workspace_id)
        try:
            info = await slack.channel_info(channel_id)
            others = set() if slack.is_org_wide else set(info.shared_team_ids) - {workspace_id}
            if info.is_ext_shared or info.is_pending_ext_shared or others:
                return SHARED
            members = await slack.channel_members(channel_id)
            if readers.vendors.intersection(members):
                return VENDOR
            strangers = [user_id for user_id in members if user_id not in readers.inhouse]
            await self._meet(slack, workspace_id, strangers)
            for user_id in strangers:
                if await self._is_outsider(slack, workspace_id, user_id):
                    return OUTSIDER
        except TokenRefused as failure:
            if failure.code == "missing_scope":
                return UNCHECKED
            raise
        return ""

    async def _meet(self, slack: Gateway, workspace_id: str, user_ids: Sequence[str]) -> None:
        """Where many are not known, the workspace's own directory says of most of them what they are, in few calls."""
        unknown = {user_id for user_id in user_ids if self._known(workspace_id, user_id) is None}
        if slack.is_org_wide or len(unknown) <= _FEW:
            return
        async for page in slack.directory():
            asked_at = self._wall.now()
            for user in page:
                if user.user_id in unknown:
                    self._remember(workspace_id, user.user_id, _Seen(_code(user, workspace_id), asked_at))
            unknown.difference_update(user.user_id for user in page)
            if not unknown:
                return

    async def _is_outsider(self, slack: Gateway, workspace_id: str, user_id: str) -> bool:
        seen = self._known(workspace_id, user_id)
        if seen is None:
            asked_at = self._wall.now()
            seen = _Seen(await _ask(slack, workspace_id, user_id), asked_at)
            self._remember(workspace_id, user_id, seen)
        return bool(seen.code)

    def _known(self, workspace_id: str, user_id: str) -> _Seen | None:
        seen = self._people.get((workspace_id, user_id))
        return seen if seen is not None and self._is_of_late(seen, _KNOWN) else None

    def _is_of_late(self, seen: _Seen, believed: timedelta) -> bool:
        """Not if that time is still to come: then the clock has been set back since, and nobody knows how old it is."""
        return timedelta(0) <= self._wall.now() - seen.at < believed

    def _remember(self, workspace_id: str, user_id: str, seen: _Seen) -> None:
        _keep(self._people, (workspace_id, user_id), seen, _MOST_PEOPLE)


async def _ask(slack: Gateway, workspace_id: str, user_id: str) -> str:
    try:
        user = await slack.user_info(user_id)
    except TargetGone:
        return OUTSIDER
    return _code(user, workspace_id)


def _code(user: UserInfo, workspace_id: str) -> str:
    return "" if belongs(workspace_id, user) is Belongs.COLLEAGUE else OUTSIDER


def _keep(memory: OrderedDict[KeyT, _Seen], key: KeyT, seen: _Seen, most: int) -> None:
    """Remember, and forget what was looked up the longest time ago."""
    memory[key] = seen
    memory.move_to_end(key)
    while len(memory) > most:
        memory.popitem(last=False)

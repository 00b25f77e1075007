"""Who would read it: the check of an in-house message against its channel, at the moment of sending. Fails closed.

A private channel can be shared with another company at any time, and a guest can be invited by anybody.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.gateway import Doors, Gateway, TargetGone, TokenRefused, UserInfo
from models.clock import Clock
from models.outbox.queries import Readers

FRESH = timedelta(seconds=60)
"""How long what a channel is, and who is in it, is believed."""
_KNOWN = timedelta(minutes=15)
"""How long it is believed whether a colleague belongs to the company: their number may be large, the limit is not."""

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
        self._channels: dict[tuple[str, str, Readers], _Seen] = {}
        self._people: dict[tuple[str, str], _Seen] = {}

    async def refusal(self, workspace_id: str, channel_id: str, readers: Readers) -> str:
        """Why an in-house message must not go to this channel now; "" if it may.

        Raises the gateway's failures when Slack cannot be asked just now: then nothing is sent either.
        """
        place = (workspace_id, channel_id, readers)
        seen = self._channels.get(place)
        if seen is None or self._wall.now() - seen.at >= FRESH:
            asked_at = self._wall.now()
            seen = self._channels[place] = _Seen(await self._look(workspace_id, channel_id, readers), asked_at)
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
            for user_id in members:
                if user_id not in readers.inhouse and await self._is_outsider(slack, workspace_id, user_id):
                    return OUTSIDER
        except TokenRefused as failure:
            if failure.code == "missing_scope":
                return UNCHECKED
            raise
        return ""

    async def _is_outsider(self, slack: Gateway, workspace_id: str, user_id: str) -> bool:
        person = (workspace_id, user_id)
        seen = self._people.get(person)
        if seen is None or self._wall.now() - seen.at >= _KNOWN:
            asked_at = self._wall.now()
            seen = self._people[person] = _Seen(await _ask(slack, workspace_id, user_id), asked_at)
        return bool(seen.code)


async def _ask(slack: Gateway, workspace_id: str, user_id: str) -> str:
    try:
        user = await slack.user_info(user_id)
    except TargetGone:
        return OUTSIDER
    return "" if _is_colleague(user, workspace_id) else OUTSIDER


def _is_colleague(user: UserInfo, workspace_id: str) -> bool:
    return workspace_id in (user.team_id, user.enterprise_id) and not user.is_guest and not user.is_stranger

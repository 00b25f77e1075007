"""Pure decisions: what follows from something that happened to a channel. Source: Slack's page on Slack Connect."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from models.access import Role, Side
from models.calendars.local_time import instant, local_date
from models.engagements.rules import Belongs
from models.outbox.rules import Place


class Happening(StrEnum):
    """What Slack tells of a channel. A new name changes nothing here: names are never stored."""

    ARCHIVED = "archived"
    UNARCHIVED = "unarchived"
    DELETED = "deleted"
    SHARED = "shared"
    UNSHARED = "unshared"
    BOT_LEFT = "bot_left"
    BOT_CAME = "bot_came"
    PEOPLE_CHANGED = "people_changed"


@dataclass(frozen=True, slots=True)
class Follows:
    """The trouble that begins (Slack's code for it, or ours), or those that are over; and a notice told besides."""

    begins: str = ""
    ends: frozenset[str] = frozenset()
    notice: str = ""


ARCHIVED, GONE, NOT_IN = "is_archived", "channel_not_found", "not_in_channel"
OPEN_TO_OUTSIDERS = "channel_is_shared"

_NOTHING = Follows()
_SAME = {
    Happening.ARCHIVED: Follows(begins=ARCHIVED),
    Happening.UNARCHIVED: Follows(ends=frozenset({ARCHIVED})),
    Happening.DELETED: Follows(begins=GONE),
    Happening.BOT_LEFT: Follows(begins=NOT_IN),
    Happening.BOT_CAME: Follows(ends=frozenset({NOT_IN, GONE})),
}
_OF = {
    Place.CHANNEL: {Happening.UNSHARED: Follows(notice="disconnected")},
    Place.INHOUSE: {
        Happening.SHARED: Follows(begins=OPEN_TO_OUTSIDERS),
        Happening.UNSHARED: Follows(ends=frozenset({OPEN_TO_OUTSIDERS})),
    },
}


def follows(happening: Happening, where: Place) -> Follows:
    """What a happening means for one of an engagement's channels. To be shared is what a shared channel is for."""
    return _SAME.get(happening) or _OF[where].get(happening, _NOTHING)


class Loss(StrEnum):
    """Why somebody cannot act any more, although the roster names them."""

    LEFT_CHANNEL = "left_channel"
    DISCONNECTED = "disconnected"
    DEACTIVATED = "deactivated"
    OUTSIDER = "outsider"
    """On the in-house side, and a guest or somebody of another company by now."""


def stays(side: Side, role: Role, *, is_deputy: bool) -> bool:
    """Whether somebody who leaves the shared channel keeps their place: somebody has to be able to mend it."""
    return side is Side.INHOUSE and (role is Role.OWNER or is_deputy)


@dataclass(frozen=True, slots=True)
class ChannelSeen:
    """What a look at a channel showed."""

    is_there: bool = True
    """Slack knows it, or lets us know it."""
    is_member: bool = True
    """The bot is in it."""
    is_archived: bool = False
    is_open_to_outsiders: bool = False
    team_ids: frozenset[str] = frozenset()
    """The workspaces it is shared with."""


def implied(seen: ChannelSeen, where: Place) -> tuple[Happening, ...]:
    """What must have happened to a channel that looks like this, whether or not Slack told of it."""
    if not seen.is_there:
        return (Happening.DELETED,)
    if not seen.is_member:
        return (Happening.BOT_LEFT,)
    if seen.is_archived:
        return (Happening.ARCHIVED,)
    back = (Happening.BOT_CAME, Happening.UNARCHIVED)
    if where is Place.CHANNEL:
        return back
    return (*back, Happening.SHARED if seen.is_open_to_outsiders else Happening.UNSHARED)


@dataclass(frozen=True, slots=True)
class AccountSeen:
    """What Slack says of somebody's account. None: it does not say."""

    is_closed: bool
    belongs: Belongs | None = None


def turned_outsider(before: Belongs | None, now: Belongs | None) -> bool:
    """Whether a colleague has become a guest, or one of another company: who was never one was placed so knowingly."""
    return before is Belongs.COLLEAGUE and now not in (None, Belongs.COLLEAGUE)


_NIGHT_BEGINS = time(1)
_NIGHT_MINUTES = 240


def next_look(engagement_id: UUID, zone: str, now: datetime) -> datetime:
    """The next night's look, by the engagement's own zone: between one and five, at a minute that is its own."""
    minute = timedelta(minutes=engagement_id.int % _NIGHT_MINUTES)
    today = local_date(now, zone)
    nights = (instant(today + timedelta(days=days), _NIGHT_BEGINS, zone) + minute for days in (0, 1, 2))
    return next(night for night in nights if night > now)

"""Pure decisions: what follows from something that happened to a channel. Source: Slack's page on Slack Connect."""

from dataclasses import dataclass
from enum import StrEnum

from models.access import Role, Side
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


def stays(side: Side, role: Role, *, is_deputy: bool) -> bool:
    """Whether somebody who leaves the shared channel keeps their place: somebody has to be able to mend it."""
    return side is Side.INHOUSE and (role is Role.OWNER or is_deputy)

"""Pure decisions about messages to Slack."""

from datetime import timedelta
from enum import StrEnum


class Operation(StrEnum):
    """What is done in Slack."""

    POST = "post"
    REFRESH = "refresh"
    DELETE = "delete"
    PUBLISH = "publish"
    """Show a person's Home tab as it is to be now."""


class OutboxState(StrEnum):
    """ready → leased → sent; unclear outcomes go through unsure; dropped = no longer wanted; dead = cannot be sent."""

    READY = "ready"
    LEASED = "leased"
    UNSURE = "unsure"
    SENT = "sent"
    DROPPED = "dropped"
    DEAD = "dead"


class Place(StrEnum):
    """Where a message goes. The channel behind it is looked up when it is sent."""

    CHANNEL = "channel"
    INHOUSE = "inhouse"
    DIRECT = "direct"
    HOME = "home"
    """The Home tab of one person."""


class Audience(StrEnum):
    """Who may read it: checked against the destination at the moment of sending."""

    JOINT = "joint"
    INHOUSE = "inhouse"


OPEN_STATES = (OutboxState.READY, OutboxState.LEASED, OutboxState.UNSURE)
"""States in which something is still to be done."""


class Outcome(StrEnum):
    """What became of one try to deliver a message."""

    SENT = "sent"
    UNWANTED = "unwanted"
    """It is of no use any more: nothing was sent."""
    LIMITED = "limited"
    """Slack said "too fast": nothing happened, and it was nobody's fault."""
    FAILED = "failed"
    """A passing failure; nothing happened for certain, or it may simply be done again."""
    UNSURE = "unsure"
    """The answer to a post was lost: it may be there."""
    HALTED = "halted"
    """The token was refused: the whole workspace waits."""
    GONE = "gone"
    """The channel, person, thread or message cannot be reached."""
    STALE = "stale"
    """Somebody else changed it meanwhile: it is made anew from the present state."""
    REFUSED = "refused"
    """Slack does not take the content."""
    FORBIDDEN = "forbidden"
    """The destination has readers whom it does not concern."""
    BROKEN = "broken"
    """It could not be rendered."""
    RETURNED = "returned"
    """Too little of the lease was left to begin."""


MOST_RENDERINGS = 5
"""A message that cannot be rendered so many times is dead."""
LONGEST_WAIT = timedelta(minutes=5)
MENTION = ":mention"
"""Ends the key of the mention that stands in for a direct message."""


def back_off(attempts: int) -> timedelta:
    """How long to wait after so many tries that came to nothing: 2, 4, 8 ... seconds, five minutes at most."""
    return min(timedelta(seconds=2 ** min(attempts, 10)), LONGEST_WAIT)


def base_key(post_key: str) -> str:
    """The key of the post as the domain knows it, also where a mention stands in for it."""
    return post_key.removesuffix(MENTION)

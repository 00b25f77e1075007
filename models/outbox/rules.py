"""Pure decisions about messages to Slack."""

from enum import StrEnum


class Operation(StrEnum):
    """What is done in Slack."""

    POST = "post"
    REFRESH = "refresh"
    DELETE = "delete"


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


class Audience(StrEnum):
    """Who may read it: checked against the destination at the moment of sending."""

    JOINT = "joint"
    INHOUSE = "inhouse"


OPEN_STATES = (OutboxState.READY, OutboxState.LEASED, OutboxState.UNSURE)
"""States in which something is still to be done."""

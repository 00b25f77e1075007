"""Pure decisions about blockers."""

from enum import StrEnum


class BlockerState(StrEnum):
    """open → owned → resolved; resolved → open when it is reopened."""

    OPEN = "open"
    OWNED = "owned"
    RESOLVED = "resolved"


class BlockerEvent(StrEnum):
    """What happened to a blocker."""

    RAISED = "raised"
    MINE = "mine"
    UPDATED = "updated"
    STILL_BLOCKED = "still_blocked"
    RESOLVED = "resolved"
    REOPENED = "reopened"

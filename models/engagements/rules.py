"""Pure decisions about engagements and people."""

from enum import StrEnum


class EngagementState(StrEnum):
    """Paused engagements ask and post nothing; closed ones never will again."""

    ACTIVE = "active"
    PAUSED = "paused"
    CLOSED = "closed"

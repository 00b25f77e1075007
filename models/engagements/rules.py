"""Pure decisions about engagements and people."""

from enum import StrEnum


class EngagementState(StrEnum):
    """Paused engagements ask and post nothing; closed ones never will again."""

    ACTIVE = "active"
    PAUSED = "paused"
    CLOSED = "closed"


DEFAULT_ANSWER_MINUTES = 8 * 60
"""Working time within which a question is answered, unless the engagement says otherwise: a usual working day."""

"""Pure decisions about engagements and people."""

from enum import StrEnum


class Belongs(StrEnum):
    """Where somebody belongs, by what Slack says of them."""

    COLLEAGUE = "colleague"
    """A full member of our own workspace."""
    GUEST = "guest"
    """A guest of our own workspace."""
    EXTERNAL = "external"
    """A member of another company's workspace."""


class EngagementState(StrEnum):
    """Paused engagements ask and post nothing; closed ones never will again."""

    ACTIVE = "active"
    PAUSED = "paused"
    CLOSED = "closed"


DEFAULT_ANSWER_MINUTES = 8 * 60
"""Working time within which a question is answered, unless the engagement says otherwise: a usual working day."""

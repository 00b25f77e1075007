"""Read models of people and engagements: frozen, ready to be shown."""

from dataclasses import dataclass
from uuid import UUID

from models.access import Role, Side


@dataclass(frozen=True, slots=True)
class Who:
    """One participant, as far as anybody on the engagement may see."""

    participant_id: UUID
    slack_user_id: str
    name: str
    side: Side
    role: Role
    zone: str


@dataclass(frozen=True, slots=True)
class Parties:
    """The two names of an engagement."""

    engagement_id: UUID
    key: str
    company: str
    vendor: str

    def name(self, side: Side) -> str:
        """The organisation of a side."""
        return self.company if side is Side.INHOUSE else self.vendor

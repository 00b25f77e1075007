"""Who may do what: the one place. A row is reached only through `load`, which checks side and role."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeVar
from uuid import UUID

from models.errors import NotAllowed, NotFound

if TYPE_CHECKING:
    from models.db import Tx


class Side(StrEnum):
    """The two sides of an engagement. A person's side comes from the roster only."""

    INHOUSE = "inhouse"
    VENDOR = "vendor"

    @property
    def other(self) -> "Side":
        """The side across the line."""
        return Side.VENDOR if self is Side.INHOUSE else Side.INHOUSE


class Role(StrEnum):
    """What a participant is in an engagement. An observer reads, is never asked and never counted."""

    OWNER = "owner"
    LEAD = "lead"
    MEMBER = "member"
    EXECUTIVE = "executive"
    OBSERVER = "observer"


ASKED = frozenset({Role.OWNER, Role.LEAD, Role.MEMBER})
"""Roles that are asked in check-ins and counted in figures."""


class Standing(StrEnum):
    """What Slack says of somebody, asked just now. It counts for beginning something new, and for nothing else."""

    OUTSIDER = "outsider"
    """A guest, a bot, somebody of another company, or not known."""
    COLLEAGUE = "colleague"
    """A full member of our own workspace."""
    ADMINISTRATOR = "administrator"
    """A full member who administers the workspace."""


class Permission(StrEnum):
    """What can be done, named thing:deed."""

    ASK_CLOSE = "ask:close"
    ASK_RAISE = "ask:raise"
    BLOCKER_RAISE = "blocker:raise"
    BLOCKER_UPDATE = "blocker:update"
    CADENCE_NOW = "cadence:now"
    CHECKIN_ANSWER = "checkin:answer"
    CHECKIN_SKIP = "checkin:skip"
    ENGAGEMENT_ADMIN = "engagement:admin"
    ENGAGEMENT_VIEW = "engagement:view"
    ESCALATION_ACT = "escalation:act"
    ESCALATION_RAISE = "escalation:raise"
    INHOUSE_VIEW = "inhouse:view"
    LADDER_CHANGE = "ladder:change"


_READERS = frozenset({Permission.ENGAGEMENT_VIEW})
_HEADS = _READERS | {Permission.ESCALATION_ACT, Permission.ESCALATION_RAISE}
_DOERS = _HEADS | {
    Permission.ASK_CLOSE,
    Permission.ASK_RAISE,
    Permission.BLOCKER_RAISE,
    Permission.BLOCKER_UPDATE,
    Permission.CHECKIN_ANSWER,
    Permission.CHECKIN_SKIP,
}
_LEADERS = _DOERS | {Permission.CADENCE_NOW}

GRANTS: Mapping[Role, frozenset[Permission]] = {
    Role.OWNER: _LEADERS,
    Role.LEAD: _LEADERS,
    Role.MEMBER: _DOERS,
    Role.EXECUTIVE: _HEADS,
    Role.OBSERVER: _READERS,
}
"""What each role may do on its own side's behalf. `inhouse:view` is added for the in-house side, and
`engagement:admin` and `ladder:change` for the owner and the deputies."""


@dataclass(frozen=True, slots=True)
class Membership:
    """One place of a person on one engagement's roster."""

    engagement_id: UUID
    participant_id: UUID
    side: Side
    role: Role
    is_deputy: bool = False
    """Stands in for the owner: administers the engagement like the owner."""

    def grants(self, permission: Permission) -> bool:
        """Whether this place allows `permission`."""
        if permission is Permission.INHOUSE_VIEW:
            return self.side is Side.INHOUSE
        if permission in (Permission.ENGAGEMENT_ADMIN, Permission.LADDER_CHANGE):
            return self.side is Side.INHOUSE and (self.role is Role.OWNER or self.is_deputy)
        return permission in GRANTS[self.role]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. A person acts by roster places; the system (clock, operator at the shell) may do everything."""

    workspace_id: str = ""
    person_id: UUID | None = None
    slack_user_id: str = ""
    memberships: tuple[Membership, ...] = field(default=())
    is_system: bool = False
    standing: Standing = Standing.OUTSIDER

    def membership(self, engagement_id: UUID) -> Membership | None:
        """The person's place in an engagement, or none."""
        return next((place for place in self.memberships if place.engagement_id == engagement_id), None)


SYSTEM = Actor(is_system=True)
"""The clock, the dispatcher and the operator at the shell."""


def system_in(workspace_id: str) -> Actor:
    """The same, at work for one workspace: on PostgreSQL it sees no other."""
    return Actor(workspace_id=workspace_id, is_system=True)


def stranger(workspace_id: str, slack_user_id: str) -> Actor:
    """Somebody who is on no roster: may do nothing but read the help."""
    return Actor(workspace_id=workspace_id, slack_user_id=slack_user_id)


class OfEngagement(Protocol):
    """A row that belongs to an engagement."""

    workspace_id: str
    id: UUID
    engagement_id: UUID


RowT = TypeVar("RowT", bound=OfEngagement)


def load(tx: "Tx", table: type[RowT], row_id: UUID, permission: Permission, *, lock: bool = False) -> RowT:
    """The row, if the actor may `permission` in its engagement.

    Missing, another workspace's and another engagement's row all raise the same NotFound;
    NotAllowed is raised only when the actor may see the row. With `lock` it stays locked until the commit.
    """
    row = tx.get(table, tx.actor.workspace_id, row_id, lock=lock)
    if row is None:
        raise NotFound()
    require(tx, row.engagement_id, permission)
    return row


def require(tx: "Tx", engagement_id: UUID, permission: Permission) -> Membership | None:
    """The actor's place in the engagement if it allows `permission`; none for the system. Raises otherwise."""
    if tx.actor.is_system:
        return None
    place = tx.actor.membership(engagement_id)
    if place is None:
        raise NotFound()
    if not place.grants(permission):
        raise NotAllowed(f"As {place.role} you can read this, but not do that.")
    return place


def place_of(tx: "Tx", engagement_id: UUID, permission: Permission) -> Membership:
    """As `require`, for what only a person can do."""
    place = require(tx, engagement_id, permission)
    if place is None:
        raise NotAllowed("Only a person on the roster can do that.")
    return place


def may_begin(tx: "Tx") -> None:
    """Refuse everybody who may not set up a new engagement.

    A full member of our own workspace may, but for people who stand on a provider's side; an administrator always.
    """
    actor = tx.actor
    works_for_provider = any(place.side is Side.VENDOR for place in actor.memberships)
    if actor.is_system or actor.standing is Standing.ADMINISTRATOR:
        return
    if actor.standing is not Standing.COLLEAGUE or works_for_provider:
        raise NotAllowed(
            "Setting up is for the company's own people: full members of this workspace, no guests and nobody of the "
            "provider. Please ask one of them to type “/cadence setup” in the channel."
        )


def system_only(tx: "Tx") -> None:
    """Refuse everybody but the clock and the operator."""
    if not tx.actor.is_system:
        raise NotAllowed("That happens by itself; nobody can ask for it.")

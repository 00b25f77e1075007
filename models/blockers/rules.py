"""Pure decisions about blockers."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from models.access import Side


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


@dataclass(frozen=True, slots=True)
class NewBlocker:
    """Something in the way. Without a side, the other side must act."""

    what: str
    acting_side: Side | None = None
    acting_id: UUID | None = None
    needed_by: date | None = None

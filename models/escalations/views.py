"""Read models of escalations."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from models.access import Side
from models.engagements.views import Parties, Who
from models.escalations.causes import Cause, EntryKind
from models.escalations.ladders import Severity
from models.escalations.rules import EscalationState, Event


@dataclass(frozen=True, slots=True)
class EscalationLine:
    """One escalation as shown in a list."""

    id: UUID
    number: int
    what: str
    state: EscalationState
    severity: Severity
    against: Side
    cause: Cause
    cause_ref: str
    raised_at: datetime
    level: int
    levels: int
    owner: Who | None
    """Of the side that must act."""
    age: timedelta
    """Since it was raised, until it was resolved; plain time."""
    next_at: datetime | None
    resolved_at: datetime | None = None


class Stake(StrEnum):
    """What somebody has to do with an escalation."""

    TO_CLOSE = "to_close"
    """The side that must act says that it is done, and theirs can close it."""
    OWN = "own"
    """They own it for the side that must act."""
    LOOKS_AFTER = "looks_after"
    """They look after it on the other side."""
    UNOWNED = "unowned"
    """Their side must act and nobody of it owns it."""
    CONCERNS = "concerns"
    """They are concerned, told, or answer for their side; nothing waits for them now."""


@dataclass(frozen=True, slots=True)
class EscalationOf:
    """An escalation as it stands for one person."""

    engagement_id: UUID
    line: EscalationLine
    stake: Stake
    legal: frozenset[Event]
    """What they may do with it now."""


@dataclass(frozen=True, slots=True)
class NextStep:
    """What happens next by itself, and when (UTC). `told` holds role words or people, by side, of the next level."""

    at: datetime
    state: EscalationState
    is_asked: bool
    level: int | None = None
    """The level that would be told; none at the end of the ladder."""
    told: Mapping[Side, tuple[str | Who, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EscalationNote:
    """One line of the history."""

    id: UUID
    kind: EntryKind
    by: Who | None
    at: datetime
    level: int
    detail: Mapping[str, Any]
    note: str
    told: tuple[Who, ...] = ()


@dataclass(frozen=True, slots=True)
class EscalationCard:
    """An escalation with everything its card shows."""

    line: EscalationLine
    parties: Parties
    raised_by: Who | None
    owners: Mapping[Side, Who]
    legal: frozenset[Event]
    next: NextStep | None
    snoozed_until: datetime | None = None
    last_word: EscalationNote | None = None
    proposed_by: Who | None = None
    resolved_by: Who | None = None
    reopened: int = 0
    private_notes: int = 0


@dataclass(frozen=True, slots=True)
class EscalateForm:
    """What the form to raise an escalation needs."""

    parties: Parties
    who: Who
    engagement_id: UUID

"""Read models of blockers."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from models.access import Side
from models.blockers.rules import BlockerEvent, BlockerState
from models.engagements.views import Parties, Who
from models.escalations.ladders import Severity


@dataclass(frozen=True, slots=True)
class BlockerLine:
    """One blocker as shown in a list."""

    id: UUID
    number: int
    what: str
    state: BlockerState
    raised_by: Who
    raised_at: datetime
    acting_side: Side
    """Whose turn it is."""
    acting: Who | None
    """The person named to act, or who said "mine"."""
    needed_by: date | None
    age_days: int
    """Full working days of the acting side since it was raised (until resolved)."""
    is_overdue: bool
    """Needed-by has passed and it is not resolved."""
    resolved_at: datetime | None = None
    severity: Severity = Severity.S3


@dataclass(frozen=True, slots=True)
class RaiseForm:
    """What the form for a new blocker needs: who raises it, and who could have to act."""

    parties: Parties
    who: Who
    roster: tuple[Who, ...]
    today: date
    """Of whoever raises it."""


@dataclass(frozen=True, slots=True)
class BlockerNote:
    """One line of the history."""

    event: BlockerEvent
    by: Who
    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class BlockerCard:
    """A blocker's card: the line, its history (oldest first) and the parties."""

    line: BlockerLine
    parties: Parties
    history: tuple[BlockerNote, ...]
    owner: Who | None
    """Who said "mine"."""

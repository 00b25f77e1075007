"""Read models of questions across the line."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from models.access import Side
from models.asks.rules import AskState
from models.engagements.views import Parties, Who


@dataclass(frozen=True, slots=True)
class AskLine:
    """One question as shown in a list."""

    id: UUID
    number: int
    what: str
    state: AskState
    asker: Who
    asked_side: Side
    asked: Who | None
    """The person named in it, if any."""
    asked_at: datetime
    since: datetime
    until: datetime | None
    age_days: int
    """Full working days of the side whose turn it is since its turn began."""
    is_overdue: bool
    """It waits for the side that was asked, and its time has passed."""
    turn: Side | None
    """Whose turn it is; nobody's once it is closed."""


@dataclass(frozen=True, slots=True)
class AskCard:
    """A question's card."""

    line: AskLine
    parties: Parties
    has_own_thread: bool
    """The card begins the thread; otherwise it stands under the message that asks."""
    replied_by: Who | None
    """Who gave the last reply."""
    replied_after: timedelta | None
    """Working time that the last turn took; none while the first one runs."""
    rounds: int
    """Turns of the side that was asked, so far."""
    closed_by: Who | None
    """Who closed it; none when it closed by itself."""


@dataclass(frozen=True, slots=True)
class Nudge:
    """What the person is told whose side lets a question wait."""

    line: AskLine
    parties: Parties
    channel_id: str
    is_current: bool
    """It still waits for the turn that the nudge is about."""
    to: Who | None


@dataclass(frozen=True, slots=True)
class Response:
    """Lengths of one side's turns that ended in a span: working time."""

    count: int
    mean: timedelta | None
    median: timedelta | None
    p90: timedelta | None
    """Nearest rank. None = no data, with the others."""


@dataclass(frozen=True, slots=True)
class AskFigures:
    """How one side answers the other's questions. Both sides are counted by the same rules."""

    side: Side
    first: Response
    """First turns."""
    later: Response
    """Turns after a further word of the asker."""
    met: int
    breached: int
    """Of the turns due in the span; one that is open past its time is breached now."""
    waiting: int
    """Open now."""
    overdue: int
    oldest: timedelta | None
    """Working time of the longest that waits now; none when nothing does."""

    @property
    def decided(self) -> int:
        """The denominator of `in_time`."""
        return self.met + self.breached

    @property
    def in_time(self) -> float | None:
        """Share answered in time; None = no data."""
        return self.met / self.decided if self.decided else None

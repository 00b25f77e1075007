"""Read models of the weekly summary. Facts are frozen as JSON; every figure carries its numbers and row ids."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from models.access import Side
from models.asks.views import AskFigures, AskLine
from models.blockers.views import BlockerLine
from models.commitments.views import CommitmentLine
from models.engagements.views import Parties, Who
from models.escalations.figures import Figures
from models.escalations.views import EscalationLine


@dataclass(frozen=True, slots=True)
class Participation:
    """Prompts of one side: expected = scheduled − excused; response = (on time + late) / expected."""

    side: Side | None
    """None = both sides together."""
    scheduled: int
    excused: int
    on_time: int
    late: int
    missing: int
    skipped: int
    """Skipped with a reason: expected, not answered, not missing silently."""

    @property
    def expected(self) -> int:
        """The denominator."""
        return self.scheduled - self.excused

    @property
    def response(self) -> float | None:
        """Share answered at all; None = no data."""
        return (self.on_time + self.late) / self.expected if self.expected else None

    @property
    def timely(self) -> float | None:
        """Share answered in time; None = no data."""
        return self.on_time / self.expected if self.expected else None


@dataclass(frozen=True, slots=True)
class OnTime:
    """Delivery against the first promise and against the current date, of one side, for all that fell due."""

    side: Side | None
    due: int
    """Denominator of `original`: promised for the period, delivered or not."""
    kept_original: int
    due_current: int
    kept_current: int
    moved: int
    dropped: int

    @property
    def original(self) -> float | None:
        """Share kept by the first promised date; None = no data."""
        return self.kept_original / self.due if self.due else None

    @property
    def current(self) -> float | None:
        """Share kept by the current date; None = no data."""
        return self.kept_current / self.due_current if self.due_current else None


@dataclass(frozen=True, slots=True)
class Facts:
    """What the summary is made of."""

    participation: tuple[Participation, ...]
    """In-house, vendor, both."""
    on_time: tuple[OnTime, ...]
    """In-house, vendor, both."""
    kept: tuple[CommitmentLine, ...]
    moved: tuple[CommitmentLine, ...]
    dropped: tuple[CommitmentLine, ...]
    overdue: tuple[CommitmentLine, ...]
    raised: tuple[BlockerLine, ...]
    resolved: tuple[BlockerLine, ...]
    still_open: tuple[BlockerLine, ...]
    checkins: int
    skipped_checkins: tuple[str, ...]
    """Title, date and reason."""
    missing_inhouse: tuple[Who, ...]
    """For the in-house side's own eyes."""
    trace: dict[str, list[str]]
    """Figure name to the row ids it was computed from."""
    escalations: tuple[Figures, ...] = ()
    """All, by side, by severity; empty in summaries from before there were any."""
    escalations_before: tuple[Figures, ...] = ()
    """The same as the last summary said."""
    escalated: tuple[EscalationLine, ...] = ()
    """What is open, the most pressing first."""
    asks: tuple[AskFigures, ...] = ()
    """In-house, vendor: answers to the other side's questions. Summaries of earlier releases have none."""
    asks_before: tuple[AskFigures, ...] = ()
    """The same in the last summary, for the trend."""
    asks_waiting: tuple[AskLine, ...] = ()
    """Questions that somebody still has a turn on."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A published weekly summary."""

    summary_id: UUID
    parties: Parties
    title: str
    first_day: date
    last_day: date
    published_at: datetime
    facts: Facts
    is_low_confidence: bool
    """Fewer than ten prompts were expected: the figures say little."""

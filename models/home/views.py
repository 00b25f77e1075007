"""Read models of a Home tab: frozen, ready to be shown. Instants are UTC."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from models.access import Role, Side
from models.asks.views import AskLine
from models.blockers.views import BlockerLine
from models.calendars.working_time import WorkingHours
from models.checkins.views import Answerable
from models.commitments.views import CommitmentLine
from models.engagements.views import Parties
from models.escalations.views import EscalationOf
from models.home.rules import Colour, Rule, Signs


@dataclass(frozen=True, slots=True)
class Seat:
    """One place of the person on a roster."""

    parties: Parties
    side: Side
    role: Role


@dataclass(frozen=True, slots=True)
class OwnCommitment:
    """A promise of the person's, and whom it was made to."""

    parties: Parties
    line: CommitmentLine


@dataclass(frozen=True, slots=True)
class WaitingBlocker:
    """A blocker that waits for the person, or for their side while nobody has taken it."""

    parties: Parties
    line: BlockerLine
    is_own: bool
    """They are named, or said "mine"."""


@dataclass(frozen=True, slots=True)
class WaitingQuestion:
    """A question on which it is the person's turn, or their side's."""

    parties: Parties
    line: AskLine


@dataclass(frozen=True, slots=True)
class OwnEscalation:
    """An escalation that waits for the person or their side, or concerns them."""

    parties: Parties
    own: EscalationOf


@dataclass(frozen=True, slots=True)
class Upcoming:
    """A check-in the person will be asked in."""

    parties: Parties
    title: str
    ask_at: datetime
    excuse: str | None
    """Why they are not asked this time, if so."""


@dataclass(frozen=True, slots=True)
class Health:
    """How an engagement is, by the rule that fired, and what it was judged by."""

    parties: Parties
    rule: Rule
    colour: Colour
    signs: Signs
    trouble: str | None


@dataclass(frozen=True, slots=True)
class FailedDelivery:
    """Messages of one kind that could not be sent for one reason, or of which nobody knows (`is_unsure`)."""

    parties: Parties
    kind: str
    code: str
    count: int
    last_at: datetime
    is_unsure: bool


@dataclass(frozen=True, slots=True)
class SharedHome:
    """What a person's Home shows of one engagement, as far as everybody in its channel may read it."""

    name: str
    parties: Parties
    open_now: tuple[Answerable, ...]
    """Whether they have answered is not to be told from it."""
    commitments: tuple[OwnCommitment, ...]
    blockers: tuple[WaitingBlocker, ...]
    escalations: tuple[OwnEscalation, ...]
    """Those that wait for them or their side."""
    questions: tuple[WaitingQuestion, ...]
    upcoming: tuple[Upcoming, ...]
    today: date


@dataclass(frozen=True, slots=True)
class HomeView:
    """Everything one person's Home shows at one moment. Without seats they have lost access, and all else is empty."""

    home_id: UUID
    today: date
    """Their local date."""
    now: datetime
    hours: WorkingHours
    """Their own, with absences past and to come."""
    seats: tuple[Seat, ...] = ()
    due: tuple[Answerable, ...] = ()
    """Open check-ins that wait for their answer, the most pressing first."""
    late: tuple[Answerable, ...] = ()
    """Closed ones that they missed and can still answer."""
    commitments: tuple[OwnCommitment, ...] = ()
    blockers: tuple[WaitingBlocker, ...] = ()
    escalations: tuple[OwnEscalation, ...] = ()
    """Those that wait for them or their side, then those that concern them."""
    questions: tuple[WaitingQuestion, ...] = ()
    orphans: tuple[OwnCommitment, ...] = ()
    """Open promises of people of their side who are gone; for owners and leads."""
    upcoming: tuple[Upcoming, ...] = ()
    health: tuple[Health, ...] = ()
    """Of the engagements they own: one page of them, the worst first."""
    failures: tuple[FailedDelivery, ...] = ()
    page: int = 0
    pages: int = 1

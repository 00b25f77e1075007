"""Read models of check-ins: frozen, ready to be shown. Instants are UTC."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from models.asks.views import AskLine
from models.blockers.views import BlockerLine
from models.cadences.rules import CadenceKind, Question
from models.checkins.rules import CheckInState, PromptState, Source
from models.checkins.submissions import Submission
from models.commitments.views import CommitmentLine
from models.engagements.views import Parties, Who
from models.escalations.views import EscalationLine


@dataclass(frozen=True, slots=True)
class BoardLine:
    """One person on the board."""

    who: Who
    state: PromptState
    excuse: str | None
    is_late: bool
    ask_at: datetime
    deadline_at: datetime
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Report:
    """What a closed check-in brought: what changed, and who must act first."""

    kept: tuple[CommitmentLine, ...]
    moved: tuple[CommitmentLine, ...]
    dropped: tuple[CommitmentLine, ...]
    promised: tuple[CommitmentLine, ...]
    raised: tuple[BlockerLine, ...]
    resolved: tuple[BlockerLine, ...]
    act_first: tuple[BlockerLine, ...]
    """Open blockers, the most pressing first: overdue, unowned, oldest."""


@dataclass(frozen=True, slots=True)
class Board:
    """The first message of a check-in's thread: live while open, the report when closed."""

    checkin_id: UUID
    parties: Parties
    title: str
    kind: CadenceKind
    local_date: date
    state: CheckInState
    skip_reason: str | None
    opens_at: datetime
    closes_at: datetime
    opened_late: bool
    lines: tuple[BoardLine, ...]
    blockers: tuple[BlockerLine, ...]
    """All open blockers of the engagement."""
    report: Report | None
    asks: tuple[AskLine, ...] = ()
    """Open questions of either side to the other, the most pressing first."""


@dataclass(frozen=True, slots=True)
class PromptView:
    """What a person is asked or reminded of: direct message, or mention in the thread."""

    prompt_id: UUID
    checkin_id: UUID
    parties: Parties
    title: str
    local_date: date
    who: Who
    state: PromptState
    checkin_state: CheckInState
    deadline_at: datetime
    last_day: str
    """The person's own last working day, spoken: "yesterday", "Friday"."""
    open_commitments: int
    open_blockers: int
    """Open blockers this person must act on or has raised."""
    board_link: tuple[str, str] | None
    """Channel id and ts of the board, when it is posted."""


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """Everything the answer modal shows to one person."""

    checkin_id: UUID
    prompt_id: UUID
    parties: Parties
    title: str
    local_date: date
    who: Who
    state: CheckInState
    opens_at: datetime
    deadline_at: datetime
    is_late: bool
    last_day: str
    default_due: date
    """The person's next working day: what a promise without a date means."""
    questions: tuple[Question, ...]
    """In order, texts already filled in."""
    commitments: tuple[CommitmentLine, ...]
    """The person's open commitments from earlier check-ins."""
    open_blockers: tuple[BlockerLine, ...]
    """Open blockers the person raised, or must act on: asked again "still blocked?"."""
    roster: tuple[Who, ...]
    """All active participants of both sides: who could act."""
    given: Submission | None
    """The latest version, when the person has answered already."""


@dataclass(frozen=True, slots=True)
class AnswerView:
    """One person's answers as posted in the thread: in full after a form, in one short reply after a thread reply."""

    checkin_id: UUID
    prompt_id: UUID
    parties: Parties
    title: str
    who: Who
    source: Source
    version: int
    given_at: datetime
    is_late: bool
    is_withdrawn: bool
    questions: tuple[Question, ...]
    submission: Submission
    outcomes: tuple[CommitmentLine, ...]
    """Commitments this answer kept, moved or dropped."""
    promised: tuple[CommitmentLine, ...]
    blockers: tuple[BlockerLine, ...]
    """Blockers raised with this answer."""
    names: dict[UUID, str]
    """Participant id to name, for answers of type person."""
    asked: tuple[int, ...] = ()
    """Numbers of the questions to the other side that this answer asks."""
    has_free_question: bool = False
    """A reply of it asks something that is no such question (yet)."""


@dataclass(frozen=True, slots=True)
class Answerable:
    """A check-in the actor can answer now: open, or scheduled and already answerable early, or closed a while ago."""

    checkin_id: UUID
    parties: Parties
    title: str
    local_date: date
    state: CheckInState
    prompt_state: PromptState
    deadline_at: datetime

    @property
    def is_wanted(self) -> bool:
        """Whether it has been asked, or was missed: what is still to come does not press."""
        return self.state is not CheckInState.SCHEDULED and self.prompt_state is not PromptState.ANSWERED


@dataclass(frozen=True, slots=True)
class CadenceStatus:
    """One cadence in the status."""

    title: str
    kind: CadenceKind
    rule: str
    """In words."""
    current: Board | None
    next_opens_at: datetime | None
    """Of a weekly summary: when the next one is published."""
    your_state: PromptState | None


@dataclass(frozen=True, slots=True)
class Status:
    """What `/cadence status` shows of one engagement."""

    parties: Parties
    state: str
    trouble: str | None
    cadences: tuple[CadenceStatus, ...]
    commitments: tuple[CommitmentLine, ...]
    """The actor's own open ones."""
    blockers: tuple[BlockerLine, ...]
    away_until: date | None
    escalations: tuple[EscalationLine, ...] = ()
    asks: tuple[AskLine, ...] = ()
    """Open questions of either side to the other."""

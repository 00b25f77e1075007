"""An engagement file as data: everything that is configured about one engagement, in one normal form.

`reading` makes it from YAML, `writing` makes YAML from it, `stored` makes it from the database, `plan`
compares two of them and `service` brings the database to one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time

from models.access import Role, Side
from models.cadences.defaults import QuestionList
from models.cadences.rules import CadenceKind
from models.calendars.holidays import SideCalendar
from models.engagements.rules import DEFAULT_ANSWER_MINUTES, EngagementState
from models.escalations.ladders import DEFAULT, Ladder

WORKDAYS = "01234"
WORKS_FROM, WORKS_TO = time(9), time(17)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend in a file. `line` counts from 1; `path` is the field, such as `people.vendor[2].zone`."""

    line: int
    path: str
    text: str


class FileErrors(Exception):
    """A file cannot be used: all its problems, in the order of their lines. Nothing was changed."""

    def __init__(self, name: str, problems: tuple[Problem, ...]) -> None:
        self.name = name
        self.problems = tuple(sorted(set(problems), key=lambda problem: (problem.line, problem.path, problem.text)))
        super().__init__("\n".join(self.lines()))

    def lines(self) -> list[str]:
        """One line for each problem: file, line, field and what to do."""
        return [
            f"{self.name}:{problem.line}: {problem.path}{': ' if problem.path else ''}{problem.text}"
            for problem in self.problems
        ]


@dataclass(frozen=True, slots=True)
class PersonEntry:
    """One person on the roster."""

    side: Side
    slack_id: str
    name: str
    zone: str
    role: Role = Role.MEMBER
    is_deputy: bool = False
    """Stands in for the owner. In-house only; every engagement has one (`people.with_deputy`)."""
    team: str | None = None
    """Home workspace; None = as known."""
    works_from: time = WORKS_FROM
    works_to: time = WORKS_TO
    workdays: str = WORKDAYS
    """Digits, Monday = 0."""


@dataclass(frozen=True, slots=True)
class CadenceEntry:
    """One cadence."""

    key: str
    kind: CadenceKind
    title: str
    repeats: str
    """Words as written, or RRULE text; canonical RRULE text once settled."""
    at: time
    zone: str | None
    """None = each person's own."""
    window_minutes: int
    reminder_minutes: int
    questions: Mapping[Side, str] = field(default_factory=dict)
    """Side to the key of its question set; empty for a summary."""
    escalate_after: int = 0
    """Check-ins a whole side may miss in a row before that is escalated; 0 = never."""
    starts_on: date | None = None
    """None = as it is, or the day it is applied for the first time; known once settled."""
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class EngagementFile:
    """One engagement. Equal files mean the same: lists whose order says nothing are sorted."""

    key: str
    company: str
    vendor: str
    channel: str
    zone: str
    workspace: str | None = None
    """Slack team id; None = the one in use."""
    inhouse_channel: str | None = None
    state: EngagementState = EngagementState.ACTIVE
    answer_minutes: int = DEFAULT_ANSWER_MINUTES
    """Working time within which a side answers the other's questions."""
    people: tuple[PersonEntry, ...] = ()
    holidays: Mapping[Side, SideCalendar] = field(default_factory=dict)
    questions: tuple[QuestionList, ...] = ()
    """Every set that a cadence asks, the default ones too."""
    cadences: tuple[CadenceEntry, ...] = ()
    ladder: Ladder = DEFAULT


_SIDES, _ROLES, _KINDS = tuple(Side), tuple(Role), tuple(CadenceKind)


def in_order(file: EngagementFile) -> EngagementFile:
    """The file in its normal order: people by side, role and name; cadences by kind; no empty holidays."""
    return replace(
        file,
        people=tuple(
            sorted(
                file.people,
                key=lambda person: (
                    _SIDES.index(person.side),
                    _ROLES.index(person.role),
                    person.name,
                    person.slack_id,
                ),
            )
        ),
        holidays={
            side: file.holidays[side] for side in Side if file.holidays.get(side, SideCalendar()) != SideCalendar()
        },
        questions=tuple(sorted(file.questions, key=lambda questions: questions.key)),
        cadences=tuple(sorted(file.cadences, key=lambda cadence: (_KINDS.index(cadence.kind), cadence.key))),
    )

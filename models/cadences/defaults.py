"""What an engagement gets unless it says otherwise: three cadences and the questions of both sides.

The questions follow the usual daily and weekly practice of service management, cut to what can be answered in two
minutes a day. They are data: an engagement file may replace any set by naming one of the same key.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from types import MappingProxyType

from models.access import Side
from models.cadences.rules import CadenceKind, Question, QuestionType


@dataclass(frozen=True, slots=True)
class DefaultCadence:
    """How a cadence of one kind runs if nothing else is said."""

    title: str
    repeats: str
    """Words that `models.calendars.recurrence.parse` reads."""
    at: time
    is_personal: bool
    """At each person's own local time; otherwise in the engagement's zone."""
    window_minutes: int


@dataclass(frozen=True, slots=True)
class QuestionList:
    """A set of questions with its title."""

    key: str
    title: str
    questions: tuple[Question, ...]


CADENCES: Mapping[CadenceKind, DefaultCadence] = MappingProxyType(
    {
        CadenceKind.DAILY: DefaultCadence("Daily stand-up", "weekdays", time(9, 30), True, 240),
        CadenceKind.WEEKLY: DefaultCadence("Weekly review", "Fridays", time(14), False, 120),
        CadenceKind.SUMMARY: DefaultCadence("Weekly summary", "Fridays", time(16, 30), False, 240),
    }
)


def default_key(kind: CadenceKind, side: Side) -> str:
    """The key of the question set that a side is asked in a cadence of a kind."""
    return f"{kind}-{side}"


def default_reminder(window_minutes: int) -> int:
    """How long before a deadline a person is reminded: a quarter of the window, in minutes."""
    return window_minutes // 4


_BLOCKER = Question(
    "blocked",
    QuestionType.BLOCKER,
    "Is anything stopping or slowing you?",
    hint="Yes or no; a blocker that is still there is a yes.",
    required=True,
)
_PULSE = (
    Question("pulse", QuestionType.SCALE, "How is working together?", hint="1 = badly, 5 = very well."),
    Question("pulse_why", QuestionType.TEXT, "In one sentence: why?"),
)
_WEEK_AHEAD = Question(
    "people",
    QuestionType.TEXT,
    "People next week: who joins, leaves or is away, and which access must be granted or removed?",
)
_LONG_BLOCKED = Question(
    "stuck",
    QuestionType.TEXT,
    "Which blocker is older than two working days, and which decision would free it?",
)

_SETS = (
    QuestionList(
        "daily-vendor",
        "Daily stand-up, provider",
        (
            Question("promised", QuestionType.REVIEW, "What became of what you promised?"),
            Question("done", QuestionType.TEXT, "Since {last_day}: what is finished, or ready to be checked?"),
            Question(
                "next",
                QuestionType.PROMISES,
                "What will be finished next, and by when?",
                hint="Only what the other side may count on.",
            ),
            _BLOCKER,
        ),
    ),
    QuestionList(
        "daily-inhouse",
        "Daily stand-up, in-house",
        (
            Question("promised", QuestionType.REVIEW, "What became of what you owe the provider?"),
            Question(
                "checked",
                QuestionType.TEXT,
                "Since {last_day}: what did you accept or send back, and did a priority or the scope change?",
            ),
            Question(
                "next",
                QuestionType.PROMISES,
                "Which answers, approvals or accesses will you give, and by when?",
            ),
            _BLOCKER,
        ),
    ),
    QuestionList(
        "weekly-vendor",
        "Weekly review, provider",
        (
            Question("promised", QuestionType.REVIEW, "This week's promises: kept, moved or dropped, and whose cause?"),
            _LONG_BLOCKED,
            Question(
                "risk", QuestionType.TEXT, "What will probably be missed next week, and what changes because of it?"
            ),
            Question("owed", QuestionType.PROMISES, "What do you owe the other side, and by when?"),
            _WEEK_AHEAD,
            *_PULSE,
        ),
    ),
    QuestionList(
        "weekly-inhouse",
        "Weekly review, in-house",
        (
            Question("promised", QuestionType.REVIEW, "What you owed the provider: kept, moved or dropped?"),
            _LONG_BLOCKED,
            Question(
                "decided", QuestionType.TEXT, "Which decisions were taken this week, in words both sides would sign?"
            ),
            Question("owed", QuestionType.PROMISES, "What do you owe the other side, and by when?"),
            _WEEK_AHEAD,
            *_PULSE,
        ),
    ),
)

QUESTION_SETS: Mapping[str, QuestionList] = MappingProxyType({questions.key: questions for questions in _SETS})
"""The question sets by key, `<kind>-<side>`."""

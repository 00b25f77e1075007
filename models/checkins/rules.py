"""Pure decisions about check-ins, prompts and responses."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from models.calendars.local_time import instant


class CheckInState(StrEnum):
    """scheduled → open → closed, or scheduled → skipped."""

    SCHEDULED = "scheduled"
    OPEN = "open"
    CLOSED = "closed"
    SKIPPED = "skipped"


class PromptState(StrEnum):
    """Where one participant's invitation stands. Excused people are not asked and not counted."""

    WAITING = "waiting"
    ASKED = "asked"
    ANSWERED = "answered"
    SKIPPED = "skipped"
    MISSED = "missed"
    EXCUSED = "excused"


class Source(StrEnum):
    """How an answer came in; all make the same record."""

    MODAL = "modal"
    THREAD = "thread"
    DIRECT = "direct"
    COMMAND = "command"


PENDING = frozenset({PromptState.WAITING, PromptState.ASKED})
"""Prompts that can still be answered in time."""

LATE_FOR = timedelta(days=7)
"""How long after its closing a check-in still takes late answers."""

NOTICEABLE = timedelta(minutes=10)
"""A check-in that opens later than this says that it opened late."""

GRACE = timedelta(hours=1)
"""What a person is given at the least when an outage has eaten their window."""


@dataclass(frozen=True, slots=True)
class Hours:
    """One person's times in one check-in, UTC."""

    ask_at: datetime
    remind_at: datetime | None
    deadline_at: datetime


def personal_hours(day: date, at: time, zone: str, window: timedelta, reminder: timedelta) -> Hours:
    """When a person is asked, reminded and late on a local date: `at` on their own wall clock."""
    ask_at = instant(day, at, zone)
    deadline_at = ask_at + window
    remind_at = deadline_at - reminder if timedelta() < reminder < window else None
    return Hours(ask_at, remind_at, deadline_at)


def span(hours: Iterable[Hours]) -> tuple[datetime, datetime]:
    """When a check-in opens and closes: with the first person asked, with the last deadline."""
    everybody = list(hours)
    return min(item.ask_at for item in everybody), max(item.deadline_at for item in everybody)


def checkin_due(state: CheckInState, opens_at: datetime, closes_at: datetime) -> datetime | None:
    """When a check-in must be looked at next."""
    match state:
        case CheckInState.SCHEDULED:
            return opens_at
        case CheckInState.OPEN:
            return closes_at
        case CheckInState.CLOSED | CheckInState.SKIPPED:
            return None


def prompt_due(checkin: CheckInState, state: PromptState, hours: Hours, *, was_reminded: bool) -> datetime | None:
    """When a prompt must be looked at next: to ask, then to remind; never outside an open check-in."""
    if checkin is not CheckInState.OPEN:
        return None
    match state:
        case PromptState.WAITING:
            return hours.ask_at
        case PromptState.ASKED:
            return None if was_reminded else hours.remind_at
        case PromptState.ANSWERED | PromptState.SKIPPED | PromptState.MISSED | PromptState.EXCUSED:
            return None


@dataclass(frozen=True, slots=True)
class DuePrompt:
    """All that decides about a prompt that has come due. Prompts with equal ones are treated alike."""

    checkin: CheckInState
    state: PromptState
    hours: Hours
    was_reminded: bool
    is_asked: bool
    """Whether the person is on the roster still, in a role that is asked."""


class Message(StrEnum):
    """What a person is told when their prompt has come due."""

    PROMPT = "prompt"
    REMINDER = "reminder"


@dataclass(frozen=True, slots=True)
class Turn:
    """What becomes of a prompt that has come due."""

    state: PromptState
    hours: Hours
    message: Message | None = None


def turn(prompt: DuePrompt, now: datetime) -> Turn:
    """Ask, remind or excuse; whoever is asked late has time all the same, and no reminder comes too late."""
    hours = prompt.hours
    if prompt.checkin is not CheckInState.OPEN or prompt.state not in PENDING:
        return Turn(prompt.state, hours)
    if not prompt.is_asked:
        return Turn(PromptState.EXCUSED, hours)
    if prompt.state is PromptState.WAITING:
        return Turn(PromptState.ASKED, caught_up(hours, now), Message.PROMPT)
    if not prompt.was_reminded and now < hours.deadline_at:
        return Turn(prompt.state, hours, Message.REMINDER)
    return Turn(prompt.state, Hours(hours.ask_at, None, hours.deadline_at))


class Opening(StrEnum):
    """What to do with a scheduled check-in that has come due."""

    OPEN = "open"
    WAIT = "wait"
    TOO_LATE = "too_late"
    NOBODY = "nobody"


def opening(now: datetime, opens_at: datetime, closes_at: datetime, *, anybody: bool) -> Opening:
    """Open inside the window, however late; past the window it is skipped; nobody to ask is skipped too."""
    if not anybody:
        return Opening.NOBODY
    if now < opens_at:
        return Opening.WAIT
    return Opening.OPEN if now < closes_at else Opening.TOO_LATE


def caught_up(hours: Hours, now: datetime) -> Hours:
    """A person's times when they are asked late: an hour to answer at the least (the window, if that is shorter).

    A reminder that would follow at once, or whose deadline has moved, is left out.
    """
    if now - hours.ask_at <= NOTICEABLE:
        return hours
    grace = min(GRACE, hours.deadline_at - hours.ask_at)
    if hours.deadline_at - now < grace:
        return Hours(hours.ask_at, None, now + grace)
    remind_at = hours.remind_at if hours.remind_at and hours.remind_at - now > NOTICEABLE else None
    return Hours(hours.ask_at, remind_at, hours.deadline_at)


def is_missed(states: Iterable[PromptState]) -> bool:
    """Whether a side was asked in a check-in that has closed, and nobody of it said anything."""
    counted = [state for state in states if state is not PromptState.EXCUSED]
    return bool(counted) and all(state is PromptState.MISSED for state in counted)


def missed_in_a_row(earlier: Iterable[Iterable[PromptState]]) -> int:
    """How many check-ins, the last one first, a side has missed up to the first answer. Holidays count for neither."""
    count = 0
    for states in earlier:
        known = list(states)
        if is_missed(known):
            count += 1
        elif any(state is not PromptState.EXCUSED for state in known):
            break
    return count

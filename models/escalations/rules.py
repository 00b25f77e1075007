"""The life of an escalation as one table: (state, event) → (state, next due, notices). Pure.

open → acknowledged → resolved; snoozed until a moment; exhausted when the ladder ends and nobody owns it; reopened
within a window. `since` is where the present wait begins: every due time is counted from it, so after an outage of ours
it is set to the present and the wait starts again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from models.calendars.working_time import WorkingHours
from models.escalations.ladders import Climb, Wait

REOPEN_WITHIN = timedelta(days=7)
"""How long after its end an escalation may be opened again; later, a new one is raised."""
LATE = timedelta(minutes=30)
"""A look that comes later than this means that we were not there: the wait starts again."""
ANSWER_SHARE = 0.5
"""Share of the update interval that an owner has to answer "still stuck?" before the acknowledgement expires."""
_DAILY = Wait(days=1)


class EscalationState(StrEnum):
    """Where an escalation stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    EXHAUSTED = "exhausted"
    RESOLVED = "resolved"


class Event(StrEnum):
    """What can happen to it."""

    DUE = "due"
    """Its time has come."""
    ACKNOWLEDGE = "acknowledge"
    """A person of the side that must act owns it."""
    UPDATE = "update"
    """A person of that side says where it stands."""
    SNOOZE = "snooze"
    RERATE = "rerate"
    """It has another severity: its ladder starts anew."""
    LOST = "lost"
    """Whoever owned it cannot act any more."""
    RESOLVE = "resolve"
    REOPEN = "reopen"


class Notice(StrEnum):
    """What is said about it."""

    TELL = "tell"
    """The people of the level that was reached."""
    LAPSED = "lapsed"
    """The promised update did not come."""
    ASK = "ask"
    """Still stuck?"""
    WOKEN = "woken"
    EXHAUSTED = "exhausted"
    """Both owners: the ladder has ended."""
    REMIND = "remind"
    """Both owners, again, every working day."""


@dataclass(frozen=True, slots=True)
class Standing:
    """All that decides. Instants are UTC; `level` 0 means that nobody has been told yet."""

    state: EscalationState
    level: int
    since: datetime
    is_owned: bool = False
    """Somebody of the side that must act has acknowledged it."""
    asked_at: datetime | None = None
    snoozed_until: datetime | None = None
    resolved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """What it climbs: the levels of its severity, frozen, and the clock the waits run on."""

    climb: Climb
    hours: WorkingHours

    @property
    def last(self) -> int:
        """The highest level."""
        return len(self.climb.levels)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an event makes of it."""

    standing: Standing
    due_at: datetime | None
    notices: tuple[Notice, ...] = ()


def raised(now: datetime, course: Course) -> Outcome:
    """A new escalation: the first level is told at once; without levels it waits for the weekly summary."""
    return _settled(course, *_from_the_bottom(Standing(EscalationState.OPEN, 0, now), now, course))


def transition(
    standing: Standing, event: Event, now: datetime, course: Course, *, until: datetime | None = None
) -> Outcome | None:
    """What an event makes of it; None when the event is not possible in this state. `until` is for a snooze."""
    handle = TABLE.get((standing.state, event))
    if handle is None or (event is Event.REOPEN and not may_reopen(standing, now)):
        return None
    if event is Event.SNOOZE:
        standing = replace(standing, snoozed_until=until)
    return _settled(course, *handle(standing, now, course))


def next_due(standing: Standing, course: Course) -> datetime | None:
    """When it must be looked at next."""
    match standing.state:
        case EscalationState.OPEN if course.last:
            return course.climb.levels[_rung(standing, course) - 1].wait.after(standing.since, course.hours)
        case EscalationState.OPEN:
            return course.climb.update.after(standing.since, course.hours)
        case EscalationState.ACKNOWLEDGED if standing.asked_at:
            return course.climb.update.after(standing.asked_at, course.hours, ANSWER_SHARE)
        case EscalationState.ACKNOWLEDGED:
            return course.climb.update.after(standing.since, course.hours)
        case EscalationState.SNOOZED:
            return standing.snoozed_until
        case EscalationState.EXHAUSTED:
            return _DAILY.after(standing.since, course.hours)
        case EscalationState.RESOLVED:
            return None


def may_reopen(standing: Standing, now: datetime) -> bool:
    """Whether it has ended so recently that it may be opened again."""
    return standing.resolved_at is not None and now - standing.resolved_at <= REOPEN_WITHIN


def legal(standing: Standing, now: datetime) -> frozenset[Event]:
    """What people may do to it now, whoever they are."""
    possible = {event for state, event in TABLE if state is standing.state} - {Event.DUE, Event.LOST}
    return frozenset(possible if may_reopen(standing, now) else possible - {Event.REOPEN})


Change = tuple[Standing, tuple[Notice, ...]]


def _settled(course: Course, standing: Standing, notices: tuple[Notice, ...]) -> Outcome:
    return Outcome(standing, next_due(standing, course), notices)


def _rung(standing: Standing, course: Course) -> int:
    return min(max(standing.level, 1), course.last)


def _is_late(standing: Standing, now: datetime, course: Course) -> bool:
    due = next_due(standing, course)
    return due is not None and now - due > LATE


def _from_the_bottom(standing: Standing, now: datetime, course: Course) -> Change:
    fresh = Standing(EscalationState.OPEN, 1 if course.last else 0, now)
    return fresh, (Notice.TELL,) if course.last else ()


def _climb(standing: Standing, now: datetime, course: Course) -> Change:
    """One level up, or the end of the ladder."""
    if standing.level < course.last:
        up = Standing(EscalationState.OPEN, standing.level + 1, now)
        return up, (Notice.TELL,)
    return Standing(EscalationState.EXHAUSTED, standing.level, now), (Notice.EXHAUSTED,)


def _open_due(standing: Standing, now: datetime, course: Course) -> Change:
    if _is_late(standing, now, course):
        return replace(standing, since=now), ()
    if not course.last:
        return replace(standing, since=now), (Notice.ASK,)
    return _climb(standing, now, course)


def _owned_due(standing: Standing, now: datetime, course: Course) -> Change:
    """Ask first; with no answer the acknowledgement expires and the ladder goes on."""
    if standing.asked_at is None:
        return replace(standing, asked_at=now), (Notice.ASK,)
    if _is_late(standing, now, course):
        return replace(standing, asked_at=now), ()
    if not course.last:
        return Standing(EscalationState.OPEN, 0, now), (Notice.LAPSED,)
    up, notices = _climb(standing, now, course)
    return up, (Notice.LAPSED, *notices)


def _snooze_due(standing: Standing, now: datetime, _: Course) -> Change:
    """It is over: whoever owns it is asked; with no owner the present level's wait begins."""
    if standing.is_owned:
        return Standing(EscalationState.ACKNOWLEDGED, standing.level, now, is_owned=True, asked_at=now), (
            Notice.WOKEN,
            Notice.ASK,
        )
    return Standing(EscalationState.OPEN, standing.level, now), (Notice.WOKEN,)


def _exhausted_due(standing: Standing, now: datetime, _: Course) -> Change:
    return replace(standing, since=now), (Notice.REMIND,)


def _own(standing: Standing, now: datetime, _: Course) -> Change:
    """Acknowledged, or a real update: the next one is due after the interval, counted from now."""
    return Standing(EscalationState.ACKNOWLEDGED, standing.level, now, is_owned=True), ()


def _own_asleep(standing: Standing, now: datetime, _: Course) -> Change:
    return replace(standing, is_owned=True, since=now), ()


def _orphan(standing: Standing, now: datetime, _: Course) -> Change:
    """Nobody owns it: whoever stands for the side is asked, and the present level's wait begins anew."""
    return Standing(EscalationState.OPEN, standing.level, now), (Notice.ASK,)


def _orphan_asleep(standing: Standing, now: datetime, _: Course) -> Change:
    return replace(standing, is_owned=False), ()


def _sleep(standing: Standing, now: datetime, _: Course) -> Change:
    return replace(standing, state=EscalationState.SNOOZED, since=now, asked_at=None), ()


def _end(standing: Standing, now: datetime, _: Course) -> Change:
    return replace(
        standing, state=EscalationState.RESOLVED, since=now, asked_at=None, snoozed_until=None, resolved_at=now
    ), ()


def _rerate(standing: Standing, now: datetime, course: Course) -> Change:
    """Another severity: what is owned stays owned and what sleeps sleeps, all else starts at the bottom."""
    if standing.state in (EscalationState.ACKNOWLEDGED, EscalationState.SNOOZED):
        return replace(standing, level=min(standing.level, course.last), since=now, asked_at=None), ()
    return _from_the_bottom(standing, now, course)


Handler = Callable[[Standing, datetime, Course], Change]
_OPEN, _OWNED, _ASLEEP, _SPENT, _OVER = (
    EscalationState.OPEN,
    EscalationState.ACKNOWLEDGED,
    EscalationState.SNOOZED,
    EscalationState.EXHAUSTED,
    EscalationState.RESOLVED,
)

TABLE: Mapping[tuple[EscalationState, Event], Handler] = {
    (_OPEN, Event.DUE): _open_due,
    (_OPEN, Event.ACKNOWLEDGE): _own,
    (_OPEN, Event.UPDATE): _own,
    (_OPEN, Event.SNOOZE): _sleep,
    (_OPEN, Event.RERATE): _rerate,
    (_OPEN, Event.RESOLVE): _end,
    (_OWNED, Event.DUE): _owned_due,
    (_OWNED, Event.ACKNOWLEDGE): _own,
    (_OWNED, Event.UPDATE): _own,
    (_OWNED, Event.SNOOZE): _sleep,
    (_OWNED, Event.RERATE): _rerate,
    (_OWNED, Event.LOST): _orphan,
    (_OWNED, Event.RESOLVE): _end,
    (_ASLEEP, Event.DUE): _snooze_due,
    (_ASLEEP, Event.ACKNOWLEDGE): _own,
    (_ASLEEP, Event.UPDATE): _own_asleep,
    (_ASLEEP, Event.SNOOZE): _sleep,
    (_ASLEEP, Event.RERATE): _rerate,
    (_ASLEEP, Event.LOST): _orphan_asleep,
    (_ASLEEP, Event.RESOLVE): _end,
    (_SPENT, Event.DUE): _exhausted_due,
    (_SPENT, Event.ACKNOWLEDGE): _own,
    (_SPENT, Event.UPDATE): _own,
    (_SPENT, Event.SNOOZE): _sleep,
    (_SPENT, Event.RERATE): _rerate,
    (_SPENT, Event.RESOLVE): _end,
    (_OVER, Event.REOPEN): _from_the_bottom,
}
"""All there is: an event that is not listed for a state is not possible in it."""

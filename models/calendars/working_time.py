"""Working time: whose clock runs when. Waits in ladders, service levels and ages are counted here.

Instants are aware (ValueError if not) and come back in UTC. They are turned into UTC before anything else, because
Python compares and subtracts two times of one zone by their wall clocks. Time is real elapsed time inside working
hours: a 24-hour clock over the start of summer time counts 23 hours for that day.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from models.calendars.holidays import SideCalendar, holiday_name
from models.calendars.local_time import ZoneUnknown, as_utc, instant, local_date, zone_exists

# How far we look for a working day. Beyond it a calendar is taken as wrong rather than a wait as endless.
LOOK_DAYS = 400
FARTHEST_DAYS = 20 * 366
LONGEST_WAIT = timedelta(days=366)
_NONE = timedelta(0)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """When one side or person works.

    From `start` to `end` wall-clock time in `zone` (IANA name) on `weekdays` (Monday = 0), but not on `holidays` nor
    during `absences` (first and last date, both included). An `end` not later than `start` lies on the next day: a
    night shift, or midnight written 00:00; equal times are the whole 24 hours. A shift belongs to the day it starts on.
    Raises ZoneUnknown or ValueError.
    """

    zone: str
    weekdays: frozenset[int]
    start: time
    end: time
    holidays: SideCalendar | None = None
    absences: tuple[tuple[date, date], ...] = ()

    def __post_init__(self) -> None:
        if not zone_exists(self.zone):
            raise ZoneUnknown(self.zone)
        if not self.weekdays or not self.weekdays <= frozenset(range(7)):
            raise ValueError("Working hours need at least one weekday, Monday (0) to Sunday (6).")
        if self.start.tzinfo is not None or self.end.tzinfo is not None:
            raise ValueError("Working hours are wall-clock times; their zone is a field of its own.")
        if any(first > last for first, last in self.absences):
            raise ValueError("An absence ends before it begins.")


ALWAYS = WorkingHours("UTC", frozenset(range(7)), time(0), time(0))
"""The 24×7 clock."""


def is_working_day(hours: WorkingHours, day: date) -> bool:
    """Whether a shift starts on this local date: a working weekday, no holiday, nobody absent."""
    if day.weekday() not in hours.weekdays or any(first <= day <= last for first, last in hours.absences):
        return False
    return hours.holidays is None or holiday_name(hours.holidays, day) is None


def last_working_day(hours: WorkingHours, before: date) -> date:
    """The nearest working day before `before`; the day before, if there was none within 400 days."""
    return next((day for day in _days(before, -1) if is_working_day(hours, day)), before - _DAY)


def next_working_day(hours: WorkingHours, after: date) -> date:
    """The nearest working day after `after`; the day after, if there is none within 400 days."""
    return next((day for day in _days(after, 1) if is_working_day(hours, day)), after + _DAY)


def is_open(hours: WorkingHours, moment: datetime) -> bool:
    """Whether the clock runs at this instant: from the opening, up to but not including the closing."""
    moment = as_utc(moment)
    day = local_date(moment, hours.zone)
    spans = [_span(hours, shift) for shift in (day - _DAY, day) if is_working_day(hours, shift)]
    return any(opens <= moment < closes for opens, closes in spans)


def next_opening(hours: WorkingHours, moment: datetime) -> datetime:
    """The first instant from `moment` on at which the clock runs: `moment` itself if open.

    Also `moment` itself if it never opens within 400 days: better to speak at the wrong hour than never.
    """
    moment = as_utc(moment)
    return next((max(opens, moment) for opens, closes in _spans(hours, moment) if closes > opens), moment)


def working_time_between(hours: WorkingHours, start: datetime, end: datetime) -> timedelta:
    """Working time from `start` to `end`; zero if `end` is not later."""
    start, end = as_utc(start), as_utc(end)
    if _is_round_the_clock(hours):
        return max(end - start, _NONE)
    total = _NONE
    day, last_day = local_date(start, hours.zone) - _DAY, local_date(end, hours.zone)
    while day <= last_day:
        if is_working_day(hours, day):
            opens, closes = _span(hours, day)
            total += max(min(closes, end) - max(opens, start), _NONE)
        day += _DAY
    return total


def unpaused_working_time(
    hours: WorkingHours, start: datetime, end: datetime, pauses: Iterable[tuple[datetime, datetime]]
) -> timedelta:
    """Working time from `start` to `end` outside the pauses, which may overlap and come in any order."""
    total, resumed, end = _NONE, as_utc(start), as_utc(end)
    for paused, until in sorted((as_utc(paused), as_utc(until)) for paused, until in pauses):
        total += working_time_between(hours, resumed, min(paused, end))
        resumed = max(resumed, until)
    return total + working_time_between(hours, resumed, end)


def add_working_time(hours: WorkingHours, start: datetime, amount: timedelta) -> datetime:
    """The earliest instant by which `amount` of working time has passed since `start` (`start` itself for zero).

    What is left over when 400 days pass without an opening, or twenty years in all, is counted as plain time from the
    last closing, so that no wait is endless. Raises ValueError for less than nothing or more than 366 days (of 24 h).
    """
    if not _NONE <= amount <= LONGEST_WAIT:
        raise ValueError(f"A wait is between nothing and {LONGEST_WAIT.days} days of working time.")
    reached, left = as_utc(start), amount
    if left == _NONE or _is_round_the_clock(hours):
        return reached + left
    for opens, closes in _spans(hours, reached):
        begins = max(opens, reached)
        if closes - begins >= left:
            return begins + left
        left -= max(closes - begins, _NONE)
        reached = max(closes, reached)
    return reached + left


def working_day_length(hours: WorkingHours) -> timedelta:
    """The length of one working day by the wall clock."""
    today, wall = date.min, datetime.combine
    length = wall(today, hours.end) - wall(today, hours.start)
    return length if length > _NONE else length + _DAY


def working_days_between(hours: WorkingHours, start: datetime, end: datetime) -> float:
    """Age in working days: working time over the length of a working day, so Mon 15:00 to Wed 15:00 is 2.0."""
    return working_time_between(hours, start, end) / working_day_length(hours)


def add_working_days(hours: WorkingHours, start: datetime, days: float) -> datetime:
    """The instant at which something begun at `start` is `days` working days old. Limits as in `add_working_time`."""
    return add_working_time(hours, start, days * working_day_length(hours))


def _is_round_the_clock(hours: WorkingHours) -> bool:
    return hours.start == hours.end and len(hours.weekdays) == 7 and not hours.absences and hours.holidays is None


def _days(beside: date, step: int) -> Iterator[date]:
    return (beside + step * distance * _DAY for distance in range(1, LOOK_DAYS + 1))


def _span(hours: WorkingHours, day: date) -> tuple[datetime, datetime]:
    """Opening and closing of the shift that starts on `day`."""
    last_day = day if hours.end > hours.start else day + _DAY
    return instant(day, hours.start, hours.zone), instant(last_day, hours.end, hours.zone)


def _spans(hours: WorkingHours, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The shifts that close after `moment`, in order, until 400 days bring none or twenty years are over."""
    today, idle = local_date(moment, hours.zone), 0
    for day in (today + distance * _DAY for distance in range(-1, FARTHEST_DAYS)):
        idle += 1
        if is_working_day(hours, day):
            opens, closes = _span(hours, day)
            if closes > moment:
                yield opens, closes
                idle = 0
        if idle > LOOK_DAYS:
            return

"""On which local dates something recurs. Dates only: `local_time.instant` makes the moment of each.

A rule is RFC 5545 RRULE text without DTSTART, counted from `starts_on`. The work of every question is bounded, and does
not grow with the age of the recurrence: dates are computed by calendar year and kept.
"""

from bisect import bisect_right
from calendar import isleap
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from typing import Literal

from dateutil import rrule

from models.calendars import recurrence_shape, recurrence_words
from models.calendars.recurrence_shape import BadRecurrence, Frequency, Shape

__all__ = [
    "BadRecurrence",
    "Recurrence",
    "dates",
    "describe",
    "falls_on",
    "next_date",
    "parse",
    "to_text",
]

# A rule that rests longer than this is taken as ended. The longest rest of a usual one is 29 February: 8 years.
LOOK_YEARS = 40
MOST_DATES = 10_000
_EARLIEST, _LATEST = date(1970, 1, 1), date(2999, 12, 31)
_DAY = timedelta(days=1)
_DATEUTIL: dict[Frequency, Literal[0, 1, 2, 3]] = {
    Frequency.DAILY: rrule.DAILY,
    Frequency.WEEKLY: rrule.WEEKLY,
    Frequency.MONTHLY: rrule.MONTHLY,
    Frequency.YEARLY: rrule.YEARLY,
}


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A rule and the first day it counts from. One that exists is valid, canonical and happens at least once.

    `starts_on` fixes which weeks or months an INTERVAL means; it is itself a date of the recurrence only if the rule
    falls on it. Raises BadRecurrence.
    """

    rule: str
    starts_on: date

    def __post_init__(self) -> None:
        object.__setattr__(self, "rule", _checked_rule(self.rule, self.starts_on))


def parse(text: str, starts_on: date) -> Recurrence:
    """Read RRULE text (`FREQ=WEEKLY;BYDAY=MO`) or plain words (“weekdays”, “every second Tuesday”, “last Friday”).

    Raises BadRecurrence with a sentence that says what to change.
    """
    return Recurrence(recurrence_words.rule_text(text) or text, starts_on)


def to_text(recurrence: Recurrence) -> str:
    """The canonical RRULE text: `parse(to_text(r), r.starts_on) == r`."""
    return recurrence.rule


def describe(recurrence: Recurrence) -> str:
    """The rule in plain words, such as “every second Tuesday” or “last Friday of the month”."""
    return recurrence_words.describe(_shape(recurrence.rule), recurrence.starts_on)


def dates(recurrence: Recurrence, after: date | None, limit: int) -> list[date]:
    """Up to `limit` dates (at most 10,000) strictly after a day, or from the first one if `after` is None."""
    if not 0 <= limit <= MOST_DATES:
        raise ValueError(f"Ask for 0 to {MOST_DATES} dates at a time.")
    return list(islice(_dates_after(recurrence, after), limit))


def next_date(recurrence: Recurrence, after: date) -> date | None:
    """The first date strictly after `after`; None once the recurrence has ended."""
    return next(_dates_after(recurrence, after), None)


def falls_on(recurrence: Recurrence, day: date) -> bool:
    """Whether `day` is a date of the recurrence."""
    return next_date(recurrence, day - _DAY) == day


def _dates_after(recurrence: Recurrence, after: date | None) -> Iterator[date]:
    shape, starts_on = _shape(recurrence.rule), recurrence.starts_on
    eve = starts_on - _DAY
    last = _last_date(recurrence.rule, starts_on)
    for day in _unending(shape, starts_on, eve if after is None else max(after, eve)):
        if day > last:
            return
        yield day


@lru_cache(maxsize=4096)
def _shape(rule: str) -> Shape:
    return recurrence_shape.read(rule)


@lru_cache(maxsize=4096)
def _checked_rule(rule: str, starts_on: date) -> str:
    if not _EARLIEST <= starts_on <= _LATEST:
        raise BadRecurrence(f"A recurrence starts between {_EARLIEST} and {_LATEST}, not on {starts_on}.")
    shape = recurrence_shape.anchored(recurrence_shape.read(rule), starts_on)
    first = next(_unending(shape, starts_on, starts_on - _DAY), None)
    if first is None:
        raise BadRecurrence("This never happens: no such day comes within forty years.")
    if shape.until is not None and shape.until < first:
        raise BadRecurrence(f"This never happens: it ends on {shape.until}, before its first day, {first}.")
    return recurrence_shape.write(shape)


@lru_cache(maxsize=4096)
def _last_date(rule: str, starts_on: date) -> date:
    """The last day the rule may fall on: UNTIL, or the day on which COUNT is used up."""
    shape = _shape(rule)
    if shape.until is not None:
        return shape.until
    if shape.count is None:
        return date.max
    counted = list(islice(_unending(shape, starts_on, starts_on - _DAY), shape.count))
    return counted[-1]


def _unending(shape: Shape, starts_on: date, after: date) -> Iterator[date]:
    """The dates after a day, without regard to COUNT and UNTIL."""
    years_without = 0
    for year in range(after.year, MAXYEAR + 1):
        found = _year(shape, starts_on, year)
        found = found[bisect_right(found, after) :]
        yield from found
        years_without = 0 if found else years_without + 1
        if years_without > LOOK_YEARS:
            return


def _year(shape: Shape, starts_on: date, year: int) -> tuple[date, ...]:
    """The rule's dates of one calendar year, also those before `starts_on`."""
    new_year, interval = date(year, 1, 1), shape.interval
    match shape.frequency:
        case Frequency.DAILY:
            return _year_from(shape, (starts_on - new_year).days % interval, year)
        case Frequency.WEEKLY:
            week = starts_on - _DAY * ((starts_on.weekday() - shape.week_start) % 7)
            return _year_from(shape, -((new_year - week).days % (7 * interval)), year)
        case Frequency.MONTHLY:
            months = ((starts_on.year - year) * 12 + starts_on.month - 1) % interval
            return _year_from(shape, months, year) if months < 12 else ()
        case Frequency.YEARLY:
            return _year_from(shape, 0, year) if (year - starts_on.year) % interval == 0 else ()


@lru_cache(maxsize=1024)
def _year_from(shape: Shape, offset: int, year: int) -> tuple[date, ...]:
    """The dates of a year when the first period begins `offset` days (months for MONTHLY) from 1 January.

    All recurrences of one rule and one phase share this, whenever they started. They are worked out in a year with
    the same calendar shortly before 9999, because that is where dateutil gives up looking for a day that never comes.
    """
    twin = _last_year_like(year)
    begin = date(twin, offset + 1, 1) if shape.frequency is Frequency.MONTHLY else date(twin, 1, 1) + offset * _DAY
    found = rrule.rrule(
        _DATEUTIL[shape.frequency],
        dtstart=datetime.combine(begin, time()),
        until=datetime.combine(date(twin, 12, 31), time()),
        interval=shape.interval,
        wkst=rrule.weekday(shape.week_start),
        bymonth=shape.months or None,
        bymonthday=shape.month_days or None,
        byweekday=[rrule.weekday(day, nth or None) for nth, day in shape.weekdays] or None,
        bysetpos=shape.positions or None,
    )
    return tuple(moment.date().replace(year=year) for moment in found if moment.year == twin)


@lru_cache(maxsize=14)
def _calendar_twin(leap: bool, first_weekday: int) -> int:
    # Any 28 years without a century hold every calendar there is. dateutil fails on a week that runs over its last
    # year, so these stay a little away from it.
    return next(
        year for year in range(9943, 9971) if isleap(year) == leap and date(year, 1, 1).weekday() == first_weekday
    )


def _last_year_like(year: int) -> int:
    return _calendar_twin(isleap(year), date(year, 1, 1).weekday())

"""The recurrence rules we accept, as data: RFC 5545 RRULE text is read into a Shape and written from it.

Only what a cadence needs: whole days, and rules whose next day is found in bounded work. Neighbours: `recurrence`
computes dates, `recurrence_words` speaks plain English.
"""

import re
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import NamedTuple

DAY_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MOST_REPEATS = 1000
_LONGEST_TEXT = 200
_PARTS = ("FREQ", "INTERVAL", "COUNT", "UNTIL", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS", "WKST")
_READABLE = re.compile(r"[A-Z]+=[A-Z0-9,+-]+(;[A-Z]+=[A-Z0-9,+-]+)*", re.ASCII)
_DAY = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,5}", re.ASCII)


class BadRecurrence(ValueError):
    """The text is not a recurrence we can follow; the sentence says what to change."""


class Frequency(StrEnum):
    """The period a rule counts in."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


class Weekday(NamedTuple):
    """A day of the week (Monday = 0); `nth` of the month, from its end if negative, 0 for every one."""

    nth: int
    day: int


@dataclass(frozen=True, slots=True)
class Shape:
    """One rule without its starting date. Empty tuples mean: not restricted."""

    frequency: Frequency
    interval: int = 1
    weekdays: tuple[Weekday, ...] = ()
    month_days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    week_start: int = 0
    count: int | None = None
    until: date | None = None


# How far an interval may reach: about a year, ten years for yearly rules.
_LONGEST_INTERVAL = {
    Frequency.DAILY: 366,
    Frequency.WEEKLY: 52,
    Frequency.MONTHLY: 24,
    Frequency.YEARLY: 10,
}


def read(text: str) -> Shape:
    """The shape of an RRULE text such as `FREQ=WEEKLY;BYDAY=MO,TH`. Raises BadRecurrence."""
    parts = _parts(text)
    if "FREQ" not in parts:
        raise BadRecurrence("A recurrence needs FREQ, such as FREQ=WEEKLY;BYDAY=MO.")
    shape = _simplest(
        Shape(
            frequency=_frequency(parts["FREQ"]),
            interval=_whole("INTERVAL", 1, 366, parts.get("INTERVAL", "1")),
            weekdays=_weekdays(parts["BYDAY"]) if "BYDAY" in parts else (),
            month_days=_places("BYMONTHDAY", -31, 31, parts),
            months=_places("BYMONTH", 1, 12, parts),
            positions=_places("BYSETPOS", -28, 28, parts),
            week_start=_week_start(parts.get("WKST", "MO")),
            count=_whole("COUNT", 1, MOST_REPEATS, parts["COUNT"]) if "COUNT" in parts else None,
            until=_until(parts["UNTIL"]) if "UNTIL" in parts else None,
        )
    )
    problem = _problem(shape)
    if problem is not None:
        raise BadRecurrence(problem)
    return shape


def write(shape: Shape) -> str:
    """The canonical RRULE text; `read` gives the same shape back."""
    parts = [f"FREQ={shape.frequency}"]
    if shape.interval > 1:
        parts.append(f"INTERVAL={shape.interval}")
    if shape.count is not None:
        parts.append(f"COUNT={shape.count}")
    if shape.until is not None:
        parts.append(f"UNTIL={shape.until:%Y%m%d}")
    lists = {"BYMONTH": shape.months, "BYMONTHDAY": shape.month_days}
    parts += [f"{name}={','.join(map(str, numbers))}" for name, numbers in lists.items() if numbers]
    if shape.weekdays:
        parts.append("BYDAY=" + ",".join(f"{nth or ''}{DAY_CODES[day]}" for nth, day in shape.weekdays))
    if shape.positions:
        parts.append(f"BYSETPOS={','.join(map(str, shape.positions))}")
    if shape.week_start:
        parts.append(f"WKST={DAY_CODES[shape.week_start]}")
    return ";".join(parts)


def anchored(shape: Shape, starts_on: date) -> Shape:
    """The shape with everything spelled out that RRULE would take from its first day."""
    if shape.weekdays or shape.month_days or shape.frequency is Frequency.DAILY:
        return shape
    if shape.frequency is Frequency.WEEKLY:
        return replace(shape, weekdays=(Weekday(0, starts_on.weekday()),))
    if shape.frequency is Frequency.MONTHLY:
        return replace(shape, month_days=(starts_on.day,))
    return replace(shape, months=shape.months or (starts_on.month,), month_days=(starts_on.day,))


def _parts(text: str) -> dict[str, str]:
    rule = text.strip(" ").upper().removeprefix("RRULE:")
    if len(text) > _LONGEST_TEXT:
        raise BadRecurrence(f"A recurrence is at most {_LONGEST_TEXT} characters long.")
    if not _READABLE.fullmatch(rule):
        raise BadRecurrence("Say when it recurs, such as “weekdays”, “every second Tuesday” or FREQ=WEEKLY;BYDAY=MO.")
    pairs = [part.partition("=") for part in rule.split(";")]
    parts = {name: value for name, _, value in pairs}
    if len(parts) != len(pairs):
        raise BadRecurrence("A recurrence names each part once.")
    unknown = sorted(parts.keys() - set(_PARTS))
    if unknown:
        raise BadRecurrence(f"{unknown[0][:20]} is not supported; a recurrence knows whole days: {', '.join(_PARTS)}.")
    return parts


def _frequency(value: str) -> Frequency:
    if value not in Frequency.__members__:
        raise BadRecurrence(f"FREQ is one of {', '.join(Frequency)}, not {value[:20]}.")
    return Frequency(value)


def _weekdays(value: str) -> tuple[Weekday, ...]:
    matches = [_DAY.fullmatch(item) for item in value.split(",")]
    days = {Weekday(int(match[1] or 0), DAY_CODES.index(match[2])) for match in matches if match}
    if not all(matches) or any(abs(day.nth) > 5 for day in days):
        raise BadRecurrence("BYDAY lists days such as MO,TH, or 1MO for the first Monday and -1FR for the last Friday.")
    return tuple(sorted(days, key=lambda day: (day.nth <= 0, day)))


def _whole(name: str, lowest: int, highest: int, value: str) -> int:
    if not _WHOLE_NUMBER.fullmatch(value) or not lowest <= int(value) <= highest:
        raise BadRecurrence(f"{name} is a whole number from {lowest} to {highest}, not {value[:20]}.")
    return int(value)


def _places(name: str, lowest: int, highest: int, parts: dict[str, str]) -> tuple[int, ...]:
    if name not in parts:
        return ()
    found = {_whole(name, lowest, highest, item) for item in parts[name].split(",")}
    if 0 in found:
        raise BadRecurrence(f"{name} counts from 1, or from -1 at the end; 0 is no place.")
    return tuple(sorted(found, key=lambda number: (number < 0, number)))


def _week_start(value: str) -> int:
    if value not in DAY_CODES:
        raise BadRecurrence(f"WKST is one of {', '.join(DAY_CODES)}.")
    return DAY_CODES.index(value)


def _until(value: str) -> date:
    try:
        if not re.fullmatch(r"[0-9]{8}", value, re.ASCII):
            raise ValueError(value)
        return date(int(value[:4]), int(value[4:6]), int(value[6:]))
    except ValueError:
        raise BadRecurrence("UNTIL is the last day as YYYYMMDD, such as UNTIL=20271231.") from None


def _simplest(shape: Shape) -> Shape:
    """One spelling for rules that mean the same: equal rules compare equal and share their computed dates."""
    every_day = tuple(Weekday(0, day) for day in range(7))
    if shape.interval == 1 and shape.frequency is Frequency.DAILY and shape.weekdays:
        shape = replace(shape, frequency=Frequency.WEEKLY)
    if shape.interval == 1 and shape.frequency is Frequency.WEEKLY and shape.weekdays == every_day:
        shape = replace(shape, frequency=Frequency.DAILY, weekdays=())
    if shape.frequency is not Frequency.WEEKLY or shape.interval == 1:
        shape = replace(shape, week_start=0)
    return shape


def _problem(shape: Shape) -> str | None:
    """What does not go together. What passes here recurs within few periods, or `Recurrence` refuses it as never."""
    longest = _LONGEST_INTERVAL[shape.frequency]
    nth = any(day.nth for day in shape.weekdays)
    if shape.interval > longest:
        return f"INTERVAL is at most {longest} with FREQ={shape.frequency}."
    if shape.count is not None and shape.until is not None:
        return "Use COUNT or UNTIL, not both."
    if shape.frequency in (Frequency.DAILY, Frequency.WEEKLY):
        if nth or shape.months or shape.month_days or shape.positions:
            return (
                f"FREQ={shape.frequency} goes with plain days such as BYDAY=MO; use FREQ=MONTHLY for dates in a month."
            )
        if shape.frequency is Frequency.DAILY and shape.weekdays:
            return "Every few days and named weekdays contradict each other; use FREQ=WEEKLY with BYDAY."
        return None
    return _problem_in_month(shape, nth=nth)


def _problem_in_month(shape: Shape, *, nth: bool) -> str | None:
    monthly = shape.frequency is Frequency.MONTHLY
    if shape.weekdays and shape.month_days:
        return "Use BYDAY or BYMONTHDAY, not both."
    if monthly and shape.months and shape.interval > 1:
        return "Use BYMONTH or INTERVAL with FREQ=MONTHLY, not both."
    if not monthly and (shape.weekdays or shape.month_days) and not shape.months:
        return "FREQ=YEARLY needs BYMONTH, such as FREQ=YEARLY;BYMONTH=3;BYDAY=1MO."
    if shape.positions:
        return _problem_with_positions(shape, plain_days=monthly and bool(shape.weekdays) and not nth)
    if shape.weekdays and not all(day.nth for day in shape.weekdays):
        return "Say which one in the month, such as BYDAY=1MO for the first Monday or BYDAY=-1FR for the last Friday."
    return None


def _problem_with_positions(shape: Shape, *, plain_days: bool) -> str | None:
    if not plain_days:
        return "BYSETPOS goes with FREQ=MONTHLY and plain days, such as BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1."
    # Every month has each day of the week four times; a fifth does not always come.
    most = 4 * len(shape.weekdays)
    if any(abs(position) > most for position in shape.positions):
        return f"BYSETPOS is at most {most} for these days: not every month has more."
    return None

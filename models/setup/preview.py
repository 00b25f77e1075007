"""When a cadence would happen, on everybody's clock: shown before it is saved. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from models.access import Side
from models.calendars.holidays import holiday_name
from models.calendars.local_time import instant, local_date
from models.calendars.recurrence import dates, parse
from models.setup.file import CadenceEntry, EngagementFile

COUNT = 10
_LOOK = 60
"""Dates looked at, so that those which are over can be left out."""


@dataclass(frozen=True, slots=True)
class Clock:
    """The people who share one time zone."""

    zone: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One occurrence: its local date, when it is on each clock (in the order of `clocks`), and who has a holiday."""

    day: date
    times: tuple[datetime, ...]
    """Aware, each in its own zone."""
    holidays: tuple[tuple[Side, str], ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """The next occurrences of a cadence."""

    clocks: tuple[Clock, ...]
    occurrences: tuple[Occurrence, ...]


def preview(file: EngagementFile, cadence: CadenceEntry, now: datetime, count: int = COUNT) -> Preview:
    """The next `count` occurrences that are still to come on somebody's clock; fewer if the cadence ends."""
    clocks = _clocks(file)
    today = min(local_date(now, clock.zone) for clock in clocks) if clocks else local_date(now, file.zone)
    starts_on = cadence.starts_on or local_date(now, file.zone)
    found: list[Occurrence] = []
    for day in dates(parse(cadence.repeats, starts_on), today - timedelta(days=1), _LOOK):
        times = tuple(_on(clock.zone, cadence, day) for clock in clocks)
        if len(found) < count and max(times, default=now) > now and not (cadence.ends_on and day > cadence.ends_on):
            found.append(Occurrence(day, times, _holidays(file, day)))
    return Preview(clocks, tuple(found))


def _clocks(file: EngagementFile) -> tuple[Clock, ...]:
    names: dict[str, list[str]] = {}
    for person in file.people:
        names.setdefault(person.zone, []).append(person.name)
    return tuple(Clock(zone, tuple(people)) for zone, people in names.items())


def _on(zone: str, cadence: CadenceEntry, day: date) -> datetime:
    return instant(day, cadence.at, cadence.zone or zone).astimezone(ZoneInfo(zone))


def _holidays(file: EngagementFile, day: date) -> tuple[tuple[Side, str], ...]:
    named = ((side, holiday_name(calendar, day)) for side, calendar in file.holidays.items())
    return tuple((side, name) for side, name in named if name)

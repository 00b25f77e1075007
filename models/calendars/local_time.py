"""Where a local date, a wall-clock time and a time zone become an instant, and back.

Everything else in the product holds aware UTC instants and plain local dates; only this module combines them.
"""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

WEEKDAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTH_NAMES = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

# "localtime" is whatever the machine is set to: two replicas could read it differently.
_NOT_A_PLACE = frozenset({"localtime"})
_SECOND = timedelta(seconds=1)


class ZoneUnknown(ValueError):
    """No time zone has this name; `suggestions` holds the nearest names that exist."""

    def __init__(self, name: str) -> None:
        self.suggestions = _nearest_zones(name[:64])
        hint = f" Did you mean {' or '.join(self.suggestions)}?" if self.suggestions else " Use one like Europe/Berlin."
        super().__init__(f"There is no time zone named “{name[:64]}”.{hint}")


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """All IANA zone names known on this machine."""
    return frozenset(available_timezones() - _NOT_A_PLACE)


def zone_exists(name: str) -> bool:
    """Whether `name` is an IANA zone, spelled exactly (`Europe/Berlin`)."""
    return name in zone_names()


def instant(day: date, at: time, zone: str) -> datetime:
    """The first instant (aware, UTC) at which the clocks of `zone` show `at` or later on `day`.

    So there is exactly one instant for every day: a time skipped by daylight saving becomes the first valid instant
    after the gap, a time that comes twice becomes the earlier one. When the gap runs up to midnight (23:30 in Nuuk) or
    swallows the whole day (Samoa, 30 December 2011) that instant already lies on the next local date; whoever keeps
    occurrences keys them by `day`, not by the date of the instant. Raises ZoneUnknown.
    """
    wall = datetime.combine(day, at, tzinfo=_zone(zone))
    if wall.fold:
        wall = wall.replace(fold=0)
    # PEP 495: only a wall time that is skipped or comes twice has an offset that depends on the fold.
    if wall.utcoffset() == wall.replace(fold=1).utcoffset():
        return wall.astimezone(UTC)
    return _beside_change(wall)


def local_date(moment: datetime, zone: str) -> date:
    """The calendar date in `zone` at an aware instant. Raises ZoneUnknown."""
    return local_clock(moment, zone).date()


def local_clock(moment: datetime, zone: str) -> datetime:
    """The aware instant as the clocks of `zone` show it (aware, in that zone). Raises ZoneUnknown."""
    return as_utc(moment).astimezone(_zone(zone))


def as_utc(moment: datetime) -> datetime:
    """The same instant in UTC. Raises ValueError for a naive one, which Python would take for machine time."""
    if moment.tzinfo is None:
        raise ValueError("An instant needs a time zone; this one has none.")
    return moment.astimezone(UTC)


def spoken_day(day: date, today: date) -> str:
    """A date as people say it: “yesterday”, “Friday” (within six days either way), “Fri 13 Nov”."""
    distance = (day - today).days
    if abs(distance) <= 1:
        return ("yesterday", "today", "tomorrow")[distance + 1]
    if abs(distance) < 7:
        return WEEKDAY_NAMES[day.weekday()]
    short = f"{WEEKDAY_NAMES[day.weekday()][:3]} {day.day} {MONTH_NAMES[day.month - 1][:3]}"
    return short if day.year == today.year else f"{short} {day.year}"


def nearest(wanted: str, known: Collection[str], limit: int = 3) -> tuple[str, ...]:
    """The names most like `wanted`, best first, ignoring case: what to offer after a typing error."""
    by_lower = {name.lower(): name for name in sorted(known)}
    return tuple(by_lower[name] for name in get_close_matches(wanted.lower(), by_lower, n=limit, cutoff=0.6))


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    # Checked against the list first: ZoneInfo would also read "right/…" (leap seconds) or stumble over a folder name.
    if not zone_exists(name):
        raise ZoneUnknown(name)
    return ZoneInfo(name)


def _beside_change(wall: datetime) -> datetime:
    """The first of two instants, or the end of the gap. Zones change on whole seconds."""
    first, second = wall.astimezone(UTC), wall.replace(fold=1).astimezone(UTC)
    if first < second:
        return first
    # A gap, where fold=1 gives an instant before it and fold=0 one after it.
    asked, before = wall.replace(tzinfo=None), second.replace(microsecond=0)
    too_early, reached = 0, -((before - first) // _SECOND)
    while reached - too_early > 1:
        middle = (too_early + reached) // 2
        if (before + middle * _SECOND).astimezone(wall.tzinfo).replace(tzinfo=None) < asked:
            too_early = middle
        else:
            reached = middle
    return before + reached * _SECOND


def _nearest_zones(wanted: str) -> tuple[str, ...]:
    asked = "_".join(wanted.lower().split())
    exact = sorted(name for name in zone_names() if asked in (name.lower(), name.lower().rpartition("/")[2]))
    if exact:
        return tuple(exact[:3])
    cities = {name.rpartition("/")[2]: name for name in sorted(zone_names(), reverse=True)}
    by_city = [cities[city] for city in nearest(asked.rpartition("/")[2], cities)]
    return tuple(dict.fromkeys([*nearest(asked, zone_names()), *by_city]))[:3]

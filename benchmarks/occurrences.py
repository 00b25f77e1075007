"""Occurrences in every IANA zone on every day of two years: how many are missing or double, and what they cost.

`python -m benchmarks.occurrences` prints the counts, and the seconds beside a bare loop of zoneinfo conversions.
"""

import argparse
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from time import perf_counter
from zoneinfo import ZoneInfo

from models.calendars.local_time import instant, local_date, zone_names
from models.calendars.recurrence import dates, parse

TIMES = (time(0, 30), time(2, 30), time(9, 0))
_FIRST_DAY, _LAST_DAY = date(2026, 1, 1), date(2027, 12, 31)
_SECOND = timedelta(seconds=1)


@dataclass(slots=True)
class Tally:
    """What a survey found; `moved` ones stand at the end of a gap, as they should."""

    occurrences: int = 0
    missing: int = 0
    double: int = 0
    wrong: int = 0
    out_of_order: int = 0
    moved: int = 0

    @property
    def faults(self) -> int:
        return self.missing + self.double + self.wrong + self.out_of_order


def two_years() -> list[date]:
    """Every scheduled date of 2026 and 2027."""
    return dates(parse("FREQ=DAILY;UNTIL=20271231", _FIRST_DAY), None, 1000)


def survey(zones: Iterable[str], days: Collection[date], times: Iterable[time] = TIMES) -> Tally:
    """Work out an occurrence for every zone, day and time, and judge each by the clock of its zone."""
    tally, times = Tally(), tuple(times)
    for zone in zones:
        for at in times:
            moments = [instant(day, at, zone) for day in days]
            _judge(moments, days, at, ZoneInfo(zone), tally)
    return tally


def _judge(moments: list[datetime], days: Collection[date], at: time, place: ZoneInfo, tally: Tally) -> None:
    # The way back from an instant to the wall clock is never in doubt, so it is what we judge by.
    shown = [moment.astimezone(place) for moment in moments]
    local_days = {clock.date() for clock in shown}
    tally.occurrences += len(moments)
    tally.missing += len(set(days) - local_days)
    tally.double += len(moments) - len(local_days)
    tally.out_of_order += sum(later <= earlier for earlier, later in pairwise(moments))
    for day, clock, moment in zip(days, shown, moments, strict=True):
        asked, reading = datetime.combine(day, at), clock.replace(tzinfo=None)
        if reading == asked and clock.fold == 0:
            continue
        before = (moment - _SECOND).astimezone(place).replace(tzinfo=None)
        first_after_gap = before < asked < reading
        tally.moved += first_after_gap
        tally.wrong += not first_after_gap


def _bare(zones: Iterable[str], days: Collection[date]) -> int:
    done = 0
    for zone in zones:
        place = ZoneInfo(zone)
        for at in TIMES:
            done += len([datetime.combine(day, at, tzinfo=place).astimezone(UTC) for day in days])
    return done


def _ours(zones: Iterable[str], days: Collection[date]) -> int:
    return sum(len([instant(day, at, zone) for day in days]) for zone in zones for at in TIMES)


def main(argv: list[str] | None = None) -> None:
    """Print the counts and the two times."""
    argparse.ArgumentParser(prog="benchmarks.occurrences", description=__doc__.splitlines()[0]).parse_args(argv)
    zones, days = sorted(zone_names()), two_years()
    assert (days[0], days[-1]) == (_FIRST_DAY, _LAST_DAY)
    assert local_date(instant(days[0], TIMES[0], zones[0]), zones[0]) == days[0]
    started = perf_counter()
    done = _bare(zones, days)
    bare = perf_counter() - started
    started = perf_counter()
    assert _ours(zones, days) == done
    ours = perf_counter() - started
    tally = survey(zones, days)
    print(f"occurrences: {tally.occurrences:,} ({len(zones)} zones, {len(days)} days, {len(TIMES)} times)")
    print(f"  missing {tally.missing}, double {tally.double}, wrong {tally.wrong}, out of order {tally.out_of_order}")
    print(f"  at the end of a gap: {tally.moved}")
    print(f"  {ours:.2f} s; bare zoneinfo loop {bare:.2f} s; ratio {ours / bare:.2f}")


if __name__ == "__main__":
    main()

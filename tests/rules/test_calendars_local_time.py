"""Instants of local dates, in every zone there is."""

import random
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.occurrences import TIMES, survey, two_years
from models.calendars.local_time import (
    ZoneUnknown,
    as_utc,
    instant,
    local_clock,
    local_date,
    spoken_day,
    zone_exists,
    zone_names,
)

ZONES = sorted(zone_names())


def days_around_changes(zone: str, days: list[date]) -> list[date]:
    """The days on which the offset at noon differs from the day before, and two on either side."""
    place = ZoneInfo(zone)
    offsets = [datetime.combine(day, time(12), tzinfo=place).utcoffset() for day in days]
    changed = [n for n in range(1, len(days)) if offsets[n] != offsets[n - 1]]
    return [days[n] for n in sorted({m for n in changed for m in range(n - 2, n + 3) if 0 <= m < len(days)})]


def test_every_zone_has_one_occurrence_a_day_around_clock_changes_and_on_random_days() -> None:
    days, draw = two_years(), random.Random(2026)

    for zone in ZONES:
        chosen = sorted({*days_around_changes(zone, days), *draw.sample(days, 8)})
        tally = survey([zone], chosen)
        assert (tally.faults, tally.occurrences) == (0, len(chosen) * len(TIMES)), zone


@pytest.mark.slow
def test_every_zone_has_one_occurrence_on_every_day_of_two_years() -> None:
    tally = survey(ZONES, two_years())

    assert tally.faults == 0
    assert tally.occurrences == len(ZONES) * 730 * len(TIMES)
    assert tally.moved > 0


def test_every_iana_zone_is_known_but_not_the_setting_of_this_machine() -> None:
    assert available_timezones() - zone_names() <= {"localtime"}


@pytest.mark.parametrize(
    ("zone", "day", "at", "expected"),
    [
        ("Europe/Berlin", date(2026, 3, 29), time(2, 30), "2026-03-29T03:00+02:00"),
        ("Europe/Berlin", date(2026, 10, 25), time(2, 30), "2026-10-25T02:30+02:00"),
        ("Europe/Berlin", date(2026, 10, 25), time(2, 30, fold=1), "2026-10-25T02:30+02:00"),
        ("America/New_York", date(2026, 3, 8), time(2, 30), "2026-03-08T03:00-04:00"),
        ("America/New_York", date(2026, 11, 1), time(1, 30), "2026-11-01T01:30-04:00"),
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15), "2026-10-04T02:30+11:00"),
        ("Africa/Cairo", date(2026, 4, 24), time(0, 30), "2026-04-24T01:00+03:00"),
        ("Asia/Kolkata", date(2026, 4, 24), time(9, 0), "2026-04-24T09:00+05:30"),
        ("Europe/Berlin", date(2026, 3, 29), time(2, 0, 0, 1), "2026-03-29T03:00+02:00"),
        ("Europe/Berlin", date(2026, 3, 29), time(2, 0), "2026-03-29T03:00+02:00"),
    ],
)
def test_a_skipped_time_waits_for_the_end_of_the_gap_and_a_double_one_is_the_first(
    zone: str, day: date, at: time, expected: str
) -> None:
    moment = instant(day, at, zone)

    assert moment == datetime.fromisoformat(expected)
    assert moment.tzinfo is UTC


def test_a_gap_that_runs_up_to_midnight_ends_on_the_next_date() -> None:
    moment = instant(date(2026, 3, 28), time(23, 30), "America/Nuuk")

    assert local_clock(moment, "America/Nuuk").replace(tzinfo=None) == datetime.fromisoformat("2026-03-29T00:00")
    assert moment < instant(date(2026, 3, 29), time(23, 30), "America/Nuuk")


def test_a_date_that_never_was_is_the_first_instant_after_it() -> None:
    lost = instant(date(2011, 12, 30), time(9), "Pacific/Apia")

    assert local_clock(lost, "Pacific/Apia").replace(tzinfo=None) == datetime.fromisoformat("2011-12-31T00:00")
    assert lost < instant(date(2011, 12, 31), time(9), "Pacific/Apia")


@settings(deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    day=st.dates(date(2000, 1, 1), date(2037, 12, 30)),
    first=st.times(),
    second=st.times(),
)
def test_a_later_wall_time_never_comes_earlier(zone: str, day: date, first: time, second: time) -> None:
    early, late = sorted((first, second))

    assert instant(day, early, zone) <= instant(day, late, zone) <= instant(day + timedelta(days=1), early, zone)


@pytest.mark.parametrize(
    ("wrong", "suggestion"),
    [
        ("europe/berlin", "Europe/Berlin"),
        ("Berlin", "Europe/Berlin"),
        ("New York", "America/New_York"),
        ("Europe/Berln", "Europe/Berlin"),
        ("Asia/Calcuta", "Asia/Calcutta"),
        ("Bangalor", "Asia/"),
    ],
)
def test_an_unknown_zone_is_answered_with_the_nearest_names(wrong: str, suggestion: str) -> None:
    with pytest.raises(ZoneUnknown) as caught:
        instant(date(2026, 1, 1), time(9), wrong)

    assert any(name.startswith(suggestion) for name in caught.value.suggestions)


@pytest.mark.parametrize(
    "name", ["", ".", "..", "/etc/passwd", "../../etc/passwd", "Europe", "right/UTC", "a" * 9999, "\0"]
)
def test_what_is_no_zone_is_refused_quickly(name: str) -> None:
    assert not zone_exists(name)
    with pytest.raises(ZoneUnknown) as caught:
        local_date(datetime(2026, 1, 1, tzinfo=UTC), name)
    assert len(str(caught.value)) < 300


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        as_utc(datetime.fromisoformat("2026-01-01T09:00"))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 11, 24), "today"),
        (date(2026, 11, 23), "yesterday"),
        (date(2026, 11, 25), "tomorrow"),
        (date(2026, 11, 20), "Friday"),
        (date(2026, 11, 18), "Wednesday"),
        (date(2026, 11, 17), "Tue 17 Nov"),
        (date(2026, 11, 30), "Monday"),
        (date(2026, 12, 1), "Tue 1 Dec"),
        (date(2025, 11, 13), "Thu 13 Nov 2025"),
    ],
)
def test_a_day_is_spoken_as_people_say_it(day: date, expected: str) -> None:
    assert spoken_day(day, date(2026, 11, 24)) == expected

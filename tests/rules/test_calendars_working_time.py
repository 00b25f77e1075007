"""Working time: the table of the service level, both clock changes, nights, holidays, and what holds for any hours."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.calendars.holidays import SideCalendar
from models.calendars.local_time import ZoneUnknown, instant, local_date
from models.calendars.working_time import (
    ALWAYS,
    WorkingHours,
    add_working_days,
    add_working_time,
    is_open,
    is_working_day,
    last_working_day,
    next_opening,
    next_working_day,
    unpaused_working_time,
    working_day_length,
    working_days_between,
    working_time_between,
)

WEEK = frozenset(range(5))
OFFICE = WorkingHours("Europe/Berlin", WEEK, time(9), time(17))
NIGHT = WorkingHours("Europe/Berlin", frozenset({4, 5}), time(22), time(6))
HOUR = timedelta(hours=1)
NEVER_OPEN = replace(OFFICE, absences=((date(2026, 1, 1), date(2099, 1, 1)),))


def berlin(text: str) -> datetime:
    """An instant from the wall clock of Berlin, such as 2026-03-02 10:00."""
    wall = datetime.fromisoformat(text)
    return instant(wall.date(), wall.time(), "Europe/Berlin")


@pytest.mark.parametrize(
    ("opened", "pauses", "until", "hours"),
    [
        ("2026-03-02 10:00", [], "2026-03-02 15:30", 5.5),
        ("2026-03-02 15:00", [], "2026-03-03 15:00", 8.0),
        ("2026-03-06 16:00", [], "2026-03-09 16:30", 8.5),
        ("2026-03-10 09:00", [("2026-03-10 12:00", "2026-03-11 12:00")], "2026-03-11 16:00", 7.0),
        ("2026-03-12 09:00", [], "2026-03-16 10:00", 17.0),
        ("2026-03-16 09:30", [], "2026-03-16 10:00", 0.5),
        ("2026-03-14 12:00", [], "2026-03-16 09:45", 0.75),
    ],
    ids=["T1", "T2", "T3", "T4", "T5", "T6", "T7"],
)
def test_elapsed_business_hours(opened: str, pauses: list[tuple[str, str]], until: str, hours: float) -> None:
    paused = [(berlin(first), berlin(last)) for first, last in pauses]

    assert unpaused_working_time(OFFICE, berlin(opened), berlin(until), paused) == hours * HOUR


def test_the_round_the_clock_day_of_summer_time_has_23_hours_and_that_of_winter_time_25() -> None:
    day_and_night = replace(ALWAYS, zone="Europe/Berlin", holidays=SideCalendar())

    for clock in (ALWAYS, day_and_night):
        assert working_time_between(clock, berlin("2026-03-28 12:00"), berlin("2026-03-29 12:00")) == 23 * HOUR
        assert working_time_between(clock, berlin("2026-10-24 12:00"), berlin("2026-10-25 12:00")) == 25 * HOUR
        assert add_working_time(clock, berlin("2026-03-28 12:00"), 23 * HOUR) == berlin("2026-03-29 12:00")


def test_instants_given_in_one_zone_are_not_compared_by_their_wall_clocks() -> None:
    place = ZoneInfo("Europe/Berlin")
    start, end = (datetime(2026, 3, day, 12, tzinfo=place) for day in (28, 29))

    assert working_time_between(ALWAYS, start, end) == 23 * HOUR
    assert unpaused_working_time(ALWAYS, start, end, [(start, end)]) == timedelta(0)


def test_pauses_may_overlap_and_reach_beyond_both_ends() -> None:
    pauses = [
        (berlin("2026-03-02 14:00"), berlin("2026-03-02 15:00")),
        (berlin("2026-03-02 08:00"), berlin("2026-03-02 10:30")),
        (berlin("2026-03-02 14:30"), berlin("2026-03-09 09:00")),
    ]

    assert unpaused_working_time(OFFICE, berlin("2026-03-02 10:00"), berlin("2026-03-03 12:00"), pauses) == 3.5 * HOUR


@pytest.mark.parametrize(
    ("start", "hours", "expected"),
    [
        ("2026-03-02 10:00", 0, "2026-03-02 10:00"),
        ("2026-03-02 15:00", 8, "2026-03-03 15:00"),
        ("2026-03-06 16:00", 1, "2026-03-06 17:00"),
        ("2026-03-06 16:00", 2, "2026-03-09 10:00"),
        ("2026-03-07 12:00", 0, "2026-03-07 12:00"),
        ("2026-03-07 12:00", 1, "2026-03-09 10:00"),
        ("2026-03-27 17:00", 4, "2026-03-30 13:00"),
    ],
)
def test_a_wait_ends_in_the_working_time_of_whoever_must_act(start: str, hours: int, expected: str) -> None:
    assert add_working_time(OFFICE, berlin(start), hours * HOUR) == berlin(expected)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-03-06 08:59", "2026-03-06 09:00"),
        ("2026-03-06 16:59", "2026-03-06 16:59"),
        ("2026-03-06 17:00", "2026-03-09 09:00"),
    ],
)
def test_the_next_opening_is_now_or_the_next_morning(moment: str, expected: str) -> None:
    assert next_opening(OFFICE, berlin(moment)) == berlin(expected)


def test_a_night_shift_belongs_to_the_day_it_starts_on() -> None:
    assert is_open(NIGHT, berlin("2026-03-06 23:00"))
    assert is_open(NIGHT, berlin("2026-03-07 05:59"))
    assert not is_open(NIGHT, berlin("2026-03-07 06:00"))
    assert is_open(NIGHT, berlin("2026-03-08 05:00"))
    assert not is_open(NIGHT, berlin("2026-03-09 05:00"))
    assert working_time_between(NIGHT, berlin("2026-03-02 00:00"), berlin("2026-03-09 00:00")) == 16 * HOUR


def test_a_night_shift_is_shorter_when_summer_time_begins_and_longer_when_it_ends() -> None:
    assert working_time_between(NIGHT, berlin("2026-03-28 20:00"), berlin("2026-03-29 20:00")) == 7 * HOUR
    assert working_time_between(NIGHT, berlin("2026-10-24 20:00"), berlin("2026-10-25 20:00")) == 9 * HOUR
    assert add_working_time(NIGHT, berlin("2026-03-28 20:00"), 7 * HOUR) == berlin("2026-03-29 06:00")


def test_an_end_of_00_00_is_midnight() -> None:
    late = WorkingHours("Asia/Kolkata", WEEK, time(16), time(0))
    friday = date(2026, 3, 6)

    assert working_day_length(late) == 8 * HOUR
    assert not is_open(late, instant(date(2026, 3, 7), time(0), late.zone))
    opens, closes = instant(friday, time(16), late.zone), instant(date(2026, 3, 7), time(0), late.zone)
    assert working_time_between(late, opens, closes) == 8 * HOUR


def test_hours_inside_the_lost_hour_are_no_hours_that_day() -> None:
    early = WorkingHours("Europe/Berlin", frozenset(range(7)), time(2), time(3))

    assert working_time_between(early, berlin("2026-03-29 00:00"), berlin("2026-03-30 00:00")) == timedelta(0)
    assert next_opening(early, berlin("2026-03-29 00:00")) == berlin("2026-03-30 02:00")
    # The hour that comes twice: from the first 02:00 to the first 03:00, which is two hours later.
    assert working_time_between(early, berlin("2026-10-25 00:00"), berlin("2026-10-26 00:00")) == 2 * HOUR


def test_holidays_and_absences_stop_the_clock() -> None:
    away = ((date(2026, 4, 8), date(2026, 4, 9)),)
    hours = replace(OFFICE, holidays=SideCalendar("DE"), absences=away)

    working = [day for day in range(1, 15) if is_working_day(hours, date(2026, 4, day))]
    assert working == [1, 2, 7, 10, 13, 14]  # Good Friday 3, Easter Monday 6
    assert add_working_time(hours, berlin("2026-04-02 16:00"), 2 * HOUR) == berlin("2026-04-07 10:00")
    assert last_working_day(hours, date(2026, 4, 10)) == date(2026, 4, 7)
    assert last_working_day(hours, date(2026, 4, 7)) == date(2026, 4, 2)
    assert next_working_day(hours, date(2026, 4, 2)) == date(2026, 4, 7)


@pytest.mark.parametrize(
    ("since", "now", "age"),
    [
        ("2026-03-02 15:00", "2026-03-04 15:00", 2.0),
        ("2026-03-02 15:00", "2026-03-04 09:00", 1.25),
        ("2026-03-06 09:00", "2026-03-10 09:00", 2.0),
        ("2026-03-06 17:00", "2026-03-09 09:00", 0.0),
        ("2026-03-28 12:00", "2026-03-29 12:00", 0.0),
    ],
)
def test_age_in_working_days(since: str, now: str, age: float) -> None:
    assert working_days_between(OFFICE, berlin(since), berlin(now)) == age


def test_the_moment_something_is_two_working_days_old() -> None:
    assert add_working_days(OFFICE, berlin("2026-03-05 16:00"), 2) == berlin("2026-03-09 16:00")
    assert working_days_between(ALWAYS, berlin("2026-03-05 16:00"), berlin("2026-03-07 16:00")) == 2.0


def test_who_never_works_again_does_not_stop_anything_for_ever() -> None:
    now = berlin("2026-03-02 10:00")

    assert next_opening(NEVER_OPEN, now) == now
    assert add_working_time(NEVER_OPEN, now, 4 * HOUR) == now + 4 * HOUR
    assert last_working_day(NEVER_OPEN, date(2030, 3, 2)) == date(2030, 3, 1)
    assert next_working_day(NEVER_OPEN, date(2030, 3, 2)) == date(2030, 3, 3)
    assert working_time_between(NEVER_OPEN, now, now + 999 * HOUR) == timedelta(0)


def test_what_is_left_of_a_wait_runs_on_from_the_last_closing() -> None:
    leaves = replace(OFFICE, absences=((date(2026, 3, 3), date(2099, 1, 1)),))

    assert add_working_time(leaves, berlin("2026-03-02 15:00"), 5 * HOUR) == berlin("2026-03-02 20:00")


def test_a_minute_a_week_does_not_take_a_wait_to_the_end_of_the_calendar() -> None:
    hardly = WorkingHours("UTC", frozenset({0}), time(9), time(9, 1))
    now = berlin("2026-03-02 10:00")

    end = add_working_time(hardly, now, timedelta(days=366))

    assert now + timedelta(days=20 * 365) < end < now + timedelta(days=22 * 366)


def test_nonsense_is_refused() -> None:
    with pytest.raises(ZoneUnknown):
        WorkingHours("Berlin", WEEK, time(9), time(17))
    for weekdays in (frozenset[int](), frozenset({7})):
        with pytest.raises(ValueError, match="weekday"):
            WorkingHours("UTC", weekdays, time(9), time(17))
    with pytest.raises(ValueError, match="wall-clock"):
        WorkingHours("UTC", WEEK, time(9, tzinfo=UTC), time(17))
    with pytest.raises(ValueError, match="absence"):
        replace(OFFICE, absences=((date(2026, 1, 2), date(2026, 1, 1)),))
    for amount in (-HOUR, timedelta.max):
        with pytest.raises(ValueError, match="366 days"):
            add_working_time(OFFICE, berlin("2026-03-02 10:00"), amount)
    naive = datetime.fromisoformat("2026-03-02T10:00")
    for clock in (OFFICE, ALWAYS):
        with pytest.raises(ValueError, match="time zone"):
            working_time_between(clock, naive, naive)


ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "America/Nuuk",
    "Asia/Kolkata",
    "UTC",
]
first_moment, last_moment = datetime.fromisoformat("2026-01-01"), datetime.fromisoformat("2027-12-31")
moments = st.datetimes(first_moment, last_moment, timezones=st.just(UTC))
near_changes = st.sampled_from(
    ["2026-03-29 01:00", "2026-10-25 01:00", "2026-03-08 07:00", "2026-04-23 22:00"]
).flatmap(
    lambda text: st.integers(-180_000, 180_000).map(
        lambda seconds: datetime.fromisoformat(f"{text}+00:00") + timedelta(seconds=seconds)
    )
)
instants = moments | near_changes
any_hours = st.builds(
    WorkingHours,
    zone=st.sampled_from(ZONES),
    weekdays=st.frozensets(st.integers(0, 6), min_size=1),
    start=st.times(),
    end=st.times(),
    holidays=st.sampled_from([None, SideCalendar("DE", "BY"), SideCalendar("IN")]),
    absences=st.lists(st.tuples(st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.integers(0, 20)), max_size=3).map(
        lambda away: tuple((first, first + timedelta(days=length)) for first, length in away)
    ),
)
long_enough = any_hours.filter(lambda hours: working_day_length(hours) >= HOUR)
amounts = st.timedeltas(timedelta(0), timedelta(days=12))
relaxed = settings(deadline=None, max_examples=150)


@relaxed
@given(hours=long_enough, start=instants, amount=amounts)
def test_adding_working_time_and_measuring_it_agree(hours: WorkingHours, start: datetime, amount: timedelta) -> None:
    end = add_working_time(hours, start, amount)

    assert end >= start
    assert working_time_between(hours, start, end) == amount
    if amount:
        just_before = end - timedelta(microseconds=1)
        assert working_time_between(hours, start, just_before) < amount


@relaxed
@given(hours=any_hours, three=st.lists(instants, min_size=3, max_size=3).map(sorted))
def test_working_time_is_additive_and_never_negative(hours: WorkingHours, three: list[datetime]) -> None:
    first, middle, last = three
    whole = working_time_between(hours, first, last)

    parts = working_time_between(hours, first, middle) + working_time_between(hours, middle, last)

    assert parts == whole
    assert timedelta(0) <= whole <= last - first
    assert working_time_between(hours, last, first) == timedelta(0)
    assert unpaused_working_time(hours, first, last, [(first, middle)]) == working_time_between(hours, middle, last)


@relaxed
@given(hours=any_hours, start=instants, less=amounts, more=amounts)
def test_a_longer_wait_never_ends_earlier(
    hours: WorkingHours, start: datetime, less: timedelta, more: timedelta
) -> None:
    short, long = sorted((less, more))

    assert add_working_time(hours, start, short) <= add_working_time(hours, start, long)


@relaxed
@given(hours=any_hours, moment=instants)
def test_the_next_opening_is_open_and_nothing_was_open_before_it(hours: WorkingHours, moment: datetime) -> None:
    opening = next_opening(hours, moment)

    assert is_open(hours, opening)
    assert opening >= moment
    assert working_time_between(hours, moment, opening) == timedelta(0)
    assert (opening == moment) == is_open(hours, moment)


@relaxed
@given(hours=any_hours, moment=instants)
def test_the_days_beside_a_date_are_working_days(hours: WorkingHours, moment: datetime) -> None:
    today = local_date(moment, hours.zone)
    before, after = last_working_day(hours, today), next_working_day(hours, today)

    assert before < today < after
    assert is_working_day(hours, before)
    assert is_working_day(hours, after)

"""Recurrences against a naive oracle that walks day by day and never heard of RRULE."""

from collections.abc import Callable
from datetime import date, timedelta
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.calendars.recurrence import (
    BadRecurrence,
    Recurrence,
    dates,
    describe,
    falls_on,
    next_date,
    parse,
    to_text,
)

DAY = timedelta(days=1)
START = date(2026, 1, 7)  # a Wednesday
starts = st.dates(date(2020, 1, 1), date(2040, 12, 31))
FREQUENCIES = ["FREQ=DAILY", "FREQ=WEEKLY", "FREQ=MONTHLY", "FREQ=YEARLY"]
PARTS = st.one_of(
    st.sampled_from(["INTERVAL=7", "INTERVAL=10", "INTERVAL=24", "INTERVAL=52", "COUNT=1000", "UNTIL=20300101"]),
    st.sampled_from(["BYDAY=5MO", "BYDAY=-1FR,1MO", "BYDAY=MO,TU", "BYDAY=SU", "BYSETPOS=-8", "WKST=SU"]),
    st.sampled_from(["BYMONTH=2", "BYMONTH=1,6", "BYMONTHDAY=29", "BYMONTHDAY=31", "BYMONTHDAY=-31,5"]),
)


def monday_of(day: date) -> date:
    return day - DAY * day.weekday()


def sunday_of(day: date) -> date:
    return day - DAY * ((day.weekday() + 1) % 7)


def month_length(day: date) -> int:
    return ((day.replace(day=1) + 31 * DAY).replace(day=1) - day.replace(day=1)).days


def months_between(first: date, day: date) -> int:
    return (day.year - first.year) * 12 + day.month - first.month


def last_workday(day: date) -> date:
    days = [day.replace(day=n) for n in range(1, month_length(day) + 1)]
    return max(d for d in days if d.weekday() < 5)


# Words or rule -> whether a day belongs to it, given the first day.
ORACLES: dict[str, Callable[[date, date], bool]] = {
    "daily": lambda day, start: True,
    "weekdays": lambda day, start: day.weekday() < 5,
    "mon,wed,fri": lambda day, start: day.weekday() in (0, 2, 4),
    "every 3 days": lambda day, start: (day - start).days % 3 == 0,
    "weekly": lambda day, start: day.weekday() == start.weekday(),
    "every second tuesday": lambda day, start: (
        day.weekday() == 1 and (monday_of(day) - monday_of(start)).days % 14 == 0
    ),
    "every fifth week on mon and sun": lambda day, start: (
        day.weekday() in (0, 6) and (monday_of(day) - monday_of(start)).days % 35 == 0
    ),
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU": lambda day, start: (
        day.weekday() in (0, 6) and (sunday_of(day) - sunday_of(start)).days % 14 == 0
    ),
    "first monday": lambda day, start: day.weekday() == 0 and day.day <= 7,
    "last friday": lambda day, start: day.weekday() == 4 and day.day > month_length(day) - 7,
    "fifth thursday": lambda day, start: day.weekday() == 3 and day.day > 28,
    "second and fourth tuesday": lambda day, start: day.weekday() == 1 and (day.day - 1) // 7 in (1, 3),
    "last day of the month": lambda day, start: day.day == month_length(day),
    "the 31st": lambda day, start: day.day == 31,
    "last weekday of the month": lambda day, start: day == last_workday(day),
    "quarterly": lambda day, start: day.day == start.day and months_between(start, day) % 3 == 0,
    "first monday of every second month": lambda day, start: (
        day.weekday() == 0 and day.day <= 7 and months_between(start, day) % 2 == 0
    ),
    "FREQ=MONTHLY;BYMONTH=1,7;BYDAY=1MO": lambda day, start: (
        day.weekday() == 0 and day.day <= 7 and day.month in (1, 7)
    ),
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29": lambda day, start: (day.month, day.day) == (2, 29),
    "FREQ=YEARLY;INTERVAL=2;BYMONTH=3;BYDAY=-1SU": lambda day, start: (
        day.month == 3 and day.weekday() == 6 and day.day > 24 and (day.year - start.year) % 2 == 0
    ),
}


@pytest.mark.parametrize("text", ORACLES)
@pytest.mark.parametrize("start", [START, date(2026, 3, 29), date(2024, 2, 28), date(2023, 1, 1)])
def test_dates_agree_with_walking_day_by_day(text: str, start: date) -> None:
    recurrence, belongs = parse(text, start), ORACLES[text]

    expected = [day for day in (start + n * DAY for n in range(3500)) if belongs(day, start)]

    assert dates(recurrence, None, len(expected)) == expected


@settings(deadline=None)
@given(text=st.sampled_from(sorted(ORACLES)), start=starts, ahead=st.integers(-50, 3000))
def test_next_date_is_the_first_that_belongs(text: str, start: date, ahead: int) -> None:
    if text == "quarterly" and start.day > 28:
        start = start.replace(day=28)
    recurrence, after = parse(text, start), start + ahead * DAY

    found = next_date(recurrence, after)

    assert found is not None
    assert found > after
    assert found >= start
    assert ORACLES[text](found, start)
    assert falls_on(recurrence, found)
    first_candidate = max(after + DAY, start)
    between = (first_candidate + n * DAY for n in range((found - first_candidate).days))
    assert not any(ORACLES[text](day, start) for day in between)


def test_every_second_week_keeps_step_across_the_53_week_year() -> None:
    found = dates(parse("every second tuesday", date(2026, 12, 1)), None, 5)

    assert found == [date(2026, 12, 1) + n * 14 * DAY for n in range(5)]


def test_count_and_until_end_a_recurrence() -> None:
    counted = parse("FREQ=WEEKLY;BYDAY=MO;COUNT=3", START)
    until = parse("FREQ=WEEKLY;BYDAY=MO;UNTIL=20260126", START)

    mondays = [date(2026, 1, 12), date(2026, 1, 19), date(2026, 1, 26)]
    assert dates(counted, None, 10) == dates(until, None, 10) == mondays
    assert next_date(counted, mondays[-1]) is next_date(until, mondays[-1]) is None
    assert dates(counted, mondays[0], 10) == mondays[1:]
    assert not falls_on(counted, date(2026, 2, 2))


def test_dates_before_the_first_day_do_not_belong() -> None:
    recurrence = parse("daily", START)

    assert not falls_on(recurrence, START - DAY)
    assert next_date(recurrence, date(1999, 1, 1)) == START
    assert dates(recurrence, START, 2) == [START + DAY, START + 2 * DAY]


@pytest.mark.parametrize(
    ("text", "rule", "words"),
    [
        ("Weekdays", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every weekday"),
        ("every weekday", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every weekday"),
        ("daily", "FREQ=DAILY", "daily"),
        ("FREQ=DAILY;BYDAY=SU,SA,FR,TH,WE,TU,MO", "FREQ=DAILY", "daily"),
        ("mon,wed,fri", "FREQ=WEEKLY;BYDAY=MO,WE,FR", "Mondays, Wednesdays and Fridays"),
        ("Thursdays & Mondays", "FREQ=WEEKLY;BYDAY=MO,TH", "Mondays and Thursdays"),
        ("weekly", "FREQ=WEEKLY;BYDAY=WE", "Wednesdays"),
        ("every second tuesday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "every second Tuesday"),
        ("every other week on Tue", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "every second Tuesday"),
        ("every 2 weeks on mon, tue", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU", "every second week on Monday and Tuesday"),
        ("second tuesday", "FREQ=MONTHLY;BYDAY=2TU", "second Tuesday of the month"),
        ("first monday", "FREQ=MONTHLY;BYDAY=1MO", "first Monday of the month"),
        ("the last Friday of every month", "FREQ=MONTHLY;BYDAY=-1FR", "last Friday of the month"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "FREQ=MONTHLY;BYDAY=-1FR", "last Friday of the month"),
        ("first and third monday", "FREQ=MONTHLY;BYDAY=1MO,3MO", "first and third Monday of the month"),
        ("last weekday", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "last weekday of the month"),
        ("last day of the month", "FREQ=MONTHLY;BYMONTHDAY=-1", "the last day of the month"),
        ("1st and 15th", "FREQ=MONTHLY;BYMONTHDAY=1,15", "the 1st and the 15th of the month"),
        ("quarterly", "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=7", "the 7th of every third month"),
        ("every 11 days", "FREQ=DAILY;INTERVAL=11", "every 11th day"),
    ],
)
def test_words_become_one_rule_and_back(text: str, rule: str, words: str) -> None:
    recurrence = parse(text, START)

    assert recurrence == Recurrence(rule, START)
    assert to_text(recurrence) == rule
    assert describe(recurrence) == words
    assert parse(words, START) == recurrence


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=1", "the 1st of March every year"),
        ("FREQ=YEARLY;INTERVAL=2;BYMONTH=3;BYDAY=-1SU", "last Sunday of March every second year"),
        ("FREQ=MONTHLY;BYMONTH=1,7;BYDAY=1MO", "first Monday of January and July"),
        ("FREQ=MONTHLY;BYMONTHDAY=-2", "the second last day of the month"),
        ("FREQ=MONTHLY;BYDAY=1MO,-1FR", "first Monday and last Friday of the month"),
        ("FREQ=DAILY;COUNT=3", "daily, 3 times"),
        ("FREQ=WEEKLY;UNTIL=20261231;BYDAY=MO", "Mondays, until 31 December 2026"),
    ],
)
def test_rarer_rules_are_described_too(rule: str, words: str) -> None:
    assert describe(parse(rule, START)) == words


@settings(deadline=None)
@given(text=st.sampled_from(sorted(ORACLES)), start=starts)
def test_the_text_of_a_recurrence_gives_it_back(text: str, start: date) -> None:
    recurrence = parse(text, start)

    assert parse(to_text(recurrence), start) == recurrence
    assert describe(recurrence)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Say when it recurs"),
        ("whenever", "Say when it recurs"),
        ("FREQ=HOURLY", "FREQ is one of"),
        ("FREQ=SECONDLY;COUNT=1", "FREQ is one of"),
        ("FREQ=DAILY;BYHOUR=9", "BYHOUR is not supported"),
        ("FREQ=DAILY;BYEASTER=1", "BYEASTER is not supported"),
        ("FREQ=DAILY;X-EVIL=1", "Say when it recurs"),
        ("FREQ=DAILY\nRRULE:FREQ=HOURLY", "Say when it recurs"),
        ("DTSTART:20260101\nRRULE:FREQ=DAILY", "Say when it recurs"),
        ("INTERVAL=2", "needs FREQ"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL is a whole number"),
        ("FREQ=DAILY;INTERVAL=-1", "INTERVAL is a whole number"),
        ("FREQ=YEARLY;INTERVAL=11", "INTERVAL is at most 10"),
        ("FREQ=DAILY;COUNT=1000000000", "COUNT is a whole number"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20270101", "not both"),
        ("FREQ=DAILY;UNTIL=20260230", "UNTIL is the last day"),
        ("FREQ=DAILY;UNTIL=20260101T000000Z", "UNTIL is the last day"),
        ("FREQ=DAILY;UNTIL=20260106", "never happens"),
        ("FREQ=DAILY;FREQ=WEEKLY", "each part once"),
        ("FREQ=WEEKLY;BYDAY=1MO", "plain days"),
        ("FREQ=WEEKLY;BYDAY=XX", "BYDAY lists days"),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=TU", "contradict"),
        ("FREQ=MONTHLY;BYDAY=MO", "which one"),
        ("FREQ=MONTHLY;BYDAY=6MO", "BYDAY lists days"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY is a whole number"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "0 is no place"),
        ("FREQ=MONTHLY;BYDAY=1MO;BYMONTHDAY=20", "not both"),
        ("FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30", "never happens"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "never happens"),
        ("FREQ=YEARLY;BYMONTH=4,6;BYMONTHDAY=31", "never happens"),
        ("FREQ=MONTHLY;BYMONTH=2;INTERVAL=5", "not both"),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=5", "BYSETPOS is at most 4"),
        ("FREQ=YEARLY;BYDAY=1MO", "needs BYMONTH"),
        ("FREQ=DAILY;" * 1000, "at most 200 characters"),
        ("every " * 1000, "at most 200 characters"),
        ("FREQ=DAILY;INTERVAL=٣", "Say when it recurs"),
    ],
)
def test_a_bad_rule_is_refused_with_a_reason_and_at_once(text: str, reason: str) -> None:
    started = process_time()

    with pytest.raises(BadRecurrence, match=reason):
        parse(text, START)

    assert process_time() - started < 1  # of work: how busy the machine is does not matter


@settings(deadline=None)
@given(
    text=st.text("FREQ=DAILYWKMONTHBSUCP;,-0123456789 everyfist", max_size=60)
    | st.builds(
        lambda freq, parts: ";".join([freq, *parts]), st.sampled_from(FREQUENCIES), st.lists(PARTS, max_size=4)
    ),
    start=starts,
)
def test_any_text_is_either_a_rule_that_happens_or_refused(text: str, start: date) -> None:
    try:
        recurrence = parse(text, start)
    except BadRecurrence:
        return

    first = next_date(recurrence, start - DAY)
    assert first is not None
    assert first >= start
    assert parse(to_text(recurrence), start) == recurrence


def test_questions_about_a_rule_that_never_rests_are_bounded() -> None:
    with pytest.raises(ValueError, match="dates at a time"):
        dates(parse("daily", START), None, 10**9)


def test_the_end_of_the_calendar_is_no_error() -> None:
    assert next_date(parse("daily", START), date.max) is None
    assert next_date(parse("every second tuesday", START), date(9999, 12, 30)) is None


@pytest.mark.parametrize("start", [date(1, 1, 1), date(9999, 12, 31)])
def test_a_first_day_out_of_this_world_is_refused(start: date) -> None:
    with pytest.raises(BadRecurrence, match="starts between"):
        parse("daily", start)

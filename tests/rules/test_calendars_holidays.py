"""Holidays of a side: a country's, a state's, and days of its own."""

from datetime import date

import pytest
from holidays.registry import COUNTRIES

from models.calendars.holidays import CountryUnknown, SideCalendar, check_country, holiday_name

REPUBLIC_DAY = date(2026, 1, 26)


def test_each_side_has_its_own_holidays() -> None:
    assert holiday_name(SideCalendar("IN"), REPUBLIC_DAY) == "Republic Day"
    assert holiday_name(SideCalendar("DE"), REPUBLIC_DAY) is None
    assert holiday_name(SideCalendar("DE"), date(2026, 10, 3)) == "German Unity Day"


def test_a_state_has_holidays_its_country_has_not() -> None:
    epiphany = date(2026, 1, 6)

    assert holiday_name(SideCalendar("DE", "BY"), epiphany) == "Epiphany"
    assert holiday_name(SideCalendar("DE", "BE"), epiphany) is None
    assert holiday_name(SideCalendar("DE"), epiphany) is None


def test_names_are_english_where_there_are_english_ones() -> None:
    assert holiday_name(SideCalendar("PL"), date(2026, 11, 11)) == "National Independence Day"
    assert holiday_name(SideCalendar("JP"), date(2026, 1, 12)) == "Coming of Age Day"


def test_own_days_are_closed_and_public_holidays_can_be_worked() -> None:
    calendar = SideCalendar(
        "IN",
        own_days=((date(2026, 12, 24), "Office closed"), (REPUBLIC_DAY, "Anniversary")),
        working_on=frozenset({date(2026, 8, 15), REPUBLIC_DAY}),
    )

    assert holiday_name(calendar, date(2026, 12, 24)) == "Office closed"
    assert holiday_name(calendar, date(2026, 8, 15)) is None
    assert holiday_name(calendar, REPUBLIC_DAY) == "Anniversary"


def test_without_a_country_only_own_days_count() -> None:
    calendar = SideCalendar(own_days=((date(2026, 12, 24), "Office closed"),))

    assert holiday_name(calendar, date(2026, 12, 24)) == "Office closed"
    assert holiday_name(calendar, date(2026, 12, 25)) is None


@pytest.mark.parametrize("year", [1, 1800, 2026, 2027, 2100, 9999])
def test_any_year_has_an_answer(year: int) -> None:
    name = holiday_name(SideCalendar("DE"), date(year, 12, 25))

    assert name in (None, "Christmas Day")


@pytest.mark.parametrize(
    ("country", "subdivision", "suggestion"),
    [
        ("de", None, "DE"),
        ("DEU", None, "DE"),
        ("Germany", None, "DE"),
        ("Germny", None, "DE"),
        ("United Kingdom", None, "GB"),
        ("DE", "Bayer", "BY"),
        ("DE", "?", None),
        ("SG", "X", None),
        ("DE", "by", "BY"),
        ("DE", "bayern", "BY"),
        ("XX", None, None),
        ("", None, None),
        ("x" * 9999, None, None),
    ],
)
def test_an_unknown_country_is_answered_with_the_nearest_codes(
    country: str, subdivision: str | None, suggestion: str | None
) -> None:
    with pytest.raises(CountryUnknown) as caught:
        check_country(country, subdivision)

    assert len(str(caught.value)) < 400
    assert suggestion is None or suggestion in caught.value.suggestions


def test_a_calendar_with_an_unknown_country_does_not_pass_for_one_without_holidays() -> None:
    with pytest.raises(CountryUnknown):
        holiday_name(SideCalendar("XX"), date(2026, 1, 1))


def test_every_country_answers() -> None:
    for codes in COUNTRIES.values():
        check_country(codes[1])
        holiday_name(SideCalendar(codes[1]), date(2026, 1, 1))

"""Public holidays and own days of one side. Country tables come from the `holidays` package, read by year."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from types import MappingProxyType

import holidays as public_holidays
from holidays.registry import COUNTRIES

from models.calendars.local_time import nearest


class CountryUnknown(ValueError):
    """No holiday table for this country or subdivision; `suggestions` holds codes that exist."""

    def __init__(self, sentence: str, suggestions: tuple[str, ...] = ()) -> None:
        self.suggestions = suggestions
        hint = f" Did you mean {' or '.join(suggestions)}?" if suggestions else ""
        super().__init__(f"{sentence}{hint}")


@dataclass(frozen=True, slots=True)
class SideCalendar:
    """The days one side does not work, apart from its weekend.

    `country` is an ISO 3166 two-letter code or None for no public holidays, `subdivision` a state or province of it
    (`BY`), `own_days` closing days with their names, `working_on` public holidays that are worked all the same.
    """

    country: str | None = None
    subdivision: str | None = None
    own_days: tuple[tuple[date, str], ...] = ()
    working_on: frozenset[date] = field(default_factory=frozenset)


def holiday_name(calendar: SideCalendar, day: date) -> str | None:
    """The name of the holiday on `day`, in English where there is one, or None. An own day goes before everything.

    Raises CountryUnknown if the calendar names a country or subdivision without a table.
    """
    own = next((name for closed, name in calendar.own_days if closed == day), None)
    if own is not None or calendar.country is None or day in calendar.working_on:
        return own
    return _names(calendar.country, calendar.subdivision, day.year).get(day)


def check_country(country: str, subdivision: str | None = None) -> None:
    """Raise CountryUnknown, with suggestions, unless there are holidays for this country and subdivision."""
    if country not in _countries():
        raise CountryUnknown(f"“{country[:64]}” is not a two-letter country code.", _nearest_countries(country[:64]))
    known = _subdivisions(country)
    if subdivision is None or subdivision in known:
        return
    suggestions = tuple(dict.fromkeys(known[label] for label in nearest(subdivision[:64], known)))
    listed = f"it has {', '.join(dict.fromkeys(known.values()))}" if known else "it has none"
    raise CountryUnknown(f"{country} has no subdivision “{subdivision[:64]}”; {listed}.", suggestions)


@lru_cache(maxsize=4096)
def _names(country: str, subdivision: str | None, year: int) -> Mapping[date, str]:
    check_country(country, subdivision)
    language = "en_US" if "en_US" in _table(country).supported_languages else None
    found = public_holidays.country_holidays(country, subdivision, years=year, expand=False, language=language)
    return MappingProxyType({day: found[day] or "Public holiday" for day in found if day.year == year})


@lru_cache(maxsize=1)
def _countries() -> Mapping[str, str]:
    """Two-letter code to plain name."""
    return MappingProxyType({codes[1]: key.replace("_", " ") for key, codes in COUNTRIES.items()})


def _table(country: str) -> type[public_holidays.HolidayBase]:
    return type(public_holidays.country_holidays(country))


@lru_cache(maxsize=512)
def _subdivisions(country: str) -> Mapping[str, str]:
    """Code or accepted name to code."""
    table = _table(country)
    aliases = dict(getattr(table, "subdivisions_aliases", {}))
    return MappingProxyType({code: code for code in table.subdivisions} | aliases)


def _nearest_countries(wanted: str) -> tuple[str, ...]:
    asked = wanted.strip()
    other_codes = {alias: codes[1] for codes in COUNTRIES.values() for alias in codes[2:]}
    by_name = {name: code for code, name in _countries().items()}
    if asked.upper() in _countries():
        return (asked.upper(),)
    if asked.upper() in other_codes:
        return (other_codes[asked.upper()],)
    return tuple(by_name[name] for name in nearest(asked.replace("_", " "), by_name))

"""The holidays of one side. `about` is the side."""

from dataclasses import replace
from datetime import date

from models.access import Side
from models.calendars.holidays import CountryUnknown, SideCalendar, check_country
from models.errors import NotFound
from models.setup import values as parse
from models.setup.edits.typed import Typed, Values, checked
from models.setup.file import EngagementFile
from models.setup.found import Found


def initial(file: EngagementFile, about: str, _: Found | None = None) -> Values:
    """Country, subdivision, own days and days worked all the same, the latter two a line each."""
    calendar = file.holidays.get(side_of(about), SideCalendar())
    return {
        "country": calendar.country or "",
        "subdivision": calendar.subdivision or "",
        "own_days": "\n".join(f"{day} {name}" for day, name in calendar.own_days),
        "working_on": "\n".join(str(day) for day in sorted(calendar.working_on)),
    }


def edited(file: EngagementFile, about: str, _: Found | None, values: Values) -> EngagementFile:
    """The file with this side's holidays as filled in."""
    side, typed = side_of(about), Typed(values)
    calendar = SideCalendar(
        country=typed.read("country", country_code, None),
        subdivision=typed.read("subdivision", parse.name, None),
        own_days=typed.read("own_days", _own_days, ()),
        working_on=typed.read("working_on", _days, frozenset()),
    )
    if calendar.subdivision and not calendar.country:
        typed.wrong("country", "A state or region needs its country.")
    elif calendar.country and calendar.subdivision and "subdivision" not in typed.problems:
        try:
            check_country(calendar.country, calendar.subdivision)
        except CountryUnknown as error:
            typed.wrong("subdivision", str(error))
    typed.check()
    return checked(replace(file, holidays={**file.holidays, side: calendar}), values)


def side_of(about: str) -> Side:
    """The side a form is about. Raises NotFound."""
    if about not in {side.value for side in Side}:
        raise NotFound("That side")
    return Side(about)


def country_code(text: str) -> str:
    """A two-letter country code, in whatever case. Raises CountryUnknown."""
    code = text.upper() if len(text) == 2 else text
    check_country(code)
    return code


def _own_days(text: str) -> tuple[tuple[date, str], ...]:
    found: dict[date, str] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        day, _, name = line.partition(" ")
        found[parse.day(day)] = parse.name(name or "Closed")
    return tuple(sorted(found.items()))


def _days(text: str) -> frozenset[date]:
    return frozenset(parse.day(part) for part in text.replace(",", " ").split())

"""Pure decisions about exported tables: what a cell holds, and how it is kept from acting as a formula."""

import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from models.access import Side

BEGINNING, END = date(1970, 1, 1), date(2999, 12, 31)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records: of local dates from `first` to `last`, both included, of one side or one person."""

    first: date = BEGINNING
    last: date = END
    side: Side | None = None
    slack_user_id: str | None = None


Value = str | int | bool | date | datetime | None
Record = dict[str, Value]

_FORMULA = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""Spreadsheets take a cell that begins so for a formula (OWASP, CSV injection); the last four are full-width."""


def cell(value: Value) -> str:
    """A value as text of a CSV cell. Numbers and dates are ours and stay as they are; text is made harmless."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.strftime("%Y-%m-%dT%H:%M:%SZ")
        case date():
            return value.isoformat()
        case int():
            return str(value)
        case str():
            return harmless(value)


def harmless(text: str) -> str:
    """The text, with an apostrophe before it if a spreadsheet might take it for a formula."""
    return f"'{text}" if text[:1] in _FORMULA or _first_shown(text) in _FORMULA else text


def plain(value: Value) -> str | int | bool | None:
    """A value as JSON holds it."""
    return cell(value) if isinstance(value, date) else value


def _first_shown(text: str) -> str:
    """The first character that a spreadsheet does not throw away: blanks and invisible ones may hide a formula."""
    shown = (character for character in text if unicodedata.category(character) not in {"Zs", "Cc", "Cf"})
    return next(shown, " ")


def midnight(day: date) -> datetime:
    """The first instant of a date, UTC."""
    return datetime.combine(day, time(), tzinfo=UTC)

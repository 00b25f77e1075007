"""The values of an engagement file: text in, value out, and back. What is wrong is said in one sentence."""

import re
import unicodedata
from datetime import date, time
from enum import StrEnum
from typing import TypeVar

from models.calendars.local_time import ZoneUnknown, nearest, zone_exists
from models.escalations.ladders import Wait

EnumT = TypeVar("EnumT", bound=StrEnum)

OWN_ZONE = "each person's own"
_OWN_ZONES = frozenset({OWN_ZONE, "each person’s own", "own", "personal"})
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_SPELLINGS = {day: index for index, day in enumerate(_DAYS)} | {
    name: index
    for index, name in enumerate(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))
}
_SLUG = re.compile(r"[a-z0-9]+([_-][a-z0-9]+)*", re.ASCII)
_CLOCK = re.compile(r"([0-9]{1,2})[:.]([0-9]{2})", re.ASCII)
_SPAN = re.compile(r"(?:([0-9]{1,3})d)?(?:([0-9]{1,3})h)?(?:([0-9]{1,4})m)?", re.ASCII)
_UNSPEAKABLE = frozenset({"Cc", "Cs", "Cn", "Zl", "Zp"})
_TRUE, _FALSE = frozenset({"yes", "true", "on"}), frozenset({"no", "false", "off"})


class BadValue(ValueError):
    """The value cannot be used; the text says what it must be."""


def one_line(text: str, longest: int) -> str:
    """Plain text of one line."""
    text = text.strip()
    if any(unicodedata.category(character) in _UNSPEAKABLE for character in text):
        raise BadValue("It holds a line break or a character that cannot be shown. Write one plain line.")
    if len(text) > longest:
        raise BadValue(f"It has {len(text)} characters; {longest} is the most.")
    return text


def name(text: str) -> str:
    """A name or title of up to 100 characters."""
    if not text.strip():
        raise BadValue("It is empty. Write a name.")
    return one_line(text, 100)


def slug(text: str) -> str:
    """A short name used in commands and files."""
    if len(text) > 64 or not _SLUG.fullmatch(text):
        raise BadValue(f"“{text[:64]}” must be lower-case letters, digits and hyphens, such as northwind-brightlane.")
    return text


def channel_id(text: str) -> str:
    """A Slack channel's id."""
    return _slack_id(text, "CG", "a channel's id, such as C0123456789 (open the channel's details in Slack)")


def user_id(text: str) -> str:
    """A Slack user's id."""
    return _slack_id(text, "UW", "a person's id, such as U0123456789 (in Slack: profile, three dots, copy member ID)")


def team_id(text: str) -> str:
    """A Slack workspace's id."""
    return _slack_id(text, "TE", "a workspace's id, such as T0123456789")


def zone(text: str) -> str:
    """An IANA time zone."""
    if not zone_exists(text):
        raise BadValue(str(ZoneUnknown(text)))
    return text


def cadence_zone(text: str) -> str | None:
    """An IANA time zone, or None for each person's own."""
    return None if text.lower() in _OWN_ZONES else zone(text)


def clock(text: str) -> time:
    """A local time of day."""
    found = _CLOCK.fullmatch(text)
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        raise BadValue(f"“{text[:20]}” is not a time of day: write it like 09:30 or 14:00.")
    return time(int(found[1]), int(found[2]))


def hours(text: str) -> tuple[time, time]:
    """From and to, local; an end at or before the start lies on the next day."""
    first, dash, second = text.replace("–", "-").partition("-")
    if not dash:
        raise BadValue(f"“{text[:20]}” is not a span of hours: write it like 09:00-17:30.")
    return clock(first.strip()), clock(second.strip())


def hours_text(works_from: time, works_to: time) -> str:
    """As `hours` reads it."""
    return f"{works_from:%H:%M}-{works_to:%H:%M}"


def workdays(text: str) -> str:
    """Digits of the days, Monday = 0, from “mon-fri”, “sun-thu” or “mon, wed, fri”."""
    found: set[int] = set()
    for part in filter(None, re.split(r"[,\s]+", text.lower().replace("–", "-"))):
        first, dash, last = part.partition("-")
        if first not in _DAY_SPELLINGS or (dash and last not in _DAY_SPELLINGS):
            raise BadValue(f"“{part[:20]}” is not a day: write mon-fri, sun-thu or mon, wed, fri.")
        start = _DAY_SPELLINGS[first]
        count = (_DAY_SPELLINGS[last] - start) % 7 if dash else 0
        found |= {(start + step) % 7 for step in range(count + 1)}
    if not found:
        raise BadValue("Name at least one day: mon-fri, sun-thu or mon, wed, fri.")
    return "".join(str(day) for day in sorted(found))


def workdays_text(digits: str) -> str:
    """As `workdays` reads it: a range where it is one, also across the weekend."""
    days = [int(digit) for digit in digits]
    for start in days:
        run = [(start + step) % 7 for step in range(len(days))]
        if len(days) > 2 and sorted(run) == days:
            return f"{_DAYS[start]}-{_DAYS[run[-1]]}"
    return ", ".join(_DAYS[day] for day in days)


def span(text: str) -> int:
    """Minutes of “4h”, “90m”, “1h30m” or “2d”; “none” is 0."""
    plain = text.lower().replace(" ", "")
    found = _SPAN.fullmatch(plain)
    if plain in {"none", "no", "0"}:
        return 0
    if not found or not plain:
        raise BadValue(f"“{text[:20]}” is not a length of time: write it like 4h, 90m or 1h30m.")
    days, hours_, minutes = (int(part or 0) for part in found.groups())
    return days * 1440 + hours_ * 60 + minutes


def answer_time(text: str) -> int:
    """Minutes of working time to answer a question: a quarter of an hour to two hundred hours, "8h"."""
    minutes = span(text)
    if not 15 <= minutes <= 200 * 60:
        raise BadValue(f"“{text[:20]}” is not from 15m to 200h of working time.")
    return minutes


def span_text(minutes: int) -> str:
    """As `span` reads it."""
    parts = (f"{minutes // 60}h" if minutes >= 60 else "", f"{minutes % 60}m" if minutes % 60 else "")
    return "".join(parts) or "none"


def wait(text: str) -> Wait:
    """A wait in working time: “4h”, “90m”, or working days: “2d”. From a quarter of an hour to 30 days."""
    plain = text.lower().replace(" ", "")
    if found := re.fullmatch(r"([1-9][0-9]?)d", plain, re.ASCII):
        days, minutes = int(found[1]), 0
    else:
        days, minutes = 0, span(text) if "d" not in plain else 0
    if not (1 <= days <= 30 or 15 <= minutes <= 30 * 1440):
        raise BadValue(f"“{text[:20]}” is no wait: write hours like 4h or 90m, or whole working days like 2d.")
    return Wait(minutes, days)


def count(text: str) -> int:
    """A number from 1 to 20; “none” is 0."""
    if text.lower() in {"none", "no", "never"}:
        return 0
    if not re.fullmatch(r"[0-9]{1,2}", text, re.ASCII) or not 1 <= int(text) <= 20:
        raise BadValue(f"“{text[:20]}” must be a number from 1 to 20, or none.")
    return int(text)


def day(text: str) -> date:
    """A date."""
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text, re.ASCII):
            raise BadValue
        found = date.fromisoformat(text)
    except ValueError:
        raise BadValue(f"“{text[:20]}” is not a date: write it like 2026-12-24.") from None
    if not 1970 <= found.year <= 2999:
        raise BadValue(f"{found} lies too far away: use a year from 1970 to 2999.")
    return found


def yes_no(text: str) -> bool:
    """Yes or no."""
    if text.lower() not in _TRUE | _FALSE:
        raise BadValue(f"“{text[:20]}” must be yes or no.")
    return text.lower() in _TRUE


def one_of(kind: type[EnumT], text: str) -> EnumT:
    """A member of an enum by its value."""
    known = [member.value for member in kind]
    if text not in known:
        near = nearest(text[:64], known)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise BadValue(f"“{text[:40]}” is not one of {', '.join(known)}.{hint}")
    return kind(text)


def _slack_id(text: str, letters: str, what: str) -> str:
    if not re.fullmatch(f"[{letters}][A-Z0-9]{{2,31}}", text, re.ASCII):
        raise BadValue(f"“{text[:40]}” is not {what}.")
    return text

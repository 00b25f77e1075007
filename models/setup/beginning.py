"""From what was filled in in the forms of a set-up to an engagement file. Pure; every step is checked by itself."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, time
from enum import StrEnum

from models.access import Role, Side
from models.cadences.rules import CadenceKind
from models.calendars.holidays import SideCalendar
from models.calendars.recurrence import parse as parse_recurrence
from models.engagements.rules import Belongs
from models.escalations.ladders import DEFAULT, Ladder, Severity
from models.setup import values as parse
from models.setup.cadences import default_entry
from models.setup.edits.cadence import with_questions
from models.setup.edits.holidays import country_code
from models.setup.edits.person import NO, YES
from models.setup.edits.typed import Typed, Values, checked
from models.setup.file import CadenceEntry, EngagementFile, PersonEntry
from models.setup.found import Found


class Step(StrEnum):
    """The forms of a set-up, in order; a last look follows."""

    PARTIES = "parties"
    PEOPLE = "people"
    RHYTHM = "rhythm"
    DAYS = "days"


FIELDS: Mapping[Step, tuple[str, ...]] = {
    Step.PARTIES: ("company", "vendor", "channel", "inhouse_channel", "zone"),
    Step.PEOPLE: ("vendor_people", "inhouse_people", "lead", "owner", "deputy"),
    Step.RHYTHM: ("repeats", "at", "whose", "window", "reminder", "weekly"),
    Step.DAYS: ("inhouse_country", "vendor_country", "ladder"),
}
_SOME_DAY = date(2024, 1, 1)
USUAL, S1_ALWAYS = "usual", "s1_always"
"""The ladder to begin with: the default, or S1 day and night besides."""
OWN, ONE = "own", "one"
"""Whose time a cadence keeps: each person's own, or the engagement's."""
MOST_INHOUSE = 8
"""In a channel with more colleagues than this, only whoever sets up is proposed: the others may just read along."""


def defaults(company: str, channel: str, zone: str) -> dict[str, str]:
    """What the forms show at first."""
    daily = default_entry(CadenceKind.DAILY, zone)
    return {
        "company": company,
        "vendor": "",
        "channel": channel,
        "inhouse_channel": "",
        "zone": zone,
        "repeats": daily.repeats,
        "at": f"{daily.at:%H:%M}",
        "whose": OWN,
        "window": parse.span_text(daily.window_minutes),
        "reminder": parse.span_text(daily.reminder_minutes),
        "weekly": YES,
        "inhouse_country": "",
        "vendor_country": "",
        "ladder": USUAL,
    }


def proposed(found: Sequence[Found], maker: str) -> dict[str, str]:
    """Who is proposed for which side: people of other companies and guests for the provider's."""
    theirs = [person for person in found if person.side is Side.VENDOR]
    ours = [person for person in found if person.side is Side.INHOUSE]
    if len(ours) > MOST_INHOUSE:
        ours = [person for person in ours if person.slack_id == maker]
    others = [person for person in ours if person.slack_id != maker]
    return {
        "vendor_people": " ".join(person.slack_id for person in theirs),
        "inhouse_people": " ".join(person.slack_id for person in ours),
        "lead": theirs[0].slack_id if theirs else "",
        "owner": maker if any(person.slack_id == maker for person in ours) else "",
        "deputy": others[0].slack_id if others else "",
    }


def check(step: Step, values: Values, found: Sequence[Found]) -> None:
    """Raise Invalid with everything that is wrong in one form."""
    match step:
        case Step.PARTIES:
            _parties(values)
        case Step.PEOPLE:
            _people(values, found)
        case Step.RHYTHM:
            _cadences(values)
        case Step.DAYS:
            _holidays(values)


def new_file(values: Values, found: Sequence[Found], taken: Sequence[str]) -> EngagementFile:
    """The engagement; `taken` are keys in use. Raises Invalid."""
    file = replace(
        _parties(values),
        people=_people(values, found),
        cadences=_cadences(values),
        holidays=_holidays(values),
        ladder=_ladder(values),
    )
    return checked(with_questions(replace(file, key=free_key(file, taken))), values)


def free_key(file: EngagementFile, taken: Sequence[str]) -> str:
    """A short name made of both names, that nobody has yet."""
    words = unicodedata.normalize("NFKD", f"{file.company} {file.vendor}").encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", words).strip("-")[:50].strip("-") or "engagement"
    return next(key for key in (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))) if key not in taken)


def _parties(values: Values) -> EngagementFile:
    typed = Typed(values)
    file = EngagementFile(
        key="new",
        company=typed.needed("company", parse.name, "", "Please name your company."),
        vendor=typed.needed("vendor", parse.name, "", "Please name the provider."),
        channel=typed.needed("channel", parse.channel_id, "", "Please choose the channel both sides share."),
        inhouse_channel=typed.read("inhouse_channel", parse.channel_id, None),
        zone=typed.needed("zone", parse.zone, "UTC", "Please name a time zone, such as Europe/Paris."),
    )
    if file.inhouse_channel and file.inhouse_channel == file.channel:
        typed.wrong(
            "inhouse_channel", "This is the shared channel: the provider would read what is meant for you alone."
        )
    if file.company and file.company.lower() == file.vendor.lower():
        typed.wrong("vendor", "The provider has the same name as your company.")
    typed.check()
    return file


def _people(values: Values, found: Sequence[Found]) -> tuple[PersonEntry, ...]:
    typed = Typed(values)
    known = {person.slack_id: person for person in found}
    theirs = [known[id_] for id_ in typed.text("vendor_people").split() if id_ in known]
    ours = [known[id_] for id_ in typed.text("inhouse_people").split() if id_ in known]
    twice = [person.name for person in ours if person in theirs]
    external = [person.name for person in ours if person.belongs is Belongs.EXTERNAL]
    if not theirs:
        typed.wrong("vendor_people", "Please choose at least one person of the provider.")
    if twice:
        typed.wrong("inhouse_people", f"On both sides: {', '.join(twice)}. Everybody is on one side.")
    if external:
        typed.wrong("inhouse_people", f"Of another company: {', '.join(external)}. They belong to the provider's side.")
    lead, owner, deputy = (known.get(typed.text(name)) for name in ("lead", "owner", "deputy"))
    if lead not in theirs:
        typed.wrong("lead", "Please choose one of the provider's people.")
    if owner not in ours or (owner and owner.belongs is not Belongs.COLLEAGUE):
        typed.wrong("owner", "Please choose one of your own people above; a guest cannot be the owner.")
    if deputy not in ours or (deputy and deputy.belongs is not Belongs.COLLEAGUE):
        typed.wrong("deputy", "Please choose one of your own people above; a guest cannot be the deputy.")
    elif deputy == owner:
        typed.wrong("deputy", "The deputy stands in for the owner: please choose another person.")
    typed.check()
    return tuple(
        [_entry(person, Side.INHOUSE, owner, deputy) for person in ours]
        + [_entry(person, Side.VENDOR, lead, None) for person in theirs]
    )


def _entry(person: Found, side: Side, first: Found | None, deputy: Found | None) -> PersonEntry:
    leading = Role.OWNER if side is Side.INHOUSE else Role.LEAD
    role = leading if person == first else Role.LEAD if person == deputy else Role.MEMBER
    return PersonEntry(side, person.slack_id, person.name, person.zone, role, person == deputy, person.team or None)


def _cadences(values: Values) -> tuple[CadenceEntry, ...]:
    typed = Typed(values)
    zone = values.get("zone") or "UTC"
    default = default_entry(CadenceKind.DAILY, zone)
    daily = replace(
        default,
        repeats=typed.needed("repeats", _recurrence, default.repeats, "Please say on which days."),
        at=typed.needed("at", parse.clock, time(9, 30), "Please choose a time."),
        zone=zone if typed.text("whose") == ONE else None,
        window_minutes=typed.read("window", parse.span, default.window_minutes),
        reminder_minutes=typed.read("reminder", parse.span, default.reminder_minutes),
    )
    if daily.reminder_minutes >= daily.window_minutes:
        typed.wrong("reminder", "The reminder comes before the deadline: make it shorter than the time to answer.")
    typed.check()
    if typed.text("weekly") == NO:
        return (daily,)
    return (daily, default_entry(CadenceKind.WEEKLY, zone), default_entry(CadenceKind.SUMMARY, zone))


def _recurrence(text: str) -> str:
    parse_recurrence(text, _SOME_DAY)
    return text


def _holidays(values: Values) -> dict[Side, SideCalendar]:
    typed = Typed(values)
    named = {Side.INHOUSE: "inhouse_country", Side.VENDOR: "vendor_country"}
    found = {side: SideCalendar(country=typed.read(name, country_code, None)) for side, name in named.items()}
    typed.check()
    return found


def _ladder(values: Values) -> Ladder:
    if values.get("ladder") != S1_ALWAYS:
        return DEFAULT
    return Ladder({**DEFAULT.climbs, Severity.S1: replace(DEFAULT.climb(Severity.S1), around_the_clock=True)})

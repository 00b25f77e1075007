"""Everything of administration that is shown, built from one sample, in which any text can be replaced."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from bot.blocks import greetings
from bot.blocks.admin import edit_forms, reviews, settings, setup_forms
from bot.blocks.kit import Rendered
from models.access import Role, Side
from models.cadences.defaults import QUESTION_SETS
from models.cadences.rules import CadenceKind
from models.calendars.holidays import SideCalendar
from models.engagements.rules import Belongs, EngagementState
from models.setup.beginning import defaults, proposed
from models.setup.cadences import default_entry
from models.setup.edits import EDITS, Kind
from models.setup.file import EngagementFile, PersonEntry
from models.setup.found import Found
from models.setup.plan import Change, Deed, Plan
from models.setup.preview import preview
from models.setup.views import Outlook, Review, Setup, Sheet

Text = Callable[[str], str]
DRAFT, ENGAGEMENT = UUID(int=7), UUID(int=1)
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
ABOUT = {
    Kind.PERSON: "U0OLAF",
    Kind.CADENCE: "daily",
    Kind.STOP: "daily",
    Kind.QUESTION: "daily-vendor/done",
    Kind.HOLIDAYS: "inhouse",
    Kind.STATE: "paused",
    Kind.LADDER: "S1",
}


def file(text: Text) -> EngagementFile:
    """An engagement in which every name is `text`."""
    people = (
        PersonEntry(Side.INHOUSE, "U0INES", text("Ines Moreau"), "Europe/Paris", Role.OWNER),
        PersonEntry(Side.INHOUSE, "U0OLAF", text("Olaf Lindqvist"), "Europe/Stockholm", Role.LEAD, is_deputy=True),
        PersonEntry(Side.VENDOR, "U0VERA", text("Vera Iyer"), "Asia/Kolkata", Role.LEAD, team="T0BRIGHTLANE"),
    )
    sets = tuple(replace(questions, title=text(questions.title)) for questions in QUESTION_SETS.values())
    return EngagementFile(
        key="northwind",
        company=text("Northwind Retail"),
        vendor=text("Brightlane Systems"),
        channel="C0SHARED",
        inhouse_channel="C0SHARED",
        zone="Europe/Paris",
        people=people,
        holidays={Side.INHOUSE: SideCalendar("FR", own_days=((date(2026, 12, 24), text("Closed")),))},
        questions=sets,
        cadences=tuple(
            replace(default_entry(kind, "Europe/Paris"), title=text(kind.value), starts_on=date(2026, 11, 2))
            for kind in CadenceKind
        ),
    )


def found(text: Text) -> tuple[Found, ...]:
    """People of a channel."""
    return (
        Found("U0INES", text("Ines Moreau"), "Europe/Paris", "T0NORTHWIND", Belongs.COLLEAGUE),
        Found("U0OLAF", text("Olaf Lindqvist"), "Europe/Stockholm", "T0NORTHWIND", Belongs.COLLEAGUE),
        Found("U0TOMAS", text("Tomas Silva"), "America/Sao_Paulo", "T0NORTHWIND", Belongs.GUEST),
        Found("U0VERA", text("Vera Iyer"), "Asia/Kolkata", "T0BRIGHTLANE", Belongs.EXTERNAL),
    )


def setup(text: Text) -> Setup:
    """A set-up that is nearly done."""
    values = defaults(text("Northwind Retail"), "C0SHARED", "Europe/Paris") | proposed(found(text), "U0INES")
    return Setup(DRAFT, "U0INES", values | {"vendor": text("Brightlane Systems")}, found(text))


def sheet(text: Text, kind: Kind) -> Sheet:
    """A form as it opens."""
    shown, about = file(text), ABOUT.get(kind, "")
    values = EDITS[kind].initial(shown, about, None)
    return Sheet(DRAFT, ENGAGEMENT, kind, about, shown, "", values)


def review(text: Text) -> Review:
    """A look before saving."""
    shown = file(text)
    facts = (("at", "09:30", "10:00"), ("title", text("Daily"), text("Round")), ("channel", "C0SHARED", None))
    changes = (
        Change(Deed.CHANGED, "cadence daily", facts),
        Change(Deed.ADDED, f"{text('Nea')} (U0NEA)", (), text("in-house, member")),
        Change(Deed.REMOVED, f"{text('Noa')} (U0NOA)", (), "leaves"),
    )
    cadence = replace(shown.cadences[1], repeats="FREQ=WEEKLY;BYDAY=FR", at=time(23, 30))
    coming = preview(shown, cadence, NOW)
    return Review(sheet(text, Kind.CADENCE), Plan("northwind", changes, ()), coming)


def messages(text: Text) -> Mapping[str, Rendered]:
    """Every message."""
    return {
        "greeting.shared": greetings.shared(file(text)),
        "greeting.inhouse": greetings.inhouse(file(text)),
        "greeting.inhouse_directly": greetings.inhouse(replace(file(text), inhouse_channel=None)),
        "engagement.handed_over": greetings.handed_over(file(text)),
        "invitation": greetings.invitation("C0SHARED", DRAFT),
    }


def views(text: Text) -> Mapping[str, dict[str, Any]]:
    """Every modal."""
    shown, begun = file(text), setup(text)
    daily = replace(shown.cadences[0], repeats="FREQ=WEEKLY;BYDAY=MO")
    own = replace(sheet(text, Kind.PERSON), is_own=True)
    owner = replace(sheet(text, Kind.PERSON), about="U0INES", values=EDITS[Kind.PERSON].initial(shown, "U0INES", None))
    nothing = replace(review(text), plan=Plan("northwind", (), ()), preview=None)
    return {
        "setup.parties": setup_forms.parties_modal(begun),
        "setup.people": setup_forms.people_modal(begun),
        "setup.rhythm": setup_forms.rhythm_modal(begun),
        "setup.days": setup_forms.days_modal(begun),
        "setup.check": setup_forms.check_modal(Outlook(begun, shown, preview(shown, daily, NOW))),
        "setup.done": setup_forms.done_modal(shown),
        "settings": settings.settings_modal(ENGAGEMENT, shown, "mark", "Saved: 1 change."),
        "settings.paused": settings.settings_modal(ENGAGEMENT, replace(shown, state=EngagementState.PAUSED), "mark"),
        "settings.closed": settings.settings_modal(ENGAGEMENT, replace(shown, state=EngagementState.CLOSED), "mark"),
        **{f"settings.{kind}": edit_forms.edit_modal(sheet(text, kind)) for kind in Kind if kind in FORMS},
        "settings.person_own": edit_forms.edit_modal(own),
        "settings.person_owner": edit_forms.edit_modal(owner),
        "settings.newcomer": edit_forms.newcomer_modal(str(ENGAGEMENT), found(text)),
        "settings.nobody_new": edit_forms.newcomer_modal(str(ENGAGEMENT), ()),
        "settings.looking": edit_forms.looking_modal(),
        "settings.review": reviews.review_modal(review(text)),
        "settings.review_nothing": reviews.review_modal(nothing),
        "settings.stale": reviews.stale_modal(DRAFT, ("northwind:", f"  ~ {text('Ada')} (U0ADA)", "      role: a → b")),
    }


FORMS = frozenset(Kind) - {Kind.STOP, Kind.STATE}
"""Changes that have something to fill in."""

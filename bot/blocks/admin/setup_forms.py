"""The guided set-up: four short forms and a last look. Everything is filled in as far as it can be guessed."""

from collections.abc import Sequence
from typing import Any

from slack_sdk.models.blocks import Block, Option

from bot import ids
from bot.blocks import inputs, kit
from bot.blocks.admin import ladders, previews
from bot.blocks.markup import NOTHING, Markup, esc, join, say
from models.access import Role, Side
from models.engagements.rules import Belongs
from models.escalations.ladders import DEFAULT
from models.setup.beginning import ONE, OWN, S1_ALWAYS, USUAL
from models.setup.cadences import repeats_text
from models.setup.edits.person import NO, YES
from models.setup.file import EngagementFile, PersonEntry
from models.setup.found import Found
from models.setup.views import Outlook, Setup

TITLE = "Set up Vendor Cadence"
NAME = 100
_NEXT = "Next"
_BELONGS = {
    Belongs.EXTERNAL: "People of other companies",
    Belongs.GUEST: "Guests of your workspace",
    Belongs.COLLEAGUE: "Your colleagues",
}
WINDOWS = ("1h", "2h", "4h", "6h", "8h")
REMINDERS = ("none", "15m", "30m", "1h", "2h")

Json = dict[str, Any]


def parties_modal(setup: Setup) -> Json:
    """1: the two sides and their channel."""
    values = setup.values
    blocks = [
        _step(1, "Who works with whom, and where. Everything can be changed later."),
        inputs.text("company", "Your company", value=values.get("company"), most=NAME),
        inputs.text("vendor", "The provider", value=values.get("vendor"), most=NAME, placeholder="Brightlane Systems"),
        inputs.channel(
            "channel", "The channel you share", value=values.get("channel"), hint="I must be in it: /invite @cadence"
        ),
        inputs.channel(
            "inhouse_channel",
            "A channel for your own people",
            value=values.get("inhouse_channel"),
            optional=True,
            hint="For what the provider must not read. I must be in it. Without one, I write to you directly.",
        ),
        inputs.text("zone", "Time zone", value=values.get("zone"), most=64, hint="Of whatever names no other."),
    ]
    return kit.modal(TITLE, ids.PARTIES_SUBMIT, setup.draft_id, blocks, _NEXT)


def people_modal(setup: Setup) -> Json:
    """2: the people of both sides, proposed from who is in the channel."""
    values, found = setup.values, setup.found
    colleagues = [person for person in found if person.belongs is Belongs.COLLEAGUE]
    own = [person for person in found if person.belongs is not Belongs.EXTERNAL]
    blocks = [
        _step(2, "Found in the channel. People of other companies and guests are proposed as the provider's."),
        inputs.several(
            "vendor_people", "The provider's people", _groups(found), values=values.get("vendor_people", "").split()
        ),
        inputs.grouped("lead", "Who speaks for the provider?", _groups(found), value=values.get("lead", "")),
        inputs.several("inhouse_people", "Your people", _groups(own), values=values.get("inhouse_people", "").split()),
        inputs.grouped(
            "owner", "Owner", _groups(colleagues), value=values.get("owner", ""), hint="Accountable for the engagement."
        ),
        inputs.grouped(
            "deputy", "Deputy", _groups(colleagues), value=values.get("deputy", ""), hint="Stands in for the owner."
        ),
        _back(setup),
    ]
    return kit.modal(TITLE, ids.PEOPLE_SUBMIT, setup.draft_id, blocks, _NEXT)


def rhythm_modal(setup: Setup) -> Json:
    """3: the first check-in."""
    values = setup.values
    blocks = [
        _step(3, "The daily stand-up. Each person answers in two minutes."),
        inputs.text(
            "repeats", "On which days?", value=values.get("repeats"), most=200, hint="weekdays, or: mon, wed, fri"
        ),
        inputs.clock("at", "At what time?", value=values.get("at")),
        inputs.select("whose", "On whose clock?", whose_options(values.get("zone", "UTC")), value=values.get("whose")),
        inputs.select("window", "Time to answer", spans(WINDOWS, values.get("window")), value=values.get("window")),
        inputs.select(
            "reminder",
            "Remind once, before the end",
            spans(REMINDERS, values.get("reminder")),
            value=values.get("reminder"),
        ),
        inputs.select("weekly", "A weekly review and summary too?", _weekly_options(), value=values.get("weekly")),
        _back(setup),
    ]
    return kit.modal(TITLE, ids.RHYTHM_SUBMIT, setup.draft_id, blocks, _NEXT)


def days_modal(setup: Setup) -> Json:
    """4: public holidays of each side, and the ladder."""
    values = setup.values
    blocks = [
        _step(4, "On a holiday of their side nobody is asked, reminded or counted."),
        inputs.text(
            "inhouse_country",
            f"Holidays of {values.get('company', '')}"[:100],
            value=values.get("inhouse_country"),
            most=NAME,
            optional=True,
            hint="Two-letter country code, such as FR, IN or BR.",
        ),
        inputs.text(
            "vendor_country",
            f"Holidays of {values.get('vendor', '')}"[:100],
            value=values.get("vendor_country"),
            most=NAME,
            optional=True,
        ),
        kit.section(say("*When something is stuck*, both sides are told, level by level, until somebody owns it:")),
        kit.section(*ladders.in_words(DEFAULT)),
        inputs.select(
            "ladder",
            "Who is told, and when?",
            _ladder_options(),
            value=values.get("ladder", USUAL),
            hint="Level 1 are the people concerned, 2 owner and lead, 3 and 4 the heads. Change it in the settings.",
        ),
        _back(setup),
    ]
    return kit.modal(TITLE, ids.DAYS_SUBMIT, setup.draft_id, blocks, _NEXT)


def check_modal(shown: Outlook) -> Json:
    """5: a last look, with the first check-ins on everybody's clock."""
    file = shown.file
    blocks: list[Block | None] = [
        _step(5, "A last look. Nothing has been sent yet."),
        kit.section(
            say("*{}* and *{}* in {}", esc(file.company, NAME), esc(file.vendor, NAME), kit.channel(file.channel)),
            say("For your people alone: {}", kit.channel(file.inhouse_channel)) if file.inhouse_channel else NOTHING,
        ),
        kit.section(_roster(file, Side.INHOUSE), _roster(file, Side.VENDOR)),
        kit.section(*[rhythm(file, index) for index in range(len(file.cadences))]),
        kit.section(say("*When something is stuck*"), *ladders.in_words(file.ladder)),
        *previews.occurrences(shown.preview, file, file.cadences[0].title),
        kit.context(say("When you press “Start”, I greet both sides and say who sees what.")),
        _back(shown.setup),
    ]
    return kit.modal(TITLE, ids.CREATE_SUBMIT, shown.setup.draft_id, blocks, "Start")


def done_modal(file: EngagementFile) -> Json:
    """It is set up."""
    blocks = [
        kit.section(say("*Done.* I have greeted both sides in {}.", kit.channel(file.channel))),
        kit.section(
            say("Change anything with `/cadence settings` there: people, check-ins, questions, ladder, holidays.")
        ),
    ]
    return kit.modal(TITLE, ids.CREATE_SUBMIT, "", blocks, None)


def rhythm(file: EngagementFile, index: int) -> Markup:
    """One cadence in a line."""
    cadence = file.cadences[index]
    clock = esc(previews.city(cadence.zone) + " time") if cadence.zone else say("each on their own clock")
    return say("• *{}*: {} at {}, {}", esc(cadence.title, NAME), repeats_text(cadence), f"{cadence.at:%H:%M}", clock)


def whose_options(zone: str) -> list[Option]:
    """Each person's own clock, or one for all."""
    return [
        kit.option("Each person's own", OWN),
        kit.option(f"One for all: {previews.city(zone)}", ONE),
    ]


def spans(usual: Sequence[str], present: str | None) -> list[Option]:
    """Lengths of time to choose from, the present one among them."""
    shown = [*usual, *([present] if present and present not in usual else [])]
    return [kit.option(_span(text), text) for text in shown]


def _span(text: str) -> str:
    return "No reminder" if text == "none" else text.replace("h", " h ").replace("m", " min").strip()


def _ladder_options() -> list[Option]:
    return [
        kit.option("As above, in working time", USUAL),
        kit.option("The same, with S1 day and night: both sides agreed", S1_ALWAYS),
    ]


def _weekly_options() -> list[Option]:
    return [kit.option("Yes, on Fridays", YES), kit.option("No, the stand-up alone", NO)]


def _step(number: int, words: str) -> Block | None:
    return kit.context(say("Step {} of 5. {}", number, esc(words)))


def _back(setup: Setup) -> Block | None:
    return kit.actions(kit.button("Back", ids.SETUP_BACK_PRESS, setup.draft_id))


def _groups(found: Sequence[Found]) -> list[tuple[str, list[Option]]]:
    return [
        (label, [kit.option(person.name, person.slack_id) for person in found if person.belongs is belongs])
        for belongs, label in _BELONGS.items()
    ]


def _roster(file: EngagementFile, side: Side) -> Markup:
    name = file.company if side is Side.INHOUSE else file.vendor
    people = [_person(person) for person in file.people if person.side is side]
    return say("*{}*: {}", esc(name, NAME), join(", ", people[:20]))


def _person(person: PersonEntry) -> Markup:
    words = [person.role.value] if person.role in (Role.OWNER, Role.LEAD) else []
    words += ["deputy"] if person.is_deputy else []
    return say("{} ({})", esc(person.name, kit.NAME), ", ".join(words)) if words else esc(person.name, kit.NAME)

"""An engagement's ladder in words, and the form that changes one severity of it."""

from collections.abc import Sequence

from slack_sdk.models.blocks import Block, Option

from bot.blocks import inputs, kit
from bot.blocks.escalations import SEVERITIES
from bot.blocks.markup import Markup, esc, join, say
from models.access import Role, Side
from models.escalations.ladders import CONCERNED, Climb, Ladder, Severity, WaitsIn
from models.setup.edits.ladder import ALWAYS, levels_in, name_of, severity_of
from models.setup.file import EngagementFile
from models.setup.ladder import wait_text
from models.setup.views import Sheet

_ROLES = {
    CONCERNED: "Whoever must act, or raised it",
    Role.OWNER.value: "The owner",
    Role.LEAD.value: "The leads",
    Role.EXECUTIVE.value: "The executives",
    Role.MEMBER.value: "All members",
}
_ONLY_INHOUSE = frozenset({Role.OWNER.value})
_NAME = 100


def in_words(ladder: Ladder) -> list[Markup]:
    """One line a severity: when each level is told, and how often an update is due."""
    return [say("• *{}*: {}", severity.value, _in_words(ladder.climb(severity))) for severity in Severity]


def form(sheet: Sheet) -> list[Block | None]:
    """The form for one severity: the clock, the update, and each level with one more that is empty."""
    severity, values = severity_of(sheet.about), sheet.values
    blocks: list[Block | None] = [
        kit.section(say("*{}*", Markup(SEVERITIES[severity]))),
        kit.context(say("Level 1 is told at once. What climbs already keeps the ladder it started with.")),
        inputs.select("clock", "In whose working time does it wait?", _clocks(sheet.file), value=values["clock"]),
        inputs.text(
            "update", "Whoever owns it gives word every", value=values["update"], most=20, hint="Such as 1h, 4h or 1d."
        ),
    ]
    for number in range(1, levels_in(values) + 1):
        blocks += _level(sheet, number)
    return blocks


def _level(sheet: Sheet, number: int) -> list[Block | None]:
    def value(part: str) -> str:
        return sheet.values[name_of(part, number)]

    sides = [
        inputs.several(
            name_of(side.value, number),
            f"Level {number}: who is told at {_side(sheet.file, side)}"[:_NAME],
            _people(sheet.file, side, value(side.value).split()),
            values=value(side.value).split(),
            optional=True,
            hint="Choose nobody on both sides, and this level is taken out." if side is Side.VENDOR else "",
        )
        for side in Side
    ]
    return [
        kit.divider(),
        *sides,
        inputs.text(
            name_of("wait", number),
            "Time they have before the next level",
            value=value("wait"),
            most=20,
            optional=True,
            hint="Working time: 90m, 4h, or working days: 2d.",
        ),
        inputs.channel(
            name_of("channel", number),
            "A channel that is told too",
            value=value("channel"),
            optional=True,
            hint="The shared one, or one that only your own people read. I must be in it." if number == 1 else "",
        ),
    ]


def _people(file: EngagementFile, side: Side, chosen: Sequence[str]) -> list[tuple[str, list[Option]]]:
    """Roles, people of the side, and whoever is named and no more on the roster: they are not lost unseen."""
    roles = [word for word in _ROLES if side is Side.INHOUSE or word not in _ONLY_INHOUSE or word in chosen]
    people = {person.slack_id: person.name for person in file.people if person.side is side}
    others = [word for word in chosen if word not in _ROLES and word not in people]
    return [
        ("Roles", [kit.option(_ROLES[word], word) for word in roles]),
        ("People", [kit.option(name, slack_id) for slack_id, name in people.items()]),
        ("Not on the roster now", [kit.option(word, word) for word in others]),
    ]


def _clocks(file: EngagementFile) -> list[Option]:
    return [
        kit.option("Of whoever must act", WaitsIn.MUST_ACT.value),
        kit.option(f"Of {file.company}", WaitsIn.INHOUSE.value),
        kit.option(f"Of {file.vendor}", WaitsIn.VENDOR.value),
        kit.option("Day and night, only where both sides have agreed", ALWAYS),
    ]


def _in_words(climb: Climb) -> Markup:
    told = ["level 1 at once"] if climb.levels else ["nobody is told by itself"]
    told += [f"level {number} after {wait_text(level.wait)}" for number, level in enumerate(climb.levels[:-1], 2)]
    clock = say("day and night") if climb.around_the_clock else say("")
    return join(" · ", [esc(", ".join(told)), say("update every {}", wait_text(climb.update)), clock])


def _side(file: EngagementFile, side: Side) -> str:
    return file.company if side is Side.INHOUSE else file.vendor

"""The settings of an engagement, for its owner and deputies: everything in one list, each with its way to change it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from slack_sdk.models.blocks import Block, ButtonElement, Option, OptionGroup, StaticSelectElement

from bot import ids
from bot.blocks import kit
from bot.blocks.admin import ladders
from bot.blocks.admin.setup_forms import NAME, rhythm
from bot.blocks.escalations import SEVERITIES
from bot.blocks.markup import Markup, esc, join, say
from models.access import Role, Side
from models.cadences.rules import CadenceKind
from models.engagements.rules import EngagementState
from models.setup.edits import Kind
from models.setup.edits.cadence import NEW
from models.setup.file import EngagementFile, PersonEntry

NEWCOMER = "new"
"""Stands for somebody who is not on the roster yet."""
_MOST = 100
_SHOWN, _RHYTHMS = 40, 10
"""So many of a list fit into its row, whatever their names; the select beside it goes on."""
_KINDS = {
    CadenceKind.DAILY: "a daily stand-up",
    CadenceKind.WEEKLY: "a weekly review",
    CadenceKind.SUMMARY: "a summary",
}

Json = dict[str, Any]


def settings_modal(engagement_id: UUID, file: EngagementFile, mark: str, saved: str = "") -> Json:
    """The settings. `mark` is new each time, so that no select keeps an old choice; `saved` says what was just done."""
    blocks: list[Block | None] = [
        kit.section(say("✅ {}", esc(saved))) if saved else None,
        kit.header(f"{file.company} and {file.vendor}"),
        _closed(file),
        *(_people(file, side, mark) for side in Side),
        _row(mark, "rhythm", _rhythm(file), _select("Change …", _cadences(file))),
        _row(mark, "questions", say("*Questions*\n{}", _sets(file)), _select("Change …", groups=_questions(file))),
        _row(mark, "holidays", say("*Holidays*\n{}", _holidays(file)), _select("Change …", _sides(file))),
        _row(mark, "ladder", _ladder(file), _select("Change …", _severities())),
        _row(mark, "names", _names(file), _button("Change", Kind.ENGAGEMENT)),
        _row(mark, "owner", _owner(file), _button("Hand over", Kind.OWNER)),
        _state(file, mark),
    ]
    return kit.modal("Settings", ids.SETTINGS_OPEN, engagement_id, blocks, None)


def _row(mark: str, name: str, words: Markup, accessory: ButtonElement | StaticSelectElement) -> Block | None:
    row = kit.section(words, accessory=accessory)
    if row is not None:
        row.block_id = f"{name}.{mark}"
    return row


def _closed(file: EngagementFile) -> Block | None:
    if file.state is not EngagementState.CLOSED:
        return None
    return kit.section(say("*Closed.* It can be read, but not changed any more."))


def _people(file: EngagementFile, side: Side, mark: str) -> Block | None:
    people = [person for person in file.people if person.side is side]
    options = [kit.option(person.name, ids.edit_value(Kind.PERSON, person.slack_id)) for person in people[: _MOST - 1]]
    options.append(kit.option("+ Add somebody", ids.edit_value(Kind.PERSON, NEWCOMER)))
    shown = kit.cut([_person(person) for person in people], _SHOWN)
    words = say("*People of {}*\n{}", esc(_name(file, side), NAME), join(", ", shown))
    return _row(mark, f"people.{side}", words, _select("Change …", options))


def _person(person: PersonEntry) -> Markup:
    words = [] if person.role is Role.MEMBER else [person.role.value]
    words += ["deputy"] if person.is_deputy else []
    return say("{} ({})", esc(person.name, kit.NAME), ", ".join(words)) if words else esc(person.name, kit.NAME)


def _rhythm(file: EngagementFile) -> Markup:
    shown = kit.cut([rhythm(file, index) for index in range(len(file.cadences))], _RHYTHMS)
    return join("\n", [say("*Check-ins*"), *shown])


def _cadences(file: EngagementFile) -> list[Option]:
    change = [kit.option(cadence.title, ids.edit_value(Kind.CADENCE, cadence.key)) for cadence in file.cadences]
    stop = [kit.option(f"Stop: {cadence.title}", ids.edit_value(Kind.STOP, cadence.key)) for cadence in file.cadences]
    new = [
        kit.option(f"+ Add {label}", ids.edit_value(Kind.CADENCE, f"{NEW}{kind.value}"))
        for kind, label in _KINDS.items()
    ]
    return [*change, *stop, *new]


def _sets(file: EngagementFile) -> Markup:
    return join("\n", [say("• {}: {}", esc(row.title, NAME), len(row.questions)) for row in file.questions]) or say(
        "none"
    )


def _questions(file: EngagementFile) -> list[OptionGroup]:
    groups = []
    for questions in file.questions:
        options = [
            kit.option(question.text, ids.edit_value(Kind.QUESTION, f"{questions.key}/{question.id}"))
            for question in questions.questions
        ]
        options.append(kit.option("+ Add a question", ids.edit_value(Kind.QUESTION, f"{questions.key}/")))
        groups.append(OptionGroup(label=kit.plain(questions.title, 75), options=options))
    return groups


def _holidays(file: EngagementFile) -> Markup:
    lines = []
    for side in Side:
        calendar = file.holidays.get(side)
        country = calendar.country or "no public holidays" if calendar else "none"
        own = kit.plural(len(calendar.own_days), "own day") if calendar and calendar.own_days else ""
        lines.append(say("• {}: {}", esc(_name(file, side), NAME), ", ".join(filter(None, [country, own]))))
    return join("\n", lines)


def _ladder(file: EngagementFile) -> Markup:
    return join("\n", [say("*When something is stuck*"), *ladders.in_words(file.ladder)])


def _severities() -> list[Option]:
    return [kit.option(words, ids.edit_value(Kind.LADDER, severity.value)) for severity, words in SEVERITIES.items()]


def _sides(file: EngagementFile) -> list[Option]:
    return [kit.option(_name(file, side), ids.edit_value(Kind.HOLIDAYS, side.value)) for side in Side]


def _names(file: EngagementFile) -> Markup:
    places = [kit.channel(file.channel), kit.channel(file.inhouse_channel) if file.inhouse_channel else say("none")]
    return say("*Names, channels, time zone*\nShared: {} · In-house: {} · {}", *places, esc(file.zone))


def _owner(file: EngagementFile) -> Markup:
    owner = next(person for person in file.people if person.role is Role.OWNER)
    return say("*Owner*\n{} is accountable for this engagement.", esc(owner.name, NAME))


def _state(file: EngagementFile, mark: str) -> Block | None:
    if file.state is EngagementState.PAUSED:
        words = say("*Paused*\nNothing is asked or posted.")
        return _row(mark, "state", words, _button("Resume", Kind.STATE, EngagementState.ACTIVE.value))
    words = say("*Running*\nA pause stops every question and post, for both sides.")
    return _row(mark, "state", words, _button("Pause", Kind.STATE, EngagementState.PAUSED.value))


def _button(label: str, kind: Kind, about: str = "") -> ButtonElement:
    return ButtonElement(text=kit.plain(label, 75), action_id=ids.EDIT_OPEN, value=ids.edit_value(kind, about))


def _select(
    placeholder: str, options: Sequence[Option] = (), *, groups: Sequence[OptionGroup] = ()
) -> StaticSelectElement:
    shown: Any = {"option_groups": list(groups)[:_MOST]} if groups else {"options": list(options)[:_MOST]}
    return StaticSelectElement(action_id=ids.EDIT_OPEN, placeholder=kit.plain(placeholder, 150), **shown)


def _name(file: EngagementFile, side: Side) -> str:
    return file.company if side is Side.INHOUSE else file.vendor

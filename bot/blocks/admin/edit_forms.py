"""A form for each change of an engagement, filled in as it is now."""

from collections.abc import Sequence
from typing import Any, assert_never

from slack_sdk.models.blocks import Block, InputBlock, Option

from bot import ids
from bot.blocks import inputs, kit
from bot.blocks.admin import ladders
from bot.blocks.admin.setup_forms import NAME
from bot.blocks.markup import esc, say
from models.access import Role, Side
from models.cadences.rules import QuestionType
from models.setup import values as parse
from models.setup.edits import Kind
from models.setup.edits.cadence import asked_in, entry_of
from models.setup.edits.holidays import side_of
from models.setup.edits.owner import candidates
from models.setup.edits.person import LEAVES, NO, YES
from models.setup.edits.person import entry_of as person_of
from models.setup.edits.question import OUT, found_in
from models.setup.file import EngagementFile
from models.setup.found import Found
from models.setup.views import Sheet

_ROLES = {
    Role.LEAD: "Lead: may open a check-in, speaks for the side",
    Role.MEMBER: "Member: is asked",
    Role.EXECUTIVE: "Executive: reads, is not asked",
    Role.OBSERVER: "Observer: reads, is not asked",
}
_TYPES = {
    QuestionType.TEXT: "Free text",
    QuestionType.YES_NO: "Yes or no",
    QuestionType.CHOICE: "A choice of options",
    QuestionType.NUMBER: "A number",
    QuestionType.SCALE: "A scale of 1 to 5",
    QuestionType.DATE: "A date",
    QuestionType.PERSON: "A person of the roster",
    QuestionType.PROMISES: "Promises, each with a date",
    QuestionType.REVIEW: "What became of promises",
    QuestionType.BLOCKER: "A blocker, yes or no",
}
Json = dict[str, Any]


def edit_modal(sheet: Sheet) -> Json:
    """The form of a change."""
    title, blocks = _form(sheet)
    return kit.modal(title, ids.EDIT_SUBMIT, sheet.draft_id, blocks, "Next")


def newcomer_modal(engagement_id: str, found: Sequence[Found]) -> Json:
    """Whom to put onto the roster: people of the channel who are not on it."""
    if not found:
        words = say(
            "Everybody in the channel is on the roster. Invite whom you miss to the channel, then add them here."
        )
        return kit.modal("Add somebody", ids.NEWCOMER_SUBMIT, engagement_id, [kit.section(words)], None)
    groups = [
        (label, [kit.option(person.name, person.slack_id) for person in found if person.side is side])
        for side, label in ((Side.VENDOR, "Other companies and guests"), (Side.INHOUSE, "Your colleagues"))
    ]
    return kit.modal(
        "Add somebody", ids.NEWCOMER_SUBMIT, engagement_id, [inputs.grouped("newcomer", "Whom?", groups)], "Next"
    )


def looking_modal() -> Json:
    """Shown while Slack is asked who is in the channel."""
    return kit.modal(
        "Add somebody", ids.NEWCOMER_SUBMIT, "", [kit.section(say("Looking who is in the channel …"))], None
    )


def not_found_modal() -> Json:
    """Slack did not say who is in the channel."""
    words = say("Slack did not tell me who is in the channel. Please close this and choose *Add somebody* again.")
    return kit.modal("Add somebody", ids.NEWCOMER_SUBMIT, "", [kit.section(words)], None)


def _form(sheet: Sheet) -> tuple[str, list[Block | None]]:
    match sheet.kind:
        case Kind.PERSON:
            return "Person", _person(sheet)
        case Kind.CADENCE:
            return "Check-in", _cadence(sheet)
        case Kind.QUESTION:
            return "Question", _question(sheet)
        case Kind.HOLIDAYS:
            return "Holidays", _holidays(sheet)
        case Kind.ENGAGEMENT:
            return "Names and channels", _engagement(sheet)
        case Kind.OWNER:
            return "Hand over", _owner(sheet)
        case Kind.LADDER:
            return "Ladder", ladders.form(sheet)
        case Kind.STOP | Kind.STATE:
            return "Change", []
        case _:
            assert_never(sheet.kind)


def _person(sheet: Sheet) -> list[Block | None]:
    values, entry = sheet.values, person_of(sheet.file, sheet.about, sheet.found)
    file = sheet.file
    fields: list[Block | None] = [kit.section(say("*{}*", esc(entry.name, NAME)))]
    if "role" in values and not sheet.is_own:
        sides = [kit.option(file.company, Side.INHOUSE.value), kit.option(file.vendor, Side.VENDOR.value)]
        roles = [kit.option(label, role.value) for role, label in _ROLES.items()]
        leaves = [] if sheet.found else [kit.option("Takes no part any more", LEAVES)]
        fields += [
            inputs.select("side", "Side", sides, value=values["side"]),
            inputs.select("role", "Role", [*roles, *leaves], value=values["role"]),
            inputs.select("deputy", "Deputy of the owner?", _yes_no(), value=values["deputy"], hint="In-house only."),
        ]
    elif entry.role is Role.OWNER:
        fields.append(kit.context(say("The owner. To name another one, use “Hand over” in the settings.")))
    else:
        fields.append(kit.context(say("Your own side and role can be changed by the owner or another deputy.")))
    return [
        *fields,
        inputs.text("zone", "Time zone", value=values["zone"], most=64, hint="Such as Europe/Paris."),
        inputs.text("hours", "Working hours", value=values["hours"], most=20, hint="Such as 09:00-17:30."),
        inputs.text("workdays", "Working days", value=values["workdays"], most=40, hint="mon-fri, or: mon, wed, fri."),
    ]


def _cadence(sheet: Sheet) -> list[Block | None]:
    values, entry = sheet.values, entry_of(sheet.file, sheet.about)
    fields: list[Block | None] = [
        inputs.text("title", "Title", value=values["title"], most=NAME),
        inputs.text(
            "repeats",
            "On which days?",
            value=values["repeats"],
            most=200,
            hint="weekdays · mon, wed · every second tuesday · last friday of the month",
        ),
        inputs.clock("at", "At what time?", value=values["at"]),
        _zone(values["zone"], entry.kind.value != "summary"),
    ]
    if "window" in values:
        fields += [
            inputs.text("window", "Time to answer", value=values["window"], most=20, hint="Such as 4h or 90m."),
            inputs.text("reminder", "Reminder before the end", value=values["reminder"], most=20, hint="1h, or none."),
            inputs.text(
                "missed",
                "Escalate when a whole side has missed so many in a row",
                value=values["missed"],
                most=10,
                hint="A number, or none.",
            ),
        ]
    return fields


def _zone(value: str, may_be_own: bool) -> InputBlock:
    hint = f"“{parse.OWN_ZONE}”, or one zone such as Europe/Paris." if may_be_own else "Such as Europe/Paris."
    return inputs.text("zone", "On whose clock?", value=value, most=64, hint=hint)


def _question(sheet: Sheet) -> list[Block | None]:
    values = sheet.values
    questions, question = found_in(sheet.file, sheet.about)
    count = len(questions.questions) + (question is None)
    places = [kit.option(f"Place {number}", str(number)) for number in range(1, count + 1)]
    out = [kit.option("Not asked any more", OUT)] if question else []
    asks = [f"{cadence.title}, {_side(sheet.file, side)}" for cadence, side in asked_in(sheet.file, questions.key)]
    return [
        kit.context(say("Asked in: {}. Answers already given stay as they are.", esc(", ".join(asks)))),
        inputs.text("text", "What is asked?", value=values["text"], most=300, multiline=True),
        inputs.text("hint", "Hint", value=values["hint"], most=300, optional=True),
        inputs.select("type", "How is it answered?", _types(), value=values["type"]),
        inputs.text(
            "options",
            "Options of a choice, one a line",
            value=values["options"],
            most=1600,
            multiline=True,
            optional=True,
        ),
        inputs.select("required", "Must it be answered?", _yes_no(), value=values["required"]),
        inputs.select("place", "Place in the list", [*places, *out], value=values["place"]),
    ]


def _holidays(sheet: Sheet) -> list[Block | None]:
    values = sheet.values
    return [
        kit.context(say("On these days nobody of {} is asked.", esc(_side(sheet.file, side_of(sheet.about)), NAME))),
        inputs.text(
            "country", "Country", value=values["country"], most=60, optional=True, hint="Two letters: FR, IN, BR …"
        ),
        inputs.text(
            "subdivision", "State or region", value=values["subdivision"], most=60, optional=True, hint="BY, KA …"
        ),
        inputs.text(
            "own_days",
            "Own days off, one a line",
            value=values["own_days"],
            most=3000,
            multiline=True,
            optional=True,
            hint="2026-12-24 Closed for the year",
        ),
        inputs.text(
            "working_on",
            "Holidays worked all the same",
            value=values["working_on"],
            most=2000,
            multiline=True,
            optional=True,
            hint="2026-12-25",
        ),
    ]


def _engagement(sheet: Sheet) -> list[Block | None]:
    values = sheet.values
    return [
        inputs.text("company", "Your company", value=values["company"], most=NAME),
        inputs.text("vendor", "The provider", value=values["vendor"], most=NAME),
        inputs.channel("channel", "The channel you share", value=values["channel"], hint="I must be in it."),
        inputs.channel(
            "inhouse_channel",
            "A channel for your own people",
            value=values["inhouse_channel"],
            optional=True,
            hint="Nobody of the provider may be in it.",
        ),
        inputs.text("zone", "Time zone", value=values["zone"], most=64, hint="Of whatever names no other."),
    ]


def _owner(sheet: Sheet) -> list[Block | None]:
    values = sheet.values
    owner = next(person for person in sheet.file.people if person.role is Role.OWNER)
    people = [kit.option(person.name, person.slack_id) for person in candidates(sheet.file)]
    stays = [
        kit.option("Stays, as lead and deputy", Role.LEAD.value),
        kit.option("Stays, as member and deputy", Role.MEMBER.value),
        kit.option("Takes no part any more", LEAVES),
    ]
    return [
        kit.section(say("*{}* is accountable for this engagement now.", esc(owner.name, NAME))),
        inputs.select("owner", "Who is to be the owner?", people, value=values["owner"]),
        inputs.select("stays", f"What does {owner.name} do then?"[:100], stays, value=values["stays"]),
    ]


def _yes_no() -> list[Option]:
    return [kit.option("Yes", YES), kit.option("No", NO)]


def _types() -> list[Option]:
    return [kit.option(label, kind.value) for kind, label in _TYPES.items()]


def _side(file: EngagementFile, side: Side) -> str:
    return file.company if side is Side.INHOUSE else file.vendor

"""The question sets of an engagement file."""

import re

from models.cadences.defaults import QuestionList
from models.cadences.rules import Question, QuestionType
from models.setup import values
from models.setup.fields import Section, Spot

MOST_SETS = 20
MOST_QUESTIONS = 10
_LONGEST_TEXT = 300
_LONGEST_OPTION = 75
_OPTIONS = range(2, 21)
_ONCE = frozenset({QuestionType.REVIEW, QuestionType.PROMISES, QuestionType.BLOCKER})
_CONDITIONS = frozenset({QuestionType.YES_NO, QuestionType.CHOICE})
_PLACEHOLDER = re.compile(r"\{[^}]*\}|[{}]")


def read_questions(spot: Spot | None) -> dict[str, tuple[Spot, QuestionList]]:
    """The sets by key, each with where it stands."""
    if spot is None:
        return {}
    found = {}
    for key, item in spot.named(MOST_SETS):
        try:
            values.slug(key)
        except values.BadValue as error:
            item.wrong(str(error))
        found[key] = (item, _set(key, Section(item)))
    return found


def _set(key: str, fields: Section) -> QuestionList:
    title = fields.value("title", values.name, key)
    asked = fields.field("ask")
    questions: list[Question] = []
    for item in asked.items(MOST_QUESTIONS) if asked else ():
        questions.append(_question(Section(item), questions))
    if not questions:
        (asked or fields.spot).wrong("Write the questions under `ask`: at least one.")
    fields.finish()
    return QuestionList(key, title, tuple(questions))


def _question(fields: Section, earlier: list[Question]) -> Question:
    kind = fields.value(
        "type", lambda text: values.one_of(QuestionType, text), QuestionType.TEXT, needed="How it is answered."
    )
    question = Question(
        id=fields.value("id", _id, "", needed="A short name, such as done."),
        type=kind,
        text=fields.value("text", _filled, "", needed="What is asked."),
        hint=fields.value("hint", _text, ""),
        required=fields.value("required", values.yes_no, False),
        options=_options(fields, kind),
        only_if=_only_if(fields.field("only_if"), earlier),
    )
    if question.id in {other.id for other in earlier}:
        fields.spot.wrong(f"There is a question “{question.id}” above already: every id is used once.")
    if kind in _ONCE and kind in {other.type for other in earlier}:
        fields.spot.wrong(f"A set holds one question of type {kind}: there is one above already.")
    fields.finish()
    return question


def _id(text: str) -> str:
    if len(text) > 40 or not re.fullmatch(r"[a-z][a-z0-9_]*", text, re.ASCII):
        raise values.BadValue(f"“{text[:40]}” must be lower-case letters, digits and underscores, such as done_today.")
    return text


def _text(text: str) -> str:
    line = values.one_line(text, _LONGEST_TEXT)
    unknown = [found for found in _PLACEHOLDER.findall(line) if found != "{last_day}"]
    if unknown:
        raise values.BadValue(f"“{unknown[0]}” means nothing here; {{last_day}} is the only thing in braces.")
    return line


def _filled(text: str) -> str:
    if not text.strip():
        raise values.BadValue("It is empty. Write what is asked.")
    return _text(text)


def _options(fields: Section, kind: QuestionType) -> tuple[str, ...]:
    spot = fields.field("options")
    if kind is not QuestionType.CHOICE:
        if spot:
            spot.wrong(f"Only a question of type choice has options; this one is {kind}.")
        return ()
    if spot is None:
        fields.spot.wrong("A question of type choice needs `options`, such as [good, fair, bad].")
        return ()
    options = tuple(item.read(_option, "") for item in spot.items(_OPTIONS[-1]))
    if len(options) < _OPTIONS[0] or len(set(options)) < len(options):
        spot.wrong(f"Give {_OPTIONS[0]} to {_OPTIONS[-1]} options, each once.")
    return options


def _option(text: str) -> str:
    found = values.one_line(text, _LONGEST_OPTION)
    if not found:
        raise values.BadValue("An option needs words.")
    return found


def _only_if(spot: Spot | None, earlier: list[Question]) -> tuple[str, str] | None:
    """`only_if: {ready: no}`: asked when an earlier question was answered so."""
    if spot is None:
        return None
    pairs = [(name, item.read(str.strip, "")) for name, item in spot.named(1)]
    if not pairs:
        spot.wrong("Write the id of an earlier question and its answer, such as {ready: no}.")
        return None
    name, answer = pairs[0]
    before = next((question for question in earlier if question.id == name), None)
    if before is None:
        spot.wrong(f"No earlier question has the id “{name[:40]}”: a condition looks back.")
    elif before.type not in _CONDITIONS:
        spot.wrong(f"“{name}” is answered by {before.type}; a condition looks at a yes_no or a choice.")
    elif before.type is QuestionType.CHOICE and answer not in before.options:
        spot.wrong(f"“{answer[:40]}” is not an option of “{name}”: {', '.join(before.options)}.")
    elif before.type is QuestionType.YES_NO:
        try:
            answer = "yes" if values.yes_no(answer) else "no"
        except values.BadValue as error:
            spot.wrong(str(error))
    return name, answer

"""Add, change, move or take out one question of a set. `about` is `<set>/<question id>`, or `<set>/` for a new one."""

import re
from dataclasses import replace

from models.cadences.defaults import QuestionList
from models.cadences.rules import Question, QuestionType
from models.errors import NotFound
from models.setup import values as parse
from models.setup.edits.person import NO, YES
from models.setup.edits.typed import Typed, Values, checked
from models.setup.file import EngagementFile
from models.setup.found import Found

OUT = "out"
"""Stands in the field of the place: not asked any more."""
_LONGEST_ID = 30


def initial(file: EngagementFile, about: str, _: Found | None = None) -> Values:
    """Text, hint, how it is answered, its options, whether it must be answered, and its place in the set."""
    questions, question = found_in(file, about)
    if question is None:
        blank = {"text": "", "hint": "", "type": QuestionType.TEXT.value, "options": "", "required": NO}
        return blank | {"place": str(len(questions.questions) + 1)}
    return {
        "text": question.text,
        "hint": question.hint,
        "type": question.type.value,
        "options": "\n".join(question.options),
        "required": YES if question.required else NO,
        "place": str(questions.questions.index(question) + 1),
    }


def edited(file: EngagementFile, about: str, _: Found | None, values: Values) -> EngagementFile:
    """The file with a new form of the set. Answers keep the version they answered."""
    questions, before = found_in(file, about)
    typed = Typed(values)
    others = [question for question in questions.questions if question is not before]
    if typed.text("place") == OUT:
        return _with(file, questions, others, values)
    kind = typed.read("type", lambda text: parse.one_of(QuestionType, text), QuestionType.TEXT)
    text = typed.needed("text", str, "", "Please write what is asked.")
    question = Question(
        id=before.id if before else _free_id(questions, text),
        type=kind,
        text=text,
        hint=typed.text("hint"),
        required=typed.text("required") == YES,
        options=tuple(filter(None, map(str.strip, typed.text("options").splitlines()))),
        only_if=before.only_if if before else None,
    )
    if kind is not QuestionType.CHOICE and question.options:
        typed.wrong("options", "Only a choice has options. Empty this field, or let it be answered by a choice.")
    place = typed.read("place", int, len(others) + 1)
    typed.check()
    others.insert(max(0, min(place - 1, len(others))), question)
    return _with(file, questions, others, values)


def found_in(file: EngagementFile, about: str) -> tuple[QuestionList, Question | None]:
    """The set and the question a form is about; None for a new one. Raises NotFound."""
    key, _, id_ = about.partition("/")
    questions = next((questions for questions in file.questions if questions.key == key), None)
    question = next((question for question in questions.questions if question.id == id_), None) if questions else None
    if questions is None or (id_ and question is None):
        raise NotFound("That question")
    return questions, question


def _with(file: EngagementFile, questions: QuestionList, asked: list[Question], values: Values) -> EngagementFile:
    changed = replace(questions, questions=tuple(asked))
    sets = tuple(changed if known is questions else known for known in file.questions)
    renamed = {"only_if": "place", "ask": "place", "id": "text"}
    return checked(replace(file, questions=sets), values, renamed)


def _free_id(questions: QuestionList, text: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:_LONGEST_ID].strip("_")
    base = words if re.match("[a-z]", words) else f"q_{words}".strip("_")
    used = {question.id for question in questions.questions}
    candidates = (base, *(f"{base}_{number}" for number in range(2, len(used) + 3)))
    return next(id_ for id_ in candidates if id_ not in used)

"""What recurs, and the shape of questions: pure data and decisions."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class CadenceKind(StrEnum):
    """A stand-up and a review ask people; a summary only reports."""

    DAILY = "daily"
    WEEKLY = "weekly"
    SUMMARY = "summary"


class QuestionType(StrEnum):
    """How a question is answered, and what the answer makes."""

    TEXT = "text"
    YES_NO = "yes_no"
    CHOICE = "choice"
    NUMBER = "number"
    SCALE = "scale"
    DATE = "date"
    PERSON = "person"
    PROMISES = "promises"
    """What will be done: one promise a line, each with a date. Makes commitments."""
    REVIEW = "review"
    """The answerer's open commitments: on track, kept, moved (new date, cause, reason) or dropped."""
    BLOCKER = "blocker"
    """Yes or no; yes asks what, which side and person must act, needed by. Makes a blocker."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a set. `text` may hold `{last_day}`: the answerer's own last working day, spoken."""

    id: str
    type: QuestionType
    text: str
    hint: str = ""
    required: bool = False
    options: tuple[str, ...] = ()
    """For `choice`."""
    only_if: tuple[str, str] | None = None
    """Asked only when another question (its id) was answered with this value ("yes"/"no" for yes_no)."""


def question_from(data: dict[str, Any]) -> Question:
    """A question as stored in a question set's JSON."""
    only_if = data.get("only_if")
    return Question(
        id=data["id"],
        type=QuestionType(data["type"]),
        text=data["text"],
        hint=data.get("hint", ""),
        required=data.get("required", False),
        options=tuple(data.get("options", ())),
        only_if=(only_if[0], only_if[1]) if only_if else None,
    )


def question_to(question: Question) -> dict[str, Any]:
    """The JSON of a question: only what differs from the defaults."""
    data: dict[str, Any] = {"id": question.id, "type": question.type.value, "text": question.text}
    if question.hint:
        data["hint"] = question.hint
    if question.required:
        data["required"] = True
    if question.options:
        data["options"] = list(question.options)
    if question.only_if:
        data["only_if"] = list(question.only_if)
    return data


def is_asked(question: Question, answers: dict[str, Any]) -> bool:
    """Whether the question applies, given the answers so far."""
    if question.only_if is None:
        return True
    given = answers.get(question.only_if[0])
    spoken = {True: "yes", False: "no"}.get(given, given) if isinstance(given, bool) else given
    return str(spoken) == question.only_if[1]

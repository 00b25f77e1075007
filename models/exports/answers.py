"""Answers in words, one line for each question, for a table cell."""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from models.cadences.rules import Question, QuestionType
from models.checkins.submissions import Answer, Outcome, Promise, Submission

Spoken = tuple[str, str, str]
"""Question id, question, answer."""


def spoken(
    questions: Sequence[Question], said: Submission, names: Mapping[UUID, str], numbers: Mapping[UUID, int]
) -> Iterator[Spoken]:
    """What was said, question by question, then the free note. `numbers` are those of commitments."""
    for question in questions:
        if answer := _answer(question, said, names, numbers):
            yield question.id, question.text, answer
    if said.note:
        yield "note", "", said.note


def _answer(question: Question, said: Submission, names: Mapping[UUID, str], numbers: Mapping[UUID, int]) -> str:
    match question.type:
        case QuestionType.PROMISES:
            return "; ".join(_promise(promise) for promise in said.promises)
        case QuestionType.REVIEW:
            return "; ".join(_outcome(outcome, numbers) for outcome in said.outcomes)
        case QuestionType.BLOCKER:
            if said.is_blocked is None:
                return ""
            return "; ".join(["yes" if said.is_blocked else "no", *(blocker.what for blocker in said.blockers)])
        case QuestionType.PERSON:
            given = said.answers.get(question.id)
            return names.get(UUID(str(given)), str(given)) if given else ""
        case _:
            return _plain(said.answers.get(question.id))


def _plain(answer: Answer) -> str:
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    return "" if answer is None else str(answer)


def _promise(promise: Promise) -> str:
    return f"{promise.what} (by {promise.due})" if promise.due else promise.what


def _outcome(outcome: Outcome, numbers: Mapping[UUID, int]) -> str:
    number = numbers.get(outcome.commitment_id)
    words = f"C-{number} {outcome.verdict.replace('_', ' ')}" if number else str(outcome.verdict)
    if outcome.new_due:
        words += f" to {outcome.new_due}"
    return f"{words}: {outcome.reason}" if outcome.reason else words

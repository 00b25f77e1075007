"""The answer modal as fields: what is on it for one person, and what stands in them while it is being filled in.

The modal's builder and its reader go by this one description, so what is shown is what is asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot import ids
from models.access import Side
from models.blockers.rules import BlockerState
from models.blockers.views import BlockerLine
from models.cadences.rules import Question, QuestionType, is_asked
from models.checkins.submissions import Answer, Outcome, Verdict
from models.checkins.views import AnswerForm
from models.commitments.views import CommitmentLine
from models.engagements.views import Who

MOST_REVIEWED = 12
MOST_STILL = 8
MOST_QUESTIONS = 12
"""With everything unfolded this stays within the 100 blocks of a modal."""

WHAT = 300
"""Characters of a promise, a blocker, a reason."""
NOTE = 1000
"""Characters of a free answer or a note."""
SCALE = 5
"""A scale goes from 1 to this."""

YES, NO = "yes", "no"
_ONCE = frozenset({QuestionType.REVIEW, QuestionType.PROMISES, QuestionType.BLOCKER})


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the fields right now, by block id, as text; None = the field is there and empty."""

    values: Mapping[str, str | None] = field(default_factory=dict)

    def get(self, block_id: str, otherwise: str | None = None) -> str | None:
        """What stands in a field, or `otherwise` for a field that is not on the form yet."""
        return self.values.get(block_id, otherwise)


def questions(form: AnswerForm, draft: Draft) -> tuple[Question, ...]:
    """The questions that apply with what is filled in so far, in order; of those with records only the first each."""
    asked: list[Question] = []
    answers: dict[str, Answer] = {}
    for question in form.questions:
        again = question.type in _ONCE and any(item.type is question.type for item in asked)
        if again or len(asked) == MOST_QUESTIONS or not is_asked(question, answers):
            continue
        asked.append(question)
        answers[question.id] = spoken(question, draft.get(ids.question(question.id), given(form, question)))
    return tuple(asked)


def decisive(form: AnswerForm) -> frozenset[str]:
    """Ids of the questions on whose answer others depend."""
    return frozenset(question.only_if[0] for question in form.questions if question.only_if)


def reviewed(form: AnswerForm) -> tuple[CommitmentLine, ...]:
    """The commitments on the form: those due first."""
    return tuple(sorted(form.commitments, key=lambda line: (line.current_due, line.number))[:MOST_REVIEWED])


def still_asked(form: AnswerForm) -> tuple[BlockerLine, ...]:
    """The open blockers the person is asked about: those of which they may say that they are out of the way."""
    return tuple(line for line in _oldest_first(form) if _may_say(form.who, line))[:MOST_STILL]


def waiting_for(form: AnswerForm) -> tuple[BlockerLine, ...]:
    """The other open blockers that concern the person: they have to act, the raising side says when it is done."""
    return tuple(line for line in _oldest_first(form) if not _may_say(form.who, line))[:MOST_STILL]


def unlisted(form: AnswerForm) -> int:
    """How many open blockers that concern the person have no room on the form."""
    return len(form.open_blockers) - len(still_asked(form)) - len(waiting_for(form))


def still_given(form: AnswerForm, line: BlockerLine) -> str | None:
    """What was said of a blocker in the version that is being changed."""
    said = form.given.still if form.given else ()
    return next((YES if item.still else NO for item in said if item.blocker_id == line.id), None)


def outcome_given(form: AnswerForm, line: CommitmentLine) -> Outcome | None:
    """What was said of a commitment in the version that is being changed."""
    said = form.given.outcomes if form.given else ()
    return next((outcome for outcome in said if outcome.commitment_id == line.id), None)


def verdict(form: AnswerForm, line: CommitmentLine, draft: Draft) -> str | None:
    """The verdict chosen for a commitment. On track by itself only while it is not due yet."""
    said = outcome_given(form, line)
    default = said.verdict.value if said else Verdict.ON_TRACK.value if line.current_due > form.local_date else None
    return draft.get(ids.review(line.id, "verdict"), default)


def given(form: AnswerForm, question: Question) -> str | None:
    """What a question was answered in the version that is being changed, as its field holds it."""
    said = form.given
    if said is None:
        return None
    if question.type is QuestionType.BLOCKER:
        return None if said.is_blocked is None else YES if said.is_blocked else NO
    answer = said.answers.get(question.id)
    if isinstance(answer, bool):
        return YES if answer else NO
    if question.type is QuestionType.CHOICE:
        return str(question.options.index(answer)) if answer in question.options else None
    return None if answer is None else str(answer)


def spoken(question: Question, value: str | None) -> Answer:
    """What a field's value says, as conditions and records hold it."""
    match question.type:
        case QuestionType.YES_NO | QuestionType.BLOCKER:
            return {YES: True, NO: False}.get(value or "")
        case QuestionType.CHOICE:
            choices = {str(index): text for index, text in enumerate(question.options)}
            return choices.get(value or "")
        case _:
            return value


def organisation_first(form: AnswerForm) -> tuple[Side, Side]:
    """The two sides, the one across first: it is the likelier one to have to act."""
    return form.who.side.other, form.who.side


def _oldest_first(form: AnswerForm) -> list[BlockerLine]:
    return sorted(form.open_blockers, key=lambda line: line.number)


def _may_say(who: Who, line: BlockerLine) -> bool:
    took_it = line.state is BlockerState.OWNED and line.acting and line.acting.participant_id == who.participant_id
    return line.raised_by.side is who.side or bool(took_it)

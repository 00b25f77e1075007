"""The answer modal's fields, turned into what is recorded: outcomes, promises, a blocker, plain answers."""

import math
from datetime import date
from uuid import UUID

from bot import fields, ids
from bot.entries import FARTHEST, Entries, out_of_range
from bot.promises import from_lines
from models.access import Side
from models.cadences.rules import Question, QuestionType
from models.checkins.submissions import Answer, NewBlocker, Outcome, Promise, Still, Verdict
from models.checkins.views import AnswerForm
from models.commitments.rules import MoveCause
from models.commitments.views import CommitmentLine
from models.escalations.ladders import Severity

MOST_PROMISES = 20
_BIGGEST = 1e12
_YES_NO = (fields.YES, fields.NO)
_ANSWER = "Please answer this."


def known_fields(form: AnswerForm) -> frozenset[str]:
    """Block ids of every field the form can show, whatever is chosen."""
    parts = ("", "due", "what", "side", "person", "needed", "severity")
    found = {ids.question(question.id, part) for question in form.questions for part in parts}
    found |= {ids.review(line.id, part) for line in form.commitments for part in ("verdict", "due", "cause", "reason")}
    return frozenset(found | {ids.ASKS} | {ids.still(line.id) for line in form.open_blockers})


def plain_answer(entries: Entries, form: AnswerForm, question: Question) -> Answer:
    """The answer to a question that makes no record; None when it was left empty."""
    block_id = ids.question(question.id)
    missing = _ANSWER if question.required else ""
    governed_by = ids.question(question.only_if[0]) if question.only_if else ""
    match question.type:
        case QuestionType.YES_NO:
            return fields.spoken(question, entries.choice(block_id, _YES_NO, missing, governed_by))
        case QuestionType.CHOICE:
            positions = [str(index) for index in range(len(question.options))]
            missing = missing if positions else ""
            return fields.spoken(question, entries.choice(block_id, positions, missing, governed_by))
        case QuestionType.SCALE:
            steps = [str(step) for step in range(1, fields.SCALE + 1)]
            value = entries.choice(block_id, steps, missing, governed_by)
            return int(value) if value else None
        case QuestionType.NUMBER:
            return _number(entries, block_id, missing, governed_by)
        case QuestionType.DATE:
            latest = form.local_date + FARTHEST
            day = entries.day(block_id, missing, governed_by, earliest=None, latest=latest)
            return day.isoformat() if day else None
        case QuestionType.PERSON:
            people = [str(who.participant_id) for who in form.roster]
            return entries.choice(block_id, people, missing if people else "", governed_by)
        case _:
            return entries.text(block_id, fields.NOTE, missing, governed_by) or None


def outcomes_of(entries: Entries, form: AnswerForm) -> tuple[Outcome, ...]:
    """What became of each open commitment on the form."""
    found = [_outcome(entries, form, line) for line in fields.reviewed(form)]
    return tuple(outcome for outcome in found if outcome is not None)


def _outcome(entries: Entries, form: AnswerForm, line: CommitmentLine) -> Outcome | None:
    block_id, reason_id = ids.review(line.id, "verdict"), ids.review(line.id, "reason")
    chosen = entries.choice(block_id, list(Verdict), f"Please say what became of C-{line.number}.")
    if chosen is None:
        return None
    verdict = Verdict(chosen)
    if verdict in (Verdict.ON_TRACK, Verdict.KEPT):
        return Outcome(line.id, verdict)
    reason = entries.text(reason_id, fields.WHAT, "Please say why, in a few words.", block_id, lines=False)
    if verdict is Verdict.DROPPED:
        return Outcome(line.id, verdict, reason=reason)
    due_id = ids.review(line.id, "due")
    earliest, latest = form.local_date, form.local_date + FARTHEST
    due = entries.day(due_id, "Please choose the new date.", block_id, earliest=earliest, latest=latest)
    said = fields.outcome_given(form, line)
    if due == line.current_due and (said is None or said.new_due != due):
        entries.wrong(due_id, "This is its date already. Choose another one, or say that it is on track.", block_id)
    cause_id = ids.review(line.id, "cause")
    cause = entries.choice(cause_id, list(MoveCause), "Please say whose cause it is.", block_id)
    return Outcome(line.id, verdict, due, MoveCause(cause) if cause else None, reason)


def promises_of(entries: Entries, form: AnswerForm, question: Question) -> tuple[Promise, ...]:
    """Promises, each with its date."""
    block_id, due_id = ids.question(question.id), ids.question(question.id, "due")
    today, latest = form.local_date, form.local_date + FARTHEST
    governed_by = ids.question(question.only_if[0]) if question.only_if else ""
    text = entries.text(block_id, 3000, _ANSWER if question.required else "", governed_by)
    due = entries.day(due_id, "", block_id, earliest=today if text else None, latest=latest)
    found = from_lines(text, due or form.default_due, today)
    if len(found) > MOST_PROMISES:
        entries.wrong(block_id, f"Please keep it to {MOST_PROMISES} promises; these are {len(found)}.")
    for number, promise in enumerate(found, start=1):
        if len(promise.what) > fields.WHAT:
            entries.wrong(block_id, f"Line {number} is too long: a promise has up to {fields.WHAT} characters.")
        elif promise.due != due and promise.due and (problem := out_of_range(promise.due, today, latest)):
            entries.wrong(block_id, f"Line {number}: {problem}")
    return found


def blockers_of(entries: Entries, form: AnswerForm, question: Question) -> tuple[bool | None, tuple[NewBlocker, ...]]:
    """The forced yes or no, and what is in the way."""
    block_id = ids.question(question.id)
    chosen = entries.choice(block_id, _YES_NO, "Please choose yes or no.")
    if chosen != fields.YES:
        return (False if chosen == fields.NO else None), ()
    part = {name: ids.question(question.id, name) for name in ("what", "side", "person", "needed", "severity")}
    what = entries.text(part["what"], fields.WHAT, "Please say what is in the way.", block_id, lines=False)
    side = entries.choice(part["side"], list(Side), "", block_id)
    people = {str(who.participant_id): who.side for who in form.roster}
    person = entries.choice(part["person"], people, "", block_id)
    today = form.local_date
    needed_by = entries.day(part["needed"], "", block_id, earliest=_needed_from(form, today), latest=today + FARTHEST)
    acting_side = people[person] if person else Side(side) if side else None
    rated = Severity(entries.choice(part["severity"], list(Severity), "", block_id) or Severity.S3)
    return True, (NewBlocker(what, acting_side, UUID(person) if person else None, needed_by, rated),)


def still_of(entries: Entries, form: AnswerForm) -> tuple[Still, ...]:
    """The word on each open blocker asked about."""
    found = []
    for line in fields.still_asked(form):
        missing = f"Please say whether B-{line.number} is still in the way."
        chosen = entries.choice(ids.still(line.id), _YES_NO, missing)
        if chosen is not None:
            found.append(Still(line.id, chosen == fields.YES))
    return tuple(found)


def _needed_from(form: AnswerForm, today: date) -> date:
    """A date said in time may be said again when the answer is changed after it has passed."""
    said = [blocker.needed_by for blocker in form.given.blockers if blocker.needed_by] if form.given else []
    return min([today, *said])


def _number(entries: Entries, block_id: str, missing: str, governed_by: str) -> int | float | None:
    text = entries.text(block_id, 40, missing, governed_by)
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or abs(number) > _BIGGEST:
        entries.wrong(block_id, "Please enter a number.", governed_by)
        return None
    return int(number) if number.is_integer() else number

"""Modals that were sent, as records. Everything wrong is said at once, each on its own field.

Nothing here raises anything but Invalid, whatever the view is.
"""

from collections.abc import Set
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from bot import fields, ids
from bot.answers import blockers_of, known_fields, outcomes_of, plain_answer, promises_of, still_of
from bot.entries import FARTHEST, Entries, input_ids, read_draft
from models.access import Side
from models.asks import reading
from models.blockers.rules import NewBlocker
from models.blockers.views import RaiseForm
from models.cadences.rules import QuestionType
from models.checkins.submissions import Answer, Outcome, Promise, Submission
from models.checkins.views import AnswerForm
from models.errors import Invalid
from models.escalations.ladders import LONGEST_SNOOZE, Severity

_DAY = timedelta(days=1)
_BACK = timedelta(days=31)
"""How long ago an absence that is entered now can have begun."""


@dataclass(frozen=True, slots=True)
class Escalate:
    """Something to be escalated."""

    what: str
    against: Side
    severity: Severity
    why: str


@dataclass(frozen=True, slots=True)
class Away:
    """A range of local days, both included."""

    first: date
    last: date


def answer(view: object, form: AnswerForm) -> Submission:
    """What a person says in the answer modal. Raises Invalid with every problem by block id."""
    entries = Entries(view, known_fields(form))
    answers: dict[str, Answer] = {}
    outcomes: tuple[Outcome, ...] = ()
    promises: tuple[Promise, ...] = ()
    is_blocked: bool | None = None
    blockers: tuple[NewBlocker, ...] = ()
    for question in fields.questions(form, entries.draft):
        match question.type:
            case QuestionType.REVIEW:
                outcomes = outcomes_of(entries, form)
            case QuestionType.PROMISES:
                promises = promises_of(entries, form, question)
            case QuestionType.BLOCKER:
                is_blocked, blockers = blockers_of(entries, form, question)
            case _:
                said = plain_answer(entries, form, question)
                answers |= {} if said is None else {question.id: said}
    still = still_of(entries, form)
    asks = _asks(entries.text(ids.ASKS, fields.NOTE))
    entries.check()
    return Submission(answers, outcomes, promises, is_blocked, blockers, still, asks=asks)


def _asks(text: str) -> tuple[str, ...]:
    """The questions to the other side, one a line; "question:" before one says nothing more here."""
    lines = (line.strip(" \t-•*") for line in text.splitlines())
    bare = (line if (found := reading.asked(line)) is None else found for line in lines)
    return tuple(dict.fromkeys(line for line in bare if line))


def is_stale(view: object, fields: Set[str]) -> bool:
    """Whether a view that was sent shows other fields than the modal drawn from the present state."""
    return set(input_ids(view)) != fields


def reason(view: object) -> str:
    """Why somebody skips. Raises Invalid."""
    return _one_text(view, ids.REASON, fields.WHAT, "Please say why, in a few words.")


def note(view: object, *, is_required: bool) -> str:
    """A word on a blocker: where it stands, or how it was resolved. Raises Invalid."""
    return _one_text(view, ids.NOTE, fields.NOTE, "Please write a word on where it stands." if is_required else "")


def new_blocker(view: object, form: RaiseForm) -> NewBlocker:
    """A new blocker. Raises Invalid."""
    entries = Entries(view, (ids.WHAT, ids.SIDE, ids.PERSON, ids.NEEDED, ids.SEVERITY))
    what = entries.text(ids.WHAT, fields.WHAT, "Please say what is in the way.", lines=False)
    side = entries.choice(ids.SIDE, list(Side), "Please say who must act.")
    person = entries.choice(ids.PERSON, [str(who.participant_id) for who in form.roster])
    needed = entries.day(ids.NEEDED, earliest=form.today, latest=form.today + FARTHEST)
    chosen = entries.choice(ids.SEVERITY, list(Severity))
    entries.check()
    acting_id = UUID(person) if person else None
    return NewBlocker(what, Side(side) if side else None, acting_id, needed, Severity(chosen or Severity.S3))


def severity(view: object) -> tuple[Severity, str]:
    """A severity and a word on it. Raises Invalid."""
    entries = Entries(view, (ids.SEVERITY, ids.NOTE))
    chosen = entries.choice(ids.SEVERITY, list(Severity), "Please choose one.")
    said = entries.text(ids.NOTE, fields.NOTE)
    entries.check()
    return Severity(chosen or Severity.S3), said


def rest(view: object, today: date) -> tuple[date, str]:
    """Until which day something is to rest, and why. Raises Invalid."""
    entries = Entries(view, (ids.UNTIL, ids.NOTE))
    day = entries.day(ids.UNTIL, "Please choose a day.", earliest=today + _DAY, latest=today + LONGEST_SNOOZE)
    said = entries.text(ids.NOTE, fields.NOTE)
    entries.check()
    return day or today, said


def escalation(view: object) -> Escalate:
    """Something to be escalated, in somebody's own words. Raises Invalid."""
    entries = Entries(view, (ids.WHAT, ids.SIDE, ids.SEVERITY, ids.NOTE))
    what = entries.text(ids.WHAT, fields.WHAT, "Please say what is stuck.", lines=False)
    side = entries.choice(ids.SIDE, list(Side), "Please say who must act.")
    chosen = entries.choice(ids.SEVERITY, list(Severity), "Please choose one.")
    said = entries.text(ids.NOTE, fields.NOTE)
    entries.check()
    return Escalate(what, Side(side or Side.VENDOR), Severity(chosen or Severity.S3), said)


def away(view: object, today: date) -> Away:
    """The days somebody is away; `today` is their local date. Raises Invalid."""
    entries = Entries(view, (ids.FIRST_DAY, ids.LAST_DAY))
    latest = today + FARTHEST
    first = entries.day(ids.FIRST_DAY, "Please choose the first day.", earliest=today - _BACK, latest=latest)
    last = entries.day(ids.LAST_DAY, "Please choose the last day.", earliest=today, latest=latest)
    if first and last and last < first:
        entries.wrong(ids.LAST_DAY, "The last day lies before the first one.")
    entries.check()
    return Away(first or today, last or today)


def chosen_checkin(view: object) -> UUID:
    """The check-in somebody chose. Raises Invalid."""
    entries = Entries(view, (ids.CHECKIN,))
    text = entries.text(ids.CHECKIN, 40, "Please choose one.")
    entries.check()
    try:
        return UUID(text)
    except ValueError:
        raise Invalid({ids.CHECKIN: "Please choose one."}) from None


def _one_text(view: object, block_id: str, most: int, missing: str) -> str:
    entries = Entries(view, (block_id,))
    text = entries.text(block_id, most, missing)
    entries.check()
    return text


__all__ = ["Away", "answer", "away", "chosen_checkin", "is_stale", "new_blocker", "note", "read_draft", "reason"]

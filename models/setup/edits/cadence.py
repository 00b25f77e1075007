"""Add, change or stop a cadence. `about` is its key, or `new:` and a kind."""

from dataclasses import replace

from models.access import Side
from models.cadences.defaults import QUESTION_SETS
from models.cadences.rules import CadenceKind
from models.errors import NotFound
from models.setup import values as parse
from models.setup.cadences import default_entry, repeats_text
from models.setup.edits.typed import Typed, Values, checked
from models.setup.file import CadenceEntry, EngagementFile
from models.setup.found import Found

NEW = "new:"


def initial(file: EngagementFile, about: str, _: Found | None = None) -> Values:
    """Title, recurrence in words, time, zone; for what asks people also window, reminder, and what silence does."""
    entry = entry_of(file, about)
    shown = {
        "title": entry.title,
        "repeats": repeats_text(entry),
        "at": f"{entry.at:%H:%M}",
        "zone": entry.zone or parse.OWN_ZONE,
    }
    if entry.kind is not CadenceKind.SUMMARY:
        shown["window"] = parse.span_text(entry.window_minutes)
        shown["reminder"] = parse.span_text(entry.reminder_minutes)
        shown["missed"] = str(entry.escalate_after or "none")
    return shown


def edited(file: EngagementFile, about: str, _: Found | None, values: Values) -> EngagementFile:
    """The file with this cadence as filled in."""
    entry = entry_of(file, about)
    typed = Typed(values)
    entry = replace(
        entry,
        title=typed.needed("title", parse.name, entry.title, "Please give it a title."),
        repeats=typed.needed("repeats", str, entry.repeats, "Please say on which days."),
        at=typed.needed("at", parse.clock, entry.at, "Please choose a time."),
        zone=typed.read("zone", parse.cadence_zone, entry.zone),
    )
    if entry.kind is not CadenceKind.SUMMARY:
        entry = replace(
            entry,
            window_minutes=typed.read("window", parse.span, entry.window_minutes),
            reminder_minutes=typed.read("reminder", parse.span, entry.reminder_minutes),
            escalate_after=typed.read("missed", parse.count, entry.escalate_after),
        )
    typed.check()
    if entry.repeats == repeats_text(entry_of(file, about)):
        entry = replace(entry, repeats=entry_of(file, about).repeats)
    others = tuple(cadence for cadence in file.cadences if cadence.key != entry.key)
    return checked(with_questions(replace(file, cadences=(*others, entry))), values)


def nothing(_: EngagementFile, __: str, ___: Found | None = None) -> Values:
    """Nothing has to be filled in."""
    return {}


def stopped(file: EngagementFile, about: str, _: Found | None, __: Values) -> EngagementFile:
    """The file without this cadence. What was said stays."""
    gone = entry_of(file, about)
    kept = tuple(cadence for cadence in file.cadences if cadence is not gone)
    return checked(with_questions(replace(file, cadences=kept)), {})


def entry_of(file: EngagementFile, about: str) -> CadenceEntry:
    """The cadence a form is about. Raises NotFound."""
    if about.startswith(NEW) and about.removeprefix(NEW) in {kind.value for kind in CadenceKind}:
        kind = CadenceKind(about.removeprefix(NEW))
        return default_entry(kind, file.zone, _free_key(file, kind))
    found = next((cadence for cadence in file.cadences if cadence.key == about), None)
    if found is None:
        raise NotFound("That check-in")
    return found


def with_questions(file: EngagementFile) -> EngagementFile:
    """The file with the question sets that its cadences ask, and no others."""
    known = {questions.key: questions for questions in file.questions}
    asked = dict.fromkeys(key for cadence in file.cadences for key in cadence.questions.values())
    return replace(file, questions=tuple(known.get(key) or QUESTION_SETS[key] for key in asked))


def asked_in(file: EngagementFile, key: str) -> tuple[tuple[CadenceEntry, Side], ...]:
    """Which cadences ask a set, and which side."""
    return tuple((cadence, side) for cadence in file.cadences for side in Side if cadence.questions.get(side) == key)


def _free_key(file: EngagementFile, kind: CadenceKind) -> str:
    used = {cadence.key for cadence in file.cadences}
    candidates = (kind.value, *(f"{kind.value}-{number}" for number in range(2, len(used) + 3)))
    return next(key for key in candidates if key not in used)

"""The cadences of an engagement file. A kind brings its defaults, so that `daily:` alone is enough."""

from dataclasses import replace
from datetime import date

from models.access import Side
from models.cadences.defaults import CADENCES, QUESTION_SETS, QuestionList, default_key, default_reminder
from models.cadences.rules import CadenceKind
from models.calendars.recurrence import BadRecurrence, Recurrence, describe, parse
from models.setup import values
from models.setup.fields import Section, Spot
from models.setup.file import CadenceEntry

_MOST = 20
_SHORTEST_WINDOW = 15
_LONGEST_WINDOW = {CadenceKind.DAILY: 24 * 60, CadenceKind.WEEKLY: 6 * 24 * 60, CadenceKind.SUMMARY: 0}
_SOME_MONDAY = date(2024, 1, 1)
_ASKS_NOBODY = "A summary asks nobody. Remove this line."

ESCALATE_AFTER = {CadenceKind.DAILY: 3, CadenceKind.WEEKLY: 2, CadenceKind.SUMMARY: 0}
"""Check-ins in a row that a whole side may miss, unless a file says otherwise."""

Sets = dict[str, tuple[Spot, QuestionList]]


def read_cadences(spot: Spot | None, zone: str, own_sets: Sets) -> tuple[CadenceEntry, ...]:
    """The cadences; without the field, one of each kind. `zone` is the engagement's."""
    if spot is None:
        return tuple(default_entry(kind, zone) for kind in CadenceKind)
    return tuple(_cadence(key, Section(item), zone, own_sets) for key, item in spot.named(_MOST))


def default_entry(kind: CadenceKind, zone: str, key: str | None = None) -> CadenceEntry:
    """A cadence of a kind, as it is if a file says no more."""
    default = CADENCES[kind]
    is_summary = kind is CadenceKind.SUMMARY
    return CadenceEntry(
        key=key or kind.value,
        kind=kind,
        title=default.title,
        repeats=default.repeats,
        at=default.at,
        zone=None if default.is_personal else zone,
        window_minutes=default.window_minutes,
        reminder_minutes=default_reminder(default.window_minutes),
        questions={} if is_summary else {side: default_key(kind, side) for side in Side},
        escalate_after=ESCALATE_AFTER[kind],
    )


def repeats_text(cadence: CadenceEntry) -> str:
    """When a cadence recurs, in plain words where they say the same, else as its rule."""
    if cadence.starts_on is None:
        return cadence.repeats
    try:
        rule = Recurrence(cadence.repeats, cadence.starts_on)
        words = describe(rule)
        return words if parse(words, cadence.starts_on) == rule else cadence.repeats
    except BadRecurrence:
        return cadence.repeats


def _cadence(key: str, fields: Section, zone: str, own_sets: Sets) -> CadenceEntry:
    try:
        values.slug(key)
    except values.BadValue as error:
        fields.spot.wrong(str(error))
    known = key if key in {kind.value for kind in CadenceKind} else ""
    kind = fields.value(
        "kind",
        lambda text: values.one_of(CadenceKind, text),
        CadenceKind(known) if known else CadenceKind.DAILY,
        needed="" if known else "daily, weekly or summary.",
    )
    default = default_entry(kind, zone, key)
    window, reminder = _times(fields, default)
    entry = CadenceEntry(
        key=key,
        kind=kind,
        title=fields.value("title", values.name, default.title),
        repeats=fields.value("repeats", str.strip, default.repeats),
        at=fields.value("at", values.clock, default.at),
        zone=fields.value("zone", values.cadence_zone, default.zone),
        window_minutes=window,
        reminder_minutes=reminder,
        questions=_questions(fields, default, own_sets),
        escalate_after=_escalate_after(fields, default),
        starts_on=fields.value("starts_on", values.day, None),
        ends_on=fields.value("ends_on", values.day, None),
    )
    _check(fields, entry)
    fields.finish()
    return replace(entry, repeats=_rule(fields.field("repeats") or fields.spot, entry))


def _times(fields: Section, default: CadenceEntry) -> tuple[int, int]:
    """Window and reminder, in minutes."""
    if default.kind is CadenceKind.SUMMARY:
        fields.without(("window", "reminder"), _ASKS_NOBODY)
        return default.window_minutes, default.reminder_minutes
    window = fields.value("window", values.span, default.window_minutes)
    longest = _LONGEST_WINDOW[default.kind]
    if not _SHORTEST_WINDOW <= window <= longest and (spot := fields.field("window")):
        spot.wrong(
            f"A window lasts {_SHORTEST_WINDOW} minutes to {values.span_text(longest)} for a {default.kind} cadence."
        )
    reminder = fields.value("reminder", values.span, default_reminder(window))
    if reminder >= window and (spot := fields.field("reminder")):
        spot.wrong("The reminder comes before the deadline and after the question: make it shorter than the window.")
    return window, reminder


def _questions(fields: Section, default: CadenceEntry, own_sets: Sets) -> dict[Side, str]:
    if default.kind is CadenceKind.SUMMARY:
        fields.without(("questions",), _ASKS_NOBODY)
        return {}
    chosen = dict(default.questions)
    named = fields.section("questions")
    if named is None:
        return chosen
    known = sorted({*QUESTION_SETS, *own_sets})

    def existing(text: str) -> str:
        if text not in known:
            raise values.BadValue(f"There are no questions “{text[:64]}”. There are: {', '.join(known)}.")
        return text

    for side in Side:
        chosen[side] = named.value(side, existing, chosen[side])
    named.finish()
    return chosen


def _escalate_after(fields: Section, default: CadenceEntry) -> int:
    if default.kind is CadenceKind.SUMMARY:
        fields.without(("escalate_after",), _ASKS_NOBODY)
        return 0
    return fields.value("escalate_after", values.count, default.escalate_after)


def _check(fields: Section, entry: CadenceEntry) -> None:
    if entry.kind is CadenceKind.SUMMARY and entry.zone is None and (zone := fields.field("zone")):
        zone.wrong("A summary is posted once for all: name one time zone, such as Europe/Paris.")
    if entry.starts_on and entry.ends_on and entry.ends_on < entry.starts_on and (end := fields.field("ends_on")):
        end.wrong(f"It ends before it starts on {entry.starts_on}.")


def _rule(spot: Spot, entry: CadenceEntry) -> str:
    """The rule in canonical form where its first day is known; otherwise as written, but checked."""
    if entry.starts_on is None and any(part in entry.repeats.upper() for part in ("COUNT=", "UNTIL=")):
        spot.wrong("With COUNT or UNTIL write `starts_on` too, so that it is clear what is counted.")
        return entry.repeats
    try:
        rule = parse(entry.repeats, entry.starts_on or _SOME_MONDAY).rule
    except BadRecurrence as error:
        spot.wrong(str(error))
        return entry.repeats
    return rule if entry.starts_on else entry.repeats

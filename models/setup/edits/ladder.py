"""Change the ladder of one severity. `about` is the severity; a level is a group of fields, counted from 1."""

from dataclasses import replace

from models.access import Side
from models.errors import NotFound
from models.escalations.ladders import MOST_LEVELS, Climb, Ladder, Level, Severity, Wait, WaitsIn
from models.setup import values as parse
from models.setup.edits.typed import Typed, Values, checked
from models.setup.file import EngagementFile
from models.setup.found import Found
from models.setup.ladder import told_word, wait_text

ALWAYS = "always"
"""Stands in the field of the clock: day and night."""


def initial(file: EngagementFile, about: str, _: Found | None = None) -> Values:
    """The clock, the update, every level, and one more that is empty."""
    climb = file.ladder.climb(severity_of(about))
    shown = {"clock": ALWAYS if climb.around_the_clock else climb.waits_in.value, "update": wait_text(climb.update)}
    for number, level in enumerate(climb.levels, 1):
        shown |= {name_of(side.value, number): " ".join(level.told.get(side, ())) for side in Side}
        shown |= {name_of("wait", number): wait_text(level.wait), name_of("channel", number): level.channel or ""}
    if len(climb.levels) < MOST_LEVELS:
        shown |= dict.fromkeys((name_of(part, len(climb.levels) + 1) for part in _PARTS), "")
    return shown


def edited(file: EngagementFile, about: str, _: Found | None, values: Values) -> EngagementFile:
    """The file with these levels. One of which nobody is told is taken out; what climbs already keeps its ladder."""
    severity = severity_of(about)
    before = file.ladder.climb(severity)
    typed = Typed(values)
    clock = typed.text("clock")
    levels = [_level(typed, number, before) for number in range(1, levels_in(values) + 1)]
    climb = Climb(
        levels=tuple(level for level in levels if level is not None),
        update=typed.needed("update", parse.wait, before.update, "Please say how often, such as 4h or 1d."),
        around_the_clock=clock == ALWAYS,
        waits_in=WaitsIn.MUST_ACT if clock == ALWAYS else typed.read("clock", _clock, before.waits_in),
    )
    typed.check()
    return checked(replace(file, ladder=Ladder({**file.ladder.climbs, severity: climb})), values)


def severity_of(about: str) -> Severity:
    """The severity a form is about. Raises NotFound."""
    if about not in {severity.value for severity in Severity}:
        raise NotFound("That severity")
    return Severity(about)


def name_of(part: str, number: int) -> str:
    """The field of a part of a level: `inhouse`, `vendor`, `wait` or `channel`."""
    return f"{part}{number}"


def levels_in(values: Values) -> int:
    """How many levels a form has room for."""
    return sum(name_of("wait", number) in values for number in range(1, MOST_LEVELS + 1))


_PARTS = (*(side.value for side in Side), "wait", "channel")


def _level(typed: Typed, number: int, before: Climb) -> Level | None:
    known = before.levels[number - 1] if number <= len(before.levels) else None
    told = {side: _told(typed, name_of(side.value, number), known, side) for side in Side}
    wait_field = name_of("wait", number)
    if not any(told.values()):
        if known is None and (typed.text(wait_field) or typed.text(name_of("channel", number))):
            typed.wrong(name_of(Side.INHOUSE.value, number), "Please say who is told, or leave the level empty.")
        return None
    return Level(
        wait=typed.needed(wait_field, parse.wait, Wait(minutes=60), "How long do they have, such as 4h or 2d?"),
        told=told,
        channel=typed.read(name_of("channel", number), parse.channel_id, None),
    )


def _told(typed: Typed, name: str, known: Level | None, side: Side) -> tuple[str, ...]:
    """Who is told. The order says nothing: where they are the same, it stays as it was."""
    words: list[str] = []
    for word in typed.text(name).split():
        try:
            words.append(told_word(word))
        except ValueError as error:
            typed.wrong(name, str(error))
    before = known.told.get(side, ()) if known else ()
    return before if set(before) == set(words) else tuple(dict.fromkeys(words))


def _clock(text: str) -> WaitsIn:
    return parse.one_of(WaitsIn, text)

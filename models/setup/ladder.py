"""The ladder of an engagement file: read, and written back where it differs from the default."""

from typing import Any

from models.access import Side
from models.escalations.ladders import DEFAULT, MOST_LEVELS, ROLES, Climb, Ladder, Level, Severity, Wait, WaitsIn
from models.setup import values
from models.setup.fields import Section, Spot

_MOST_TOLD = 20


def read_ladder(spot: Spot | None) -> Ladder:
    """The ladder; what a file does not say is the default's."""
    if spot is None:
        return DEFAULT
    fields = Section(spot)
    climbs = dict(DEFAULT.climbs)
    for severity in Severity:
        if section := fields.section(severity.value):
            climbs[severity] = _climb(section, DEFAULT.climb(severity))
    fields.finish()
    return Ladder(climbs)


def ladder_fields(ladder: Ladder) -> dict[str, Any]:
    """What of a ladder differs from the default, as a file holds it."""
    return {
        severity.value: _fields(ladder.climb(severity), DEFAULT.climb(severity))
        for severity in Severity
        if ladder.climb(severity) != DEFAULT.climb(severity)
    }


def told_word(text: str) -> str:
    """A role, or anybody by Slack id: who is not on the roster any more is passed over when the level is told.

    Raises BadValue for anything else.
    """
    if text in ROLES:
        return text
    try:
        return values.user_id(text)
    except values.BadValue:
        roles = ", ".join(sorted(ROLES))
        raise values.BadValue(f"“{text[:40]}” is neither a role ({roles}) nor a person's Slack id.") from None


def wait_text(wait: Wait) -> str:
    """As `values.wait` reads it."""
    return f"{wait.days}d" if wait.days else values.span_text(wait.minutes)


def facts(climb: Climb) -> dict[str, str]:
    """A severity's levels in words, for the plan of changes."""
    shown = {f"level {number}": _level_text(level) for number, level in enumerate(climb.levels, 1)}
    clock = "around the clock" if climb.around_the_clock else f"working time of {climb.waits_in.value}"
    return {"update every": wait_text(climb.update), "waits in": clock, **(shown or {"levels": "none"})}


def _climb(fields: Section, default: Climb) -> Climb:
    spot = fields.field("levels")
    climb = Climb(
        levels=_levels(spot) if spot else default.levels,
        update=fields.value("update", values.wait, default.update),
        around_the_clock=fields.value("around_the_clock", values.yes_no, default.around_the_clock),
        waits_in=fields.value("waits_in", lambda text: values.one_of(WaitsIn, text), default.waits_in),
    )
    if climb.around_the_clock and (where := fields.field("waits_in")):
        where.wrong("Around the clock nobody's working time is waited for. Remove one of the two lines.")
    fields.finish()
    return climb


def _levels(spot: Spot) -> tuple[Level, ...]:
    return tuple(_level(Section(item)) for item in spot.items(MOST_LEVELS))


def _level(fields: Section) -> Level:
    level = Level(
        wait=fields.value("wait", values.wait, Wait(minutes=60), needed="How long they have, such as 4h or 2d."),
        told={side: _told(fields.field(side.value)) for side in Side},
        channel=fields.value("channel", values.channel_id, None),
    )
    if not any(level.told.values()):
        fields.spot.wrong("Nobody is told. Name roles or people under `inhouse` and `vendor`.")
    fields.finish()
    return level


def _told(spot: Spot | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item.read(told_word, "") for item in spot.items(_MOST_TOLD))) if spot else ()


def _fields(climb: Climb, default: Climb) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if climb.update != default.update:
        fields["update"] = wait_text(climb.update)
    if climb.around_the_clock != default.around_the_clock:
        fields["around_the_clock"] = "yes" if climb.around_the_clock else "no"
    if climb.waits_in is not default.waits_in:
        fields["waits_in"] = climb.waits_in.value
    if climb.levels != default.levels:
        fields["levels"] = [_level_fields(level) for level in climb.levels]
    return fields


def _level_fields(level: Level) -> dict[str, Any]:
    told = {side.value: list(level.told[side]) for side in Side if level.told.get(side)}
    return {"wait": wait_text(level.wait), **told, **({"channel": level.channel} if level.channel else {})}


def _level_text(level: Level) -> str:
    told = " and ".join(f"{side.value} {', '.join(level.told[side])}" for side in Side if level.told.get(side))
    return f"{told}; {wait_text(level.wait)}{f'; in {level.channel}' if level.channel else ''}"

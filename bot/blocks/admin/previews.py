"""What a change or a set-up would do: the plan in words, and the next occurrences on everybody's clock."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import LiteralString

from slack_sdk.models.blocks import Block

from bot.blocks import kit
from bot.blocks.markup import NOTHING, Markup, esc, join, say
from models.access import Side
from models.setup.file import EngagementFile
from models.setup.plan import Change, Deed, Plan
from models.setup.preview import Occurrence, Preview

MOST_CHANGES = 12
_ID = re.compile(r" \([UW][A-Z0-9]+\)$")
_DEEDS: dict[Deed, LiteralString] = {Deed.ADDED: "Added", Deed.CHANGED: "Changed", Deed.REMOVED: "Removed"}
_NAMES = 4


def plan(changes: Plan) -> Iterator[Block | None]:
    """Each thing that changes, with its facts before and after."""
    for change in changes.changes[:MOST_CHANGES]:
        yield kit.section(*_change(change))
    if changes.elsewhere:
        yield kit.context(say("Name, time zone and hours are a person's own: they change in other engagements too."))
    rest = len(changes.changes) - MOST_CHANGES
    if rest > 0:
        yield kit.context(say("and {} more", rest))


def occurrences(shown: Preview, file: EngagementFile, title: str) -> Iterator[Block | None]:
    """The next occurrences of a cadence, a line each; places where it is the same time stand together."""
    if not shown.occurrences:
        yield kit.section(say("It never happens again: its last day is over."))
        return
    count = kit.plural(len(shown.occurrences), "time")
    yield kit.section(say("*{}: the next {}, on everybody's clock*", esc(kit.fit_title(title)), count))
    yield kit.context(join(" · ", [_clock(clock.zone, clock.names) for clock in shown.clocks]))
    yield kit.section(*[_occurrence(item, shown, file) for item in shown.occurrences])


def city(zone: str) -> str:
    """A time zone as people say it: "Sao Paulo"."""
    return zone.rpartition("/")[2].replace("_", " ")


def _change(change: Change) -> Iterator[Markup]:
    thing, deed = _ID.sub("", change.thing), Markup(_DEEDS[change.deed])
    summary = esc(change.summary, 600) if change.summary else NOTHING
    yield join(": ", [say("*{}* {}", deed, esc(thing, 120)), summary])
    for name, before, after in change.facts:
        yield say("• {}: {} → *{}*", esc(name, 80), _value(name, before), _value(name, after))


def _value(name: str, value: str | None) -> Markup:
    """A value of a fact. Only a channel's is a link: countries, zones and companies look like ids of channels, too."""
    if not value:
        return say("none")
    return (kit.channel(value) if name.endswith("channel") else NOTHING) or esc(value, 200)


def _clock(zone: str, names: tuple[str, ...]) -> Markup:
    more = len(names) - _NAMES
    shown = join(", ", [esc(name, kit.NAME) for name in names[:_NAMES]])
    return say("*{}*: {}{}", city(zone), shown, say(" and {} more", more) if more > 0 else NOTHING)


def _occurrence(item: Occurrence, shown: Preview, file: EngagementFile) -> Markup:
    walls = {(moment.date(), moment.time()) for moment in item.times}
    if len(walls) == 1:
        times = [say("{} for each", f"{item.times[0]:%H:%M}")]
    else:
        cities: dict[str, list[str]] = {}
        for clock, moment in zip(shown.clocks, item.times, strict=True):
            cities.setdefault(_at(moment, item), []).append(city(clock.zone))
        times = [say("{} {}", ", ".join(names), time) for time, names in cities.items()]
    off = [
        say("_{}: {}_", esc(file.company if side is Side.INHOUSE else file.vendor, kit.NAME), esc(name, 60))
        for side, name in item.holidays
    ]
    return join(" · ", [say("*{}*", kit.day(item.day)), *times, *off])


def _at(moment: datetime, item: Occurrence) -> str:
    other = f" ({kit.day(moment.date())})" if moment.date() != item.day else ""
    return f"{moment:%H:%M}{other}"

"""The figures on escalations in the weekly summary: lengths in working time of whoever had to act, with the trend."""

from collections.abc import Sequence
from datetime import timedelta

from bot.blocks import kit
from bot.blocks.escalations import span
from bot.blocks.markup import NOTHING, Markup, esc, join, say
from models.engagements.views import Parties
from models.escalations.figures import Figures


def told(now: Sequence[Figures], before: Sequence[Figures], parties: Parties) -> list[Markup]:
    """A line for all, and one for each side that had to act."""
    if not now or now[0].is_empty:
        return []
    return [_line(row, _same(before, row), parties) for row in now if row.severity is None]


def by_severity(now: Sequence[Figures], before: Sequence[Figures], parties: Parties) -> list[Markup]:
    """A line for each severity, for the detail."""
    return [_line(row, _same(before, row), parties) for row in now if row.severity is not None]


def _same(before: Sequence[Figures], row: Figures) -> Figures | None:
    return next((old for old in before if (old.side, old.severity) == (row.side, row.severity)), None)


def _line(row: Figures, old: Figures | None, parties: Parties) -> Markup:
    name = say("{} to act", esc(parties.name(row.side), kit.NAME)) if row.side else say("All")
    if row.severity:
        name = say("{}", row.severity.value)
    counts = say("{} raised, {} resolved, {} open", row.raised, row.resolved, row.open)
    more = join(
        ", ",
        [
            say("{} opened again", row.reopened) if row.reopened else NOTHING,
            say("{} at the end of the ladder", row.exhausted) if row.exhausted else NOTHING,
            say("oldest open {}", span(row.oldest_open)) if row.oldest_open is not None else NOTHING,
        ],
    )
    return join(" · ", [say("{}: {}", name, counts), _owned(row, old), _solved(row, old), more])


def _owned(row: Figures, old: Figures | None) -> Markup:
    if row.to_acknowledge is None or row.to_acknowledge_median is None:
        first = say("owned after: no data")
    else:
        trend = _trend(row.to_acknowledge, old.to_acknowledge if old else None)
        first = say("owned after {} (median {}){}", span(row.to_acknowledge), span(row.to_acknowledge_median), trend)
    if row.in_target_of == 0:
        return first
    return say("{}, in time {}", first, kit.share(row.in_target, row.in_target_of))


def _solved(row: Figures, old: Figures | None) -> Markup:
    if row.to_resolve is None or row.to_resolve_median is None or row.to_resolve_p90 is None:
        return say("solved after: no data")
    trend = _trend(row.to_resolve, old.to_resolve if old else None)
    spread = say("median {}, nine of ten within {}", span(row.to_resolve_median), span(row.to_resolve_p90))
    return say("solved after {} ({}){}", span(row.to_resolve), spread, trend)


def _trend(now: timedelta, before: timedelta | None) -> Markup:
    """Against last week; nothing where there is nothing to compare with."""
    if before is None:
        return NOTHING
    if now == before:
        return say(", as last week")
    word = "slower" if now > before else "faster"
    return say(", {} than last week ({})", word, span(before))

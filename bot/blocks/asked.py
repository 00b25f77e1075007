"""Answers to each other's questions in the weekly summary: the same figures for both sides, each with its numbers."""

from bot.blocks import kit
from bot.blocks.asks import listed_row, span
from bot.blocks.markup import NOTHING, Markup, esc, join, say
from models.asks.views import AskFigures, Response
from models.summaries.views import Summary

_FEW = 10
"""Fewer answers than this say little, and the row says so."""


def rows(view: Summary) -> list[Markup]:
    """One row a side."""
    if not view.facts.asks:
        return [say("no data")]
    before = {figures.side: figures for figures in view.facts.asks_before}
    return [_row(view, figures, before.get(figures.side)) for figures in view.facts.asks]


def open_rows(view: Summary) -> list[Markup]:
    """The questions that somebody still has a turn on."""
    return [listed_row(line, view.parties) for line in view.facts.asks_waiting]


def overdue_rows(view: Summary) -> list[Markup]:
    """Those whose time has passed: they need a decision."""
    return [listed_row(line, view.parties) for line in view.facts.asks_waiting if line.is_overdue]


def _row(view: Summary, now: AskFigures, before: AskFigures | None) -> Markup:
    name = esc(view.parties.name(now.side), kit.NAME)
    if not (now.first.count or now.later.count or now.decided or now.waiting):
        return say("{}: no data, it was asked nothing", name)
    few = say("few, so the figures say little") if now.first.count + now.later.count < _FEW else NOTHING
    parts = [
        say("{}: {} in time", name, kit.share(now.met, now.decided)),
        _times(say("first answer"), now.first, before.first if before else None),
        _times(say("next answers"), now.later, before.later if before else None) if now.later.count else NOTHING,
        _open(now),
        few,
    ]
    return join(" · ", parts)


def _times(what: Markup, now: Response, before: Response | None) -> Markup:
    """Working time to an answer, with last week's."""
    if now.median is None or now.mean is None or now.p90 is None:
        return say("{}: no data", what)
    trend = say(", last week {}", span(before.median)) if before and before.median is not None else NOTHING
    return say(
        "{} after {} (median of {}; mean {}, nine of ten within {}{})",
        what,
        span(now.median),
        now.count,
        span(now.mean),
        span(now.p90),
        trend,
    )


def _open(now: AskFigures) -> Markup:
    if not now.waiting or now.oldest is None:
        return NOTHING
    overdue = say(", {} overdue", now.overdue) if now.overdue else NOTHING
    return say("{} waiting{}, the longest for {}", now.waiting, overdue, span(now.oldest))

"""Figures of one side's answers to questions. Pure.

Lengths are working time of the side that was asked. A turn counts among the lengths in the span in which it ended, and
among those in time or not in the span in which its deadline lies; one open past its deadline is a breach now.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.access import Side
from models.asks.rules import Turn
from models.asks.views import AskFigures, Response


@dataclass(frozen=True, slots=True)
class Measured:
    """One turn with its length so far."""

    turn: Turn
    side: Side
    is_first: bool
    length: timedelta
    """Working time from its start to its end, or to now."""


def figures(
    side: Side, ended: Sequence[Measured], due: Sequence[Measured], waiting: Sequence[Measured], now: datetime
) -> AskFigures:
    """One side's figures from the turns that ended, fell due, and wait."""
    own = [item for item in ended if item.side is side]
    verdicts = [item.turn.is_met(now) for item in due if item.side is side]
    open_now = [item for item in waiting if item.side is side]
    return AskFigures(
        side=side,
        first=response([item.length for item in own if item.is_first]),
        later=response([item.length for item in own if not item.is_first]),
        met=verdicts.count(True),
        breached=verdicts.count(False),
        waiting=len(open_now),
        overdue=sum(item.turn.is_met(now) is False for item in open_now),
        oldest=max((item.length for item in open_now), default=None),
    )


def response(lengths: Sequence[timedelta]) -> Response:
    """Mean, median and 90th percentile (nearest rank) of lengths; no data for none."""
    if not lengths:
        return Response(0, None, None, None)
    ordered = sorted(lengths)
    rank = -(-9 * len(ordered) // 10)  # in whole numbers: 0.9 is none
    return Response(
        count=len(ordered),
        mean=sum(ordered, timedelta()) / len(ordered),
        median=(ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2,
        p90=ordered[rank - 1],
    )

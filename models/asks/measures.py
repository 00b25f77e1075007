"""Measuring the turns of an engagement's questions over a span of time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, select

from models.access import Side
from models.asks import queries
from models.asks.figures import Measured, figures
from models.asks.tables import Ask
from models.asks.views import AskFigures
from models.calendars.working_time import working_time_between
from models.db import Tx
from models.engagements.queries import Crew

_LONGEST_TURN = timedelta(days=60)
"""How long after a question was closed one of its deadlines can still lie ahead."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Turns that were counted before, by the entry that began them."""

    ended: frozenset[UUID] = frozenset()
    due: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Measures:
    """Figures of both sides, and the turns they were computed from, by the entry that began them."""

    figures: tuple[AskFigures, ...]
    """In-house, vendor."""
    ended: tuple[UUID, ...]
    due: tuple[UUID, ...]


def measure(tx: Tx, crew: Crew, workspace_id: str, engagement_id: UUID, since: datetime, counted: Counted) -> Measures:
    """Turns that ended, or whose deadline lies, from `since` to now, each counted once; and those that wait."""
    turns = list(measured(tx, crew, workspace_id, engagement_id, since - _LONGEST_TURN))
    ended = [
        item
        for item in turns
        if item.turn.ended_at and item.turn.ended_at >= since and item.turn.begun_by not in counted.ended
    ]
    due = [
        item
        for item in turns
        if not item.turn.is_void and since <= item.turn.until < tx.now and item.turn.begun_by not in counted.due
    ]
    waiting = [item for item in turns if item.turn.ended_at is None and not item.turn.is_void]
    return Measures(
        figures=tuple(figures(side, ended, due, waiting, tx.now) for side in Side),
        ended=tuple(item.turn.begun_by for item in ended),
        due=tuple(item.turn.begun_by for item in due),
    )


def measured(tx: Tx, crew: Crew, workspace_id: str, engagement_id: UUID, since: datetime) -> Iterator[Measured]:
    """Every turn of the questions that were open at some time since then, with its working time so far."""
    closed_at = col(Ask.closed_at)
    rows = tx.session.exec(
        select(Ask)
        .where(
            Ask.workspace_id == workspace_id,
            Ask.engagement_id == engagement_id,
            closed_at.is_(None) | (closed_at >= since),
        )
        .order_by(col(Ask.number))
    ).all()
    for row in rows:
        hours = crew.hours(row.asked_side)
        for number, turn in enumerate(queries.course(queries.entries(tx, row)).turns):
            length = working_time_between(hours, turn.started_at, turn.ended_at or tx.now)
            yield Measured(turn, row.asked_side, number == 0, length)

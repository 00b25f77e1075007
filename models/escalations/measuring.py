"""The figures of a span of time, from the escalations as stored."""

from datetime import datetime, timedelta

from models.calendars.working_time import WorkingHours, working_time_between
from models.db import Tx
from models.engagements.queries import Crew
from models.escalations import moves
from models.escalations.figures import Case
from models.escalations.tables import Escalation


def cases(tx: Tx, rows: tuple[Escalation, ...], crew: Crew, since: datetime) -> list[Case]:
    """Each escalation as the figures need it, for the span from `since` to now."""
    return [_case(tx, row, crew, since) for row in rows]


def _case(tx: Tx, row: Escalation, crew: Crew, since: datetime) -> Case:
    way = moves.course(tx, row, crew)
    hours, levels = way.hours, way.climb.levels
    resolved_at = row.resolved_at if row.resolved_at and row.resolved_at <= tx.now else None
    end = resolved_at or tx.now
    acknowledged = row.acknowledged_at
    target = levels[0].wait.after(row.raised_at, hours) if levels else None
    return Case(
        against=row.against,
        severity=row.severity,
        age=_length(hours, row, end),
        target=_length(hours, row, target) if target else None,
        acknowledged=_length(hours, row, acknowledged) if acknowledged and acknowledged >= since else None,
        resolved=_length(hours, row, resolved_at) if resolved_at else None,
        is_acknowledged=acknowledged is not None,
        was_reopened=row.reopened_count > 0,
        was_exhausted=row.exhausted_at is not None and row.exhausted_at >= since,
        is_new=row.raised_at >= since,
    )


def _length(hours: WorkingHours, row: Escalation, until: datetime) -> timedelta:
    return working_time_between(hours, row.raised_at, until)

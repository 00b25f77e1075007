"""When the dispatcher has something to do, and where: one short read."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, literal
from sqlmodel import col, select
from sqlmodel.sql.sqltypes import UTCDateTime

from models.access import system_only
from models.db import Tx
from models.outbox import doubts, gates
from models.outbox.conditions import is_head, is_held, is_open, is_ready
from models.outbox.delivery import GRACE
from models.outbox.rules import Operation, OutboxState
from models.outbox.tables import Gate, OutboxMessage

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Agenda:
    """Workspaces with open messages, those of them with doubts to settle now, and when there is something to do."""

    workspaces: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()
    wake: datetime | None = None


def agenda(tx: Tx, wall: datetime, only: str | None = None) -> Agenda:
    """What is to be done at `wall`, in one workspace or in all."""
    found = tuple(one for one in workspaces(tx) if only in (None, one))
    times = [moment for one in found if (moment := next_wake(tx, one, wall))]
    doubtful = tuple(one for one in found if doubts.is_due(tx, one, wall))
    return Agenda(found, doubtful, min(times, default=None))


def workspaces(tx: Tx) -> tuple[str, ...]:
    """Workspaces in which something is still to be done: one probe of an index each."""
    system_only(tx)
    found: list[str] = []
    while True:
        after = found[-1] if found else ""
        statement = select(OutboxMessage.workspace_id).where(OutboxMessage.workspace_id > after, is_open())
        first = tx.session.exec(statement.order_by(col(OutboxMessage.workspace_id)).limit(1)).first()
        if first is None:
            return tuple(found)
        found.append(first)


def next_wake(tx: Tx, workspace_id: str, wall: datetime) -> datetime | None:
    """When there is something to do in a workspace, in the past if there was already; none if nothing is open."""
    system_only(tx)
    keys = [gates.WORKSPACE, *gates.OF_OPERATION.values()]
    rows = tx.session.exec(select(Gate).where(Gate.workspace_id == workspace_id, col(Gate.key).in_(keys)))
    free_at = {gate.key: gate.free_at for gate in rows}
    times = [_next_held(tx, workspace_id)]
    for operation, key in gates.OF_OPERATION.items():
        opens = max(free_at.get(gates.WORKSPACE, _LONG_AGO), free_at.get(key, _LONG_AGO))
        if opens <= wall:
            times.append(_next_head(tx, workspace_id, operation, wall))
        elif _has_ready(tx, workspace_id, operation):
            times.append(opens)
    known = [moment for moment in times if moment is not None]
    return min(known, default=None)


def _next_held(tx: Tx, workspace_id: str) -> datetime | None:
    """When the first lease is over, or the first unclear outcome is to be looked at."""
    leased = tx.session.exec(
        select(OutboxMessage)
        .where(is_held(workspace_id, OutboxState.LEASED))
        .order_by(col(OutboxMessage.lease_until))
        .limit(1)
    ).first()
    unsure = tx.session.exec(
        select(OutboxMessage)
        .where(is_held(workspace_id, OutboxState.UNSURE))
        .order_by(col(OutboxMessage.not_before))
        .limit(1)
    ).first()
    times = [unsure.not_before] if unsure else []
    if leased and leased.lease_until:
        times.append(leased.lease_until + GRACE + timedelta(milliseconds=1))
    return min(times) if times else None


def _next_head(tx: Tx, workspace_id: str, operation: Operation, wall: datetime) -> datetime | None:
    """When the first head of a lane may be sent, its lane's gate and its own waiting considered."""
    long_ago = literal(_LONG_AGO, UTCDateTime())
    opens: ColumnElement[datetime] = long_ago
    if operation is Operation.POST:
        opens = func.coalesce(col(Gate.free_at), long_ago)
    waits_until = case((col(OutboxMessage.attempts) > 0, col(OutboxMessage.not_before)), else_=long_ago)
    later = case((opens > waits_until, opens), else_=waits_until)
    same_lane = and_(col(Gate.workspace_id) == workspace_id, col(Gate.key) == col(OutboxMessage.lane))
    heads = select(func.min(later)).select_from(OutboxMessage).outerjoin(Gate, same_lane)
    return tx.session.exec(heads.where(is_head(workspace_id, operation, wall))).first()


def _has_ready(tx: Tx, workspace_id: str, operation: Operation) -> bool:
    return (
        tx.session.exec(select(OutboxMessage.id).where(is_ready(workspace_id, operation)).limit(1)).first() is not None
    )

"""When the dispatcher has something to do, and where: one short read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, literal
from sqlmodel import col, select
from sqlmodel.sql.expression import Select, SelectOfScalar
from sqlmodel.sql.sqltypes import UTCDateTime

from models.access import system_only
from models.db import Tx
from models.installations.queries import stopped
from models.outbox import doubts, gates
from models.outbox.conditions import WORKSPACE, at, is_head, is_held, is_open, is_ready
from models.outbox.delivery import GRACE
from models.outbox.rules import Operation, OutboxState
from models.outbox.tables import Gate, OutboxMessage

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Agenda:
    """When there is something to do in each workspace with open messages, and which have doubts to settle now."""

    wakes: Mapping[str, datetime | None] = field(default_factory=dict)
    doubtful: tuple[str, ...] = ()

    @property
    def wake(self) -> datetime | None:
        """When there is something to do anywhere; none if nothing is open."""
        return min((moment for moment in self.wakes.values() if moment), default=None)

    def due(self, wall: datetime) -> tuple[str, ...]:
        """The workspaces in which there is something to do now."""
        return tuple(one for one, moment in self.wakes.items() if moment and moment <= wall)


def agenda(
    tx: Tx, wall: datetime, only: str | None = None, known: Mapping[str, datetime] = MappingProxyType({})
) -> Agenda:
    """What is to be done at `wall`, in one workspace or in all; those `known` rest until then and are not looked at."""
    gone = frozenset(tx.session.exec(stopped()))
    found = [one for one in workspaces(tx) if only in (None, one) and one not in gone]
    wakes = {one: known.get(one) or next_wake(tx, one, wall) for one in found}
    doubtful = tuple(one for one in found if one not in known and doubts.is_due(tx, one, wall))
    return Agenda(wakes, doubtful)


def workspaces(tx: Tx) -> tuple[str, ...]:
    """Workspaces in which something is still to be done: one probe of an index each."""
    system_only(tx)
    found: list[str] = []
    while (first := tx.session.exec(_next_workspace(), params=at(found[-1] if found else "")).first()) is not None:
        found.append(first)
    return tuple(found)


def next_wake(tx: Tx, workspace_id: str, wall: datetime) -> datetime | None:
    """When there is something to do in a workspace, in the past if there was already; none if nothing is open."""
    system_only(tx)
    where = at(workspace_id, wall)
    free_at: dict[str, datetime] = dict(tx.session.exec(_gates(), params=where).all())
    times = [tx.session.exec(_first_unsure(), params=where).first()]
    if leased := tx.session.exec(_first_leased(), params=where).first():
        times.append(leased + GRACE + timedelta(milliseconds=1))
    for operation, key in gates.OF_OPERATION.items():
        opens = max(free_at.get(gates.WORKSPACE, _LONG_AGO), free_at.get(key, _LONG_AGO))
        if opens <= wall:
            times.append(tx.session.exec(_first_head(operation), params=where).first())
        elif tx.session.exec(_any_ready(operation), params=where).first() is not None:
            times.append(opens)
    known = [moment for moment in times if moment is not None]
    return min(known, default=None)


@cache
def _next_workspace() -> SelectOfScalar[str]:
    statement = select(OutboxMessage.workspace_id).where(col(OutboxMessage.workspace_id) > WORKSPACE, is_open())
    return statement.order_by(col(OutboxMessage.workspace_id)).limit(1)


@cache
def _gates() -> Select[str, datetime]:
    keys = [gates.WORKSPACE, *gates.OF_OPERATION.values()]
    return select(Gate.key, Gate.free_at).where(col(Gate.workspace_id) == WORKSPACE, col(Gate.key).in_(keys))


@cache
def _first_leased() -> SelectOfScalar[datetime] | SelectOfScalar[None]:
    until = col(OutboxMessage.lease_until)
    return select(OutboxMessage.lease_until).where(is_held(OutboxState.LEASED)).order_by(until).limit(1)


@cache
def _first_unsure() -> SelectOfScalar[datetime]:
    waits = col(OutboxMessage.not_before)
    return select(OutboxMessage.not_before).where(is_held(OutboxState.UNSURE)).order_by(waits).limit(1)


@cache
def _first_head(operation: Operation) -> SelectOfScalar[datetime | None]:
    """When the first head of a lane may be sent, its lane's gate and its own waiting considered."""
    long_ago = literal(_LONG_AGO, UTCDateTime())
    opens: ColumnElement[datetime] = long_ago
    if operation is Operation.POST:
        opens = func.coalesce(col(Gate.free_at), long_ago)
    waits_until = case((col(OutboxMessage.attempts) > 0, col(OutboxMessage.not_before)), else_=long_ago)
    later = case((opens > waits_until, opens), else_=waits_until)
    same_lane = and_(col(Gate.workspace_id) == WORKSPACE, col(Gate.key) == col(OutboxMessage.lane))
    heads = select(func.min(later)).select_from(OutboxMessage).outerjoin(Gate, same_lane)
    return heads.where(is_head(operation))


@cache
def _any_ready(operation: Operation) -> SelectOfScalar[UUID]:
    return select(OutboxMessage.id).where(is_ready(operation)).limit(1)

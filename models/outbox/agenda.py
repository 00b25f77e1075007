"""When the dispatcher has something to do, and where: one short read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, func, literal, sql
from sqlmodel import col, select
from sqlmodel.sql.expression import Select, SelectOfScalar
from sqlmodel.sql.sqltypes import UTCDateTime

from models.access import system_only
from models.db import Tx
from models.installations.queries import stopped
from models.outbox import gates
from models.outbox.conditions import is_head, is_held, is_open, is_ready
from models.outbox.delivery import GRACE
from models.outbox.rules import Operation, OutboxState
from models.outbox.tables import Gate, OutboxMessage
from models.prepared import WORKSPACE, at

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
    system_only(tx)
    served = workspaces(tx, only)
    if served:  # mostly nothing waits, and then nobody need be asked about
        gone = frozenset(tx.beside(stopped()).scalars())
        served = tuple(one for one in served if one not in gone)
    looks = {one: _look(tx, one, wall) for one in served if one not in known}
    wakes = {one: known.get(one) or min(looks[one].times, default=None) for one in served}
    doubtful = tuple(one for one, look in looks.items() if look.unsure is not None and look.unsure <= wall)
    return Agenda(wakes, doubtful)


def workspaces(tx: Tx, only: str | None = None) -> tuple[str, ...]:
    """Workspaces in which something is still to be done: one probe of an index each. With `only` at most that one."""
    system_only(tx)
    if only is not None:
        return (only,) if tx.beside(_workspace_from(), at(only)).scalar() == only else ()
    found: list[str] = []
    while (first := tx.beside(_workspace_after(), at(found[-1] if found else "")).scalar()) is not None:
        found.append(first)
    return tuple(found)


def oldest_waiting(tx: Tx) -> datetime | None:
    """When the oldest message was written in which something is still to be done; none if nothing is."""
    firsts = (tx.beside(_oldest(), at(workspace_id)).scalar() for workspace_id in workspaces(tx))
    return min((first for first in firsts if first is not None), default=None)


@dataclass(frozen=True, slots=True)
class _Look:
    """What one look at a workspace shows: every moment at which there is something to do, and the first doubt."""

    times: tuple[datetime, ...]
    unsure: datetime | None


def _look(tx: Tx, workspace_id: str, wall: datetime) -> _Look:
    """Two statements, whatever waits: the gates, and everything that they leave to be asked, together."""
    where = at(workspace_id, wall)
    free_at: dict[str, datetime] = {gate.key: gate.free_at for gate in tx.beside(_gates(), where)}
    opens = {
        operation: max(free_at.get(gates.WORKSPACE, _LONG_AGO), free_at.get(key, _LONG_AGO))
        for operation, key in gates.OF_OPERATION.items()
    }
    passable = frozenset(operation for operation, moment in opens.items() if moment <= wall)
    unsure, leased, *waiting = tx.beside(_first_of_all(passable), where).one()
    times = [unsure, leased + GRACE + timedelta(milliseconds=1) if leased else None]
    for operation, found in zip(gates.OF_OPERATION, waiting, strict=True):
        times.append(found if operation in passable or found is None else opens[operation])
    return _Look(tuple(moment for moment in times if moment is not None), unsure)


@cache
def _workspace_after() -> SelectOfScalar[str]:
    return _first_workspace().where(col(OutboxMessage.workspace_id) > WORKSPACE)


@cache
def _workspace_from() -> SelectOfScalar[str]:
    """This one or the next: asked for one alone, PostgreSQL would rather look through its sent messages."""
    return _first_workspace().where(col(OutboxMessage.workspace_id) >= WORKSPACE)


def _first_workspace() -> SelectOfScalar[str]:
    return select(OutboxMessage.workspace_id).where(is_open()).order_by(col(OutboxMessage.workspace_id)).limit(1)


@cache
def _oldest() -> SelectOfScalar[Any]:
    return select(func.min(col(OutboxMessage.written_at))).where(
        col(OutboxMessage.workspace_id) == WORKSPACE, is_open()
    )


@cache
def _gates() -> Select[str, datetime]:
    keys = [gates.WORKSPACE, *gates.OF_OPERATION.values()]
    return select(Gate.key, Gate.free_at).where(col(Gate.workspace_id) == WORKSPACE, col(Gate.key).in_(keys))


@cache
def _first_of_all(passable: frozenset[Operation]) -> sql.Select[Any]:
    """One row: the first doubt, the first lease, and for each operation its first head, or any, if its gate is shut."""
    unsure, leased = col(OutboxMessage.not_before), col(OutboxMessage.lease_until)
    columns: list[sql.Select[Any]] = [
        sql.select(func.min(unsure)).where(is_held(OutboxState.UNSURE)),
        sql.select(func.min(leased)).where(is_held(OutboxState.LEASED)),
    ]
    columns += [_first_head(one) if one in passable else _any_ready(one) for one in gates.OF_OPERATION]
    return sql.select(*(column.scalar_subquery() for column in columns))


@cache
def _first_head(operation: Operation) -> SelectOfScalar[datetime | None]:
    """When the first head of a lane may be sent, its lane's gate and its own waiting considered."""
    long_ago = literal(_LONG_AGO, UTCDateTime())
    waits_until = case((col(OutboxMessage.attempts) > 0, col(OutboxMessage.not_before)), else_=long_ago)
    if operation is not Operation.POST:  # the others have no gates of their lanes
        return select(func.min(waits_until)).where(is_head(operation))
    opens = func.coalesce(col(Gate.free_at), long_ago)
    later = case((opens > waits_until, opens), else_=waits_until)
    same_lane = and_(col(Gate.workspace_id) == WORKSPACE, col(Gate.key) == col(OutboxMessage.lane))
    heads = select(func.min(later)).select_from(OutboxMessage).outerjoin(Gate, same_lane)
    return heads.where(is_head(operation))


@cache
def _any_ready(operation: Operation) -> SelectOfScalar[UUID]:
    return select(OutboxMessage.id).where(is_ready(operation)).limit(1)

"""When the dispatcher has something to do, and where: one short read."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, and_, case, func, literal, sql
from sqlmodel import col, select
from sqlmodel.sql.expression import Select, SelectOfScalar
from sqlmodel.sql.sqltypes import UTCDateTime

from models import listed
from models.access import system_only
from models.db import Tx
from models.installations.queries import stopped
from models.outbox import gates
from models.outbox.conditions import is_head, is_held, is_open, is_ready
from models.outbox.delivery import GRACE
from models.outbox.rules import Operation, OutboxState
from models.outbox.tables import Gate, OutboxMessage
from models.prepared import WALL, WORKSPACE, at

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
    looks = _looks(tx, [one for one in served if one not in known], wall)
    wakes = {one: known.get(one) or min(looks[one].times, default=None) for one in served}
    doubtful = tuple(one for one, look in looks.items() if look.unsure is not None and look.unsure <= wall)
    return Agenda(wakes, doubtful)


def workspaces(tx: Tx, only: str | None = None) -> tuple[str, ...]:
    """Workspaces in which something is still to be done, by their names. With `only` at most that one."""
    system_only(tx)
    if only is not None:
        return (only,) if tx.beside(_workspace_from(), at(only)).scalar() == only else ()
    return tuple(sorted(tx.beside(_workspaces()).scalars()))


def oldest_waiting(tx: Tx) -> datetime | None:
    """When the oldest message was written in which something is still to be done; none if nothing is."""
    firsts = (tx.beside(_oldest(), at(workspace_id)).scalar() for workspace_id in workspaces(tx))
    return min((first for first in firsts if first is not None), default=None)


@dataclass(frozen=True, slots=True)
class _Look:
    """What one look at a workspace shows: every moment at which there is something to do, and the first doubt."""

    times: tuple[datetime, ...]
    unsure: datetime | None


def _looks(tx: Tx, named: Collection[str], wall: datetime) -> dict[str, _Look]:
    """A few statements, however many workspaces: all their gates, and then one for those whose gates stand alike."""
    found: dict[str, _Look] = {}
    alike: dict[frozenset[Operation], dict[str, Mapping[Operation, datetime]]] = {}
    for workspace_id, opens in _opens(tx, named).items():
        passable = frozenset(operation for operation, moment in opens.items() if moment <= wall)
        alike.setdefault(passable, {})[workspace_id] = opens
    for passable, group in alike.items():
        where = {WALL.key: wall, **listed.keys(OutboxMessage.workspace_id, group, tx.dialect)}
        for workspace_id, unsure, leased, *waiting in tx.beside(_first_of_all(passable, tx.dialect.name), where):
            times = [unsure, leased + GRACE + timedelta(milliseconds=1) if leased else None]
            for (operation, opens_at), first in zip(group[workspace_id].items(), waiting, strict=True):
                times.append(first if operation in passable or first is None else opens_at)
            found[workspace_id] = _Look(tuple(moment for moment in times if moment is not None), unsure)
    return found


def _opens(tx: Tx, named: Collection[str]) -> dict[str, dict[Operation, datetime]]:
    """When the gate of each operation opens, in the order of `gates.OF_OPERATION`, in each of these workspaces."""
    if not named:
        return {}
    rows = tx.beside(_gates(tx.dialect.name), listed.keys(Gate.workspace_id, named, tx.dialect))
    free_at: dict[tuple[str, str], datetime] = {(row.workspace_id, row.key): row.free_at for row in rows}
    return {
        one: {
            operation: max(free_at.get((one, gate), _LONG_AGO) for gate in (gates.WORKSPACE, key))
            for operation, key in gates.OF_OPERATION.items()
        }
        for one in named
    }


@cache
def _workspaces() -> sql.Select[str]:
    """One probe of an index for each: the first one, the first after that, and so on; the last is none."""

    def after(name: Any) -> ScalarSelect[str]:
        return _first_workspace().where(col(OutboxMessage.workspace_id) > name).scalar_subquery()

    waiting = sql.select(after("").label("workspace_id")).cte("waiting", recursive=True)
    waiting = waiting.union_all(sql.select(after(waiting.c.workspace_id)).where(waiting.c.workspace_id.is_not(None)))
    return sql.select(waiting.c.workspace_id).where(waiting.c.workspace_id.is_not(None))


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
def _gates(dialect: str) -> Select[str, str, datetime]:
    keys = [gates.WORKSPACE, *gates.OF_OPERATION.values()]
    theirs = listed.is_listed(Gate.workspace_id, dialect)
    return select(Gate.workspace_id, Gate.key, Gate.free_at).where(theirs, col(Gate.key).in_(keys))


@cache
def _first_of_all(passable: frozenset[Operation], dialect: str) -> sql.Select[Any]:
    """A row for each workspace: its first doubt, its first lease, and for each operation its first head, or any if its
    gate is shut."""
    own = listed.each_key(OutboxMessage.workspace_id, dialect)
    unsure, leased = col(OutboxMessage.not_before), col(OutboxMessage.lease_until)
    columns: list[sql.Select[Any]] = [
        sql.select(func.min(unsure)).where(is_held(OutboxState.UNSURE, own)),
        sql.select(func.min(leased)).where(is_held(OutboxState.LEASED, own)),
    ]
    columns += [_first_head(one, own) if one in passable else _any_ready(one, own) for one in gates.OF_OPERATION]
    return sql.select(own, *(column.scalar_subquery() for column in columns))


def _first_head(operation: Operation, own: ColumnElement[str]) -> SelectOfScalar[datetime | None]:
    """When the first head of a lane may be sent, its lane's gate and its own waiting considered."""
    long_ago = literal(_LONG_AGO, UTCDateTime())
    waits_until = case((col(OutboxMessage.attempts) > 0, col(OutboxMessage.not_before)), else_=long_ago)
    if operation is not Operation.POST:  # the others have no gates of their lanes
        return select(func.min(waits_until)).where(is_head(operation, own))
    opens = func.coalesce(col(Gate.free_at), long_ago)
    later = case((opens > waits_until, opens), else_=waits_until)
    same_lane = and_(
        col(Gate.workspace_id) == col(OutboxMessage.workspace_id), col(Gate.key) == col(OutboxMessage.lane)
    )
    heads = select(func.min(later)).select_from(OutboxMessage).outerjoin(Gate, same_lane)
    return heads.where(is_head(operation, own))


def _any_ready(operation: Operation, own: ColumnElement[str]) -> SelectOfScalar[UUID]:
    return select(OutboxMessage.id).where(is_ready(operation, own)).limit(1)

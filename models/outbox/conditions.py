"""What the dispatcher looks for, in the words of the indexes that serve it.

State is written out in these conditions: a bound parameter would hide from the database that a partial index serves.
Workspace and wall clock are parameters to be given with the statement (`at`), so that a statement is built only once:
building one costs more than running it.
"""

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, String, and_, bindparam, or_, text
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.sql.sqltypes import UTCDateTime

from models.base import Row
from models.outbox.rules import Operation, OutboxState
from models.outbox.tables import OutboxMessage

WORKSPACE: BindParameter[str] = bindparam("in_workspace")
WALL = bindparam("at_wall", type_=UTCDateTime())
WORKER: BindParameter[str] = bindparam("by_worker", type_=String())
_NAMED = "named"


def at(workspace_id: str, wall: datetime | None = None, named: Collection[Any] | None = None) -> dict[str, Any]:
    """The parameters of a statement made of these conditions."""
    found: dict[str, Any] = {WORKSPACE.key: workspace_id}
    if wall is not None:
        found[WALL.key] = wall
    if named is not None:
        found[_NAMED] = list(named)
    return found


def is_named(table: type[Row], column: Any) -> ColumnElement[bool]:
    """One of those named with the statement, in its workspace."""
    among = col(column).in_(bindparam(_NAMED, expanding=True))
    return and_(col(table.workspace_id) == WORKSPACE, among)


@cache
def is_open() -> ColumnElement[bool]:
    """Something is still to be done."""
    return and_(text("outbox_message.state IN ('ready', 'leased', 'unsure')"))


@cache
def is_head(operation: Operation) -> ColumnElement[bool]:
    """Ready, and the oldest open one of its lane. A subquery with LIMIT, so that it stays one probe of an index."""
    older = aliased(OutboxMessage, name="older")
    first = (
        select(older.id)
        .where(
            older.workspace_id == WORKSPACE,
            older.lane == OutboxMessage.lane,
            text("older.state IN ('ready', 'leased', 'unsure')"),
            or_(col(older.state) != OutboxState.UNSURE, col(older.lease_until) > WALL),
        )
        .order_by(col(older.id))
        .limit(1)
        .correlate(OutboxMessage)
        .scalar_subquery()
    )
    return and_(is_ready(operation), col(OutboxMessage.id) == first)


@cache
def is_ready(operation: Operation) -> ColumnElement[bool]:
    """Waiting to be sent."""
    return and_(
        col(OutboxMessage.workspace_id) == WORKSPACE,
        col(OutboxMessage.operation) == operation,
        text("outbox_message.state = 'ready'"),
    )


@cache
def is_held(state: OutboxState) -> ColumnElement[bool]:
    """Leased or unsure."""
    return and_(
        col(OutboxMessage.workspace_id) == WORKSPACE,
        text("outbox_message.state IN ('leased', 'unsure')"),
        col(OutboxMessage.state) == state,
    )

"""What the dispatcher looks for, in the words of the indexes that serve it.

State is written out in these conditions: a bound parameter would hide from the database that a partial index serves,
and SQLite would prepare the statement again for every value.
Workspace and wall clock are parameters (`models.prepared`), unless it says which workspace.
"""

from functools import cache

from sqlalchemy import BindParameter, ColumnElement, String, and_, bindparam, or_, text
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from models.outbox.rules import Operation, OutboxState
from models.outbox.tables import OutboxMessage
from models.prepared import WALL, WORKSPACE

WORKER: BindParameter[str] = bindparam("by_worker", type_=String())


@cache
def is_open() -> ColumnElement[bool]:
    """Something is still to be done."""
    return and_(text("outbox_message.state IN ('ready', 'leased', 'unsure')"))


def is_head(operation: Operation, workspace: ColumnElement[str] = WORKSPACE) -> ColumnElement[bool]:
    """Ready, and the oldest open one of its lane. A subquery with LIMIT, so that it stays one probe of an index."""
    older = aliased(OutboxMessage, name="older")
    first = (
        select(older.id)
        .where(
            older.workspace_id == OutboxMessage.workspace_id,
            older.lane == OutboxMessage.lane,
            text("older.state IN ('ready', 'leased', 'unsure')"),
            or_(text("older.state != 'unsure'"), col(older.lease_until) > WALL),
        )
        .order_by(col(older.id))
        .limit(1)
        .correlate(OutboxMessage)
        .scalar_subquery()
    )
    return and_(is_ready(operation, workspace), col(OutboxMessage.id) == first)


def is_ready(operation: Operation, workspace: ColumnElement[str] = WORKSPACE) -> ColumnElement[bool]:
    """Waiting to be sent."""
    return and_(
        col(OutboxMessage.workspace_id) == workspace,
        col(OutboxMessage.operation) == operation,
        text("outbox_message.state = 'ready'"),
    )


def is_held(state: OutboxState, workspace: ColumnElement[str] = WORKSPACE) -> ColumnElement[bool]:
    """Leased or unsure."""
    return and_(
        col(OutboxMessage.workspace_id) == workspace,
        text("outbox_message.state IN ('leased', 'unsure')"),
        text(f"outbox_message.state = '{state}'"),
    )


@cache
def is_looked_for() -> ColumnElement[bool]:
    """Being sent, or unsure for so short a time that its lane waits for it."""
    return and_(
        col(OutboxMessage.workspace_id) == WORKSPACE,
        text("outbox_message.state IN ('leased', 'unsure')"),
        or_(text("outbox_message.state = 'leased'"), col(OutboxMessage.lease_until) > WALL),
    )

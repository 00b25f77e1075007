"""What the dispatcher looks for, in the words of the indexes that serve it.

State is written out in these conditions: a bound parameter would hide from the database that a partial index serves.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, text
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from models.outbox.rules import Operation, OutboxState
from models.outbox.tables import OutboxMessage


def is_open() -> ColumnElement[bool]:
    """Something is still to be done."""
    return and_(text("outbox_message.state IN ('ready', 'leased', 'unsure')"))


def is_head(workspace_id: str, operation: Operation, wall: datetime) -> ColumnElement[bool]:
    """Ready, and the oldest open one of its lane. A subquery with LIMIT, so that it stays one probe of an index."""
    older = aliased(OutboxMessage, name="older")
    first = (
        select(older.id)
        .where(
            older.workspace_id == workspace_id,
            older.lane == OutboxMessage.lane,
            text("older.state IN ('ready', 'leased', 'unsure')"),
            or_(col(older.state) != OutboxState.UNSURE, col(older.lease_until) > wall),
        )
        .order_by(col(older.id))
        .limit(1)
        .correlate(OutboxMessage)
        .scalar_subquery()
    )
    return and_(is_ready(workspace_id, operation), col(OutboxMessage.id) == first)


def is_ready(workspace_id: str, operation: Operation) -> ColumnElement[bool]:
    """Waiting to be sent."""
    return and_(
        col(OutboxMessage.workspace_id) == workspace_id,
        col(OutboxMessage.operation) == operation,
        text("outbox_message.state = 'ready'"),
    )


def is_held(workspace_id: str, state: OutboxState) -> ColumnElement[bool]:
    """Leased or unsure."""
    return and_(
        col(OutboxMessage.workspace_id) == workspace_id,
        text("outbox_message.state IN ('leased', 'unsure')"),
        col(OutboxMessage.state) == state,
    )

"""What only matters for a while goes when its time is over: in batches, each a short transaction of its own.

A batch is found by its age and state alone, so it may be killed at any point, run twice, and run by several replicas.
What people said, what was promised and what both sides were told stays: it is the record. So does every message that
was to be posted: an edit, a removal and a reply find it by its row, and its key says that it was said.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Table, delete, sql, text
from sqlmodel import SQLModel

from models.access import system_only
from models.db import Tx

BATCH = 500
"""Rows a transaction: nobody waits for it."""


@dataclass(frozen=True, slots=True)
class Keep:
    """For how long."""

    deliveries: timedelta
    """Edits, removals and publications of Home tabs that are done: only who looks for a fault asks for them."""
    activity: timedelta
    """The log of who changed what."""


def tidy(tx: Tx, keep: Keep, limit: int = BATCH) -> int:
    """Remove one batch of what is older than it is kept; how many rows. Nothing is left to remove when it says 0."""
    system_only(tx)
    return _deliveries(tx, tx.now - keep.deliveries, limit) or _activity(tx, tx.now - keep.activity, limit)


def _deliveries(tx: Tx, before: datetime, limit: int) -> int:
    """The state is written out as in the index that serves it."""
    is_closed = text("outbox_message.state IN ('sent', 'dropped', 'dead')")
    follows = text("outbox_message.operation <> 'post'")
    table = SQLModel.metadata.tables["outbox_message"]
    return _remove(tx, table, limit, is_closed, follows, table.c.written_at < before)


def _activity(tx: Tx, before: datetime, limit: int) -> int:
    table = SQLModel.metadata.tables["activity"]
    return _remove(tx, table, limit, table.c.at < before)


def _remove(tx: Tx, table: Table, limit: int, *conditions: Any) -> int:
    """Rows that somebody holds are left for the next time. By their keys: joined, a large table would be read whole."""
    connection, by_workspace = tx.session.connection(), defaultdict[str, list[UUID]](list)
    found = sql.select(table.c.workspace_id, table.c.id).where(*conditions).limit(limit)
    for workspace_id, row_id in connection.execute(found.with_for_update(skip_locked=True)):
        by_workspace[workspace_id].append(row_id)
    for workspace_id, ids in by_workspace.items():
        connection.execute(delete(table).where(table.c.workspace_id == workspace_id, table.c.id.in_(ids)))
    return sum(map(len, by_workspace.values()))

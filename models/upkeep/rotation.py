"""From one key to the next: every cell that another key sealed is sealed anew, while everything goes on.

What is left to do is seen from the cells themselves, so that it may be killed at any point and simply run again. A cell
that somebody writes meanwhile is left as they wrote it: with the present key, if every process has it.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Update, and_, bindparam, func, or_, tuple_, update
from sqlmodel import col, select

from models.access import system_only
from models.base import Sealed
from models.db import Tx
from models.upkeep.sealed import SealedColumn, sealed_columns
from models.vault import Vault, VaultError

BATCH = 200
"""Cells a transaction: short enough that nobody waits for the writer's turn."""

Spot = tuple[str, UUID]
"""Workspace and row."""


@dataclass(frozen=True, slots=True)
class Turned:
    """What one batch did, and where the next one begins; nowhere when this was the last."""

    resealed: int = 0
    after: Spot | None = None
    unreadable: tuple[str, ...] = field(default=())
    """Cells that no key opens: what each is bound to."""


def reseal(tx: Tx, vault: Vault, one: SealedColumn, after: Spot | None, limit: int = BATCH) -> Turned:
    """Seal the next cells of a column with the present key."""
    system_only(tx)
    key = (col(one.table.workspace_id), col(one.table.id))
    cell = col(getattr(one.table, one.column))
    statement = select(*key, cell).where(_is_old(vault, cell)).order_by(*key).limit(limit)
    if after is not None:
        statement = statement.where(tuple_(*key) > after)
    rows = tx.session.execute(statement).all()
    unreadable = []
    fresh = []
    for workspace_id, row_id, sealed in rows:
        where = one.place(workspace_id, row_id)
        try:
            new = vault.seal(vault.open(Sealed(sealed), where), where)
        except VaultError:
            unreadable.append(where)
        else:
            fresh.append({"in_workspace": workspace_id, "of_row": row_id, "was": sealed, "new": new})
    if fresh:
        tx.beside(_unless_changed(one), fresh)
    last = (rows[-1][0], rows[-1][1]) if len(rows) == limit else None
    return Turned(len(fresh), last, tuple(unreadable))


def _unless_changed(one: SealedColumn) -> Update:
    table = one.table.__table__  # as a table: many rows are far cheaper than through the mapping
    is_same = and_(table.c.workspace_id == bindparam("in_workspace"), table.c.id == bindparam("of_row"))
    cell = table.c[one.column]
    return update(table).where(is_same, cell == bindparam("was")).values({cell: bindparam("new")})


def left(tx: Tx, vault: Vault) -> int:
    """Cells that are not sealed with the present key."""
    system_only(tx)
    return sum(
        tx.session.exec(select(func.count()).where(_is_old(vault, col(getattr(one.table, one.column))))).one()
        for one in sealed_columns()
    )


def lost(tx: Tx, vault: Vault) -> int:
    """Cells sealed with a key that is not set: nobody here can read them."""
    system_only(tx)
    return sum(
        tx.session.exec(select(func.count()).where(_is_lost(vault, col(getattr(one.table, one.column))))).one()
        for one in sealed_columns()
    )


def cells_by_key(tx: Tx) -> dict[str, int]:
    """How many cells each key seals."""
    system_only(tx)
    found: Counter[str] = Counter()
    for one in sealed_columns():
        cell = col(getattr(one.table, one.column))
        begin = func.substr(cell, 1, 40)  # `v1|`, a name and a bar: the rest is ciphertext
        for text in tx.session.exec(select(begin).where(cell.is_not(None), cell != "")):
            found[text.split("|")[1]] += 1
    return dict(found)


def _is_lost(vault: Vault, cell: Any) -> ColumnElement[bool]:
    ours = [cell.startswith(vault.stamp(key_id), autoescape=True) for key_id in vault.key_ids]
    return and_(cell.is_not(None), cell != "", ~or_(*ours))


def _is_old(vault: Vault, cell: Any) -> ColumnElement[bool]:
    return and_(cell.is_not(None), cell != "", ~cell.startswith(vault.stamp(), autoescape=True))

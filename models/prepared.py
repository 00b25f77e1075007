"""Statements that are built once, with what changes given as parameters: to build one costs more than to run it."""

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Uuid, and_, bindparam
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar
from sqlmodel.sql.sqltypes import UTCDateTime

from models.base import Row

RowT = TypeVar("RowT", bound=Row)

WORKSPACE: BindParameter[str] = bindparam("in_workspace")
WALL = bindparam("at_wall", type_=UTCDateTime())
_NAMED = "named"
_ROW: BindParameter[UUID] = bindparam("the_row", type_=Uuid())


def at(
    workspace_id: str, wall: datetime | None = None, named: Collection[Any] | None = None, **given: object
) -> dict[str, Any]:
    """The parameters of a statement made of these; `given` are those of the statement's own."""
    found: dict[str, Any] = {WORKSPACE.key: workspace_id, **given}
    if wall is not None:
        found[WALL.key] = wall
    if named is not None:
        found[_NAMED] = list(named)
    return found


def is_named(table: type[Row], column: Any) -> ColumnElement[bool]:
    """One of those named with the statement, in its workspace."""
    among = col(column).in_(bindparam(_NAMED, expanding=True))
    return and_(col(table.workspace_id) == WORKSPACE, among)


def is_at(table: type[Row], column: Any, name: str) -> ColumnElement[bool]:
    """Of one value that is given with the statement by this name, in its workspace."""
    return and_(col(table.workspace_id) == WORKSPACE, col(column) == bindparam(name))


@cache
def with_ids(table: type[RowT]) -> SelectOfScalar[RowT]:
    """The rows with the ids named."""
    return select(table).where(is_named(table, table.id))


def one(workspace_id: str, row_id: UUID) -> dict[str, Any]:
    """The parameters of `with_id` and `locked`."""
    return {WORKSPACE.key: workspace_id, _ROW.key: row_id}


@cache
def with_id(table: type[RowT]) -> SelectOfScalar[RowT]:
    """The row with an id."""
    return select(table).where(col(table.workspace_id) == WORKSPACE, col(table.id) == _ROW)


@cache
def locked(table: type[RowT]) -> SelectOfScalar[RowT]:
    """The same, read afresh and locked until the commit; others may still name it in a foreign key."""
    row = with_id(table).with_for_update(key_share=True)  # else they could be whom we wait for
    return row.execution_options(populate_existing=True)

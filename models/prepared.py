"""Statements that are built once, with what changes given as parameters: to build one costs more than to run it."""

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar
from sqlmodel.sql.sqltypes import UTCDateTime

from models.base import Row

RowT = TypeVar("RowT", bound=Row)

WORKSPACE: BindParameter[str] = bindparam("in_workspace")
WALL = bindparam("at_wall", type_=UTCDateTime())
NOW = bindparam("at_now", type_=UTCDateTime())
_NAMED = "named"


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


@cache
def with_id(table: type[RowT]) -> SelectOfScalar[RowT]:
    """The row with the id that is given as `row`."""
    return select(table).where(is_at(table, table.id, "row"))


@cache
def locked(table: type[RowT]) -> SelectOfScalar[RowT]:
    """The same, read afresh and locked until the commit; others may still name it in a foreign key."""
    row = with_id(table).with_for_update(key_share=True)  # else they could be whom we wait for
    return row.execution_options(populate_existing=True)

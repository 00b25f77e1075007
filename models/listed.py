"""Many rows by one statement that is given one list: to hand over each row by itself costs more than to store it.

The list is JSON text, which both databases read; keys to look for are an array where there are arrays.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from typing import Any, cast

from sqlalchemy import (
    ARRAY,
    JSON,
    Column,
    ColumnElement,
    Dialect,
    Insert,
    String,
    bindparam,
    func,
    insert,
    select,
)
from sqlalchemy import column as named

from models.base import Row

_ROWS = "rows_listed"
_KEYS = "keys_listed"


@cache
def insertion(table: type[Row], each: tuple[str, ...], alike: tuple[str, ...], dialect: str) -> Insert:
    """Inserts rows that differ in the columns `each`, and are alike in the others."""
    columns = _columns(table)
    given = _differing(columns, each, dialect)
    values = [*given, *(bindparam(name, type_=columns[name].type) for name in alike)]
    return insert(table).from_select([*each, *alike], select(*values), include_defaults=False)


def parameters(
    table: type[Row], rows: Sequence[Mapping[str, Any]], alike: Mapping[str, Any], dialect: Dialect
) -> dict[str, Any]:
    """What an `insertion` is given. All rows have the same columns."""
    ways = [(name, _way(column, dialect)) for name, column in _columns(table).items() if name in rows[0]]
    listed = [{name: way(row[name]) if way else row[name] for name, way in ways} for row in rows]
    return {_ROWS: json.dumps(listed, default=str), **alike}


def is_listed(column: Any, dialect: str) -> ColumnElement[bool]:
    """The column holds one of the `keys`."""
    wanted = cast(ColumnElement[Any], column)
    if dialect == "sqlite":
        return wanted.in_(select(each_key(column, dialect)))
    return wanted == func.any(bindparam(_KEYS, type_=ARRAY(wanted.type)))


def each_key(column: Any, dialect: str) -> ColumnElement[Any]:
    """The `keys` of that column, each in a row of its own."""
    if dialect == "sqlite":
        return func.json_each(bindparam(_KEYS, type_=String)).table_valued("value", name="listed").c.value
    return func.unnest(bindparam(_KEYS, type_=ARRAY(column.type))).column_valued("listed")


def keys(column: Any, values: Collection[Any], dialect: Dialect) -> dict[str, Any]:
    """What `is_listed` and `each_key` are given."""
    if dialect.name != "sqlite":
        return {_KEYS: list(values)}
    way = _way(column, dialect)
    return {_KEYS: json.dumps([way(value) if way else value for value in values])}


def _columns(table: type[Row]) -> Mapping[str, Column[Any]]:
    return table.__table__.c  # type: ignore[attr-defined,no-any-return]


def _differing(columns: Mapping[str, Column[Any]], each: Sequence[str], dialect: str) -> list[ColumnElement[Any]]:
    listed = bindparam(_ROWS, type_=String)
    if dialect == "sqlite":
        value = func.json_each(listed).table_valued("value").c.value
        return [func.json_extract(value, f"$.{name}") for name in each]
    typed = [named(name, columns[name].type) for name in each]
    rows = func.json_to_recordset(listed.cast(JSON)).table_valued(*typed).render_derived(with_types=True)
    return list(rows.c)


def _way(column: Any, dialect: Dialect) -> Callable[[Any], Any] | None:
    """How a value of this column is written for this database; JSON stands in the list as it is."""
    if isinstance(column.type, JSON):
        return None
    return column.type.dialect_impl(dialect).bind_processor(dialect)  # type: ignore[no-any-return]

"""Rows as lines of text that any of our databases reads back: each column with its kind, each value in one form."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine
from sqlmodel.sql.sqltypes import UTCDateTime


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of value: how it is written down, read, and stored."""

    name: str
    types: tuple[type[TypeEngine[Any]], ...]
    write: Callable[[Any], Any]
    read: Callable[[Any], Any]
    stored: TypeEngine[Any]


def _same(value: Any) -> Any:
    return value


_KINDS = (
    Kind("uuid", (sa.Uuid,), lambda value: value.hex, UUID, sa.Uuid()),
    Kind("moment", (UTCDateTime,), datetime.isoformat, datetime.fromisoformat, UTCDateTime()),
    Kind("date", (sa.Date,), date.isoformat, date.fromisoformat, sa.Date()),
    Kind("time", (sa.Time,), time.isoformat, time.fromisoformat, sa.Time()),
    Kind("bool", (sa.Boolean,), _same, bool, sa.Boolean()),
    Kind("json", (sa.JSON,), _same, _same, sa.JSON(none_as_null=True)),
    Kind("int", (sa.Integer,), _same, int, sa.BigInteger()),
    Kind("float", (sa.Float,), _same, float, sa.Float()),
    Kind("decimal", (sa.Numeric,), str, Decimal, sa.Numeric()),
    Kind("text", (sa.Enum, sa.String, sa.TypeDecorator), str, str, sa.Text()),
)
"""The first that fits is the one: a `Float` is a `Numeric` too."""
_BY_NAME = {kind.name: kind for kind in _KINDS}


def kind_of(column: sa.Column[Any]) -> Kind:
    """The kind of a column. Raises TypeError for a type that nobody has thought of."""
    for kind in _KINDS:
        if isinstance(column.type, kind.types) and not (kind.name == "text" and not _is_text(column.type)):
            return kind
    raise TypeError(f"{column.table.name}.{column.name} has a type that backups do not know: {column.type!r}.")


def _is_text(given: TypeEngine[Any]) -> bool:
    inner = given.impl_instance if isinstance(given, sa.TypeDecorator) else given
    return isinstance(inner, sa.String)


@dataclass(frozen=True, slots=True)
class Layout:
    """A table as it stood when its rows were written down: the names and kinds of its columns."""

    table: str
    columns: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, table: sa.Table) -> "Layout":
        """The layout of one of our tables."""
        return cls(table.name, tuple((column.name, kind_of(column).name) for column in table.columns))

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> "Layout":
        """The layout that a backup tells. Raises KeyError or ValueError for one that makes no sense."""
        columns = tuple((str(name), _BY_NAME[kind].name) for name, kind in said["columns"])
        return cls(str(said["table"]), columns)

    @property
    def target(self) -> sa.TableClause:
        """Where its rows go."""
        return sa.table(self.table, *(sa.column(name, _BY_NAME[kind].stored) for name, kind in self.columns))

    def line(self, row: Sequence[Any]) -> bytes:
        """A row as a line."""
        values = [
            None if value is None else _BY_NAME[kind].write(value)
            for value, (_, kind) in zip(row, self.columns, strict=True)
        ]
        return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()

    def row(self, line: bytes) -> dict[str, Any]:
        """A line as a row. Raises ValueError for one that does not fit."""
        values = json.loads(line)
        return {
            name: None if value is None else _BY_NAME[kind].read(value)
            for value, (name, kind) in zip(values, self.columns, strict=True)
        }

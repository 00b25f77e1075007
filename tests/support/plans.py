"""How the database would go about what it is asked: read from EXPLAIN, statement by statement."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event

from models.db import Database
from models.tables import METADATA

Asked = dict[str, Any]
"""By statement, the values it was sent with."""
_OF_FEW = {
    index.name
    for table in METADATA.tables.values()
    for index in table.indexes
    if index.dialect_options["postgresql"]["where"] is not None
}
"""Indexes that hold but a few of their table's rows."""
_NAMED = re.compile(r"\b(?:FROM|JOIN|UPDATE|,)\s+(\w+)(?:\s+AS)?\s+(\w+)", re.IGNORECASE)


@contextmanager
def asked(db: Database) -> Iterator[Asked]:
    """The different statements that look for rows or change them, sent while this is open."""
    seen: Asked = {}

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, is_many: bool) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE", "WITH")) and "set_config" not in statement:
            seen.setdefault(statement, values[0] if is_many else values)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def searches(connection: Connection, statement: str, values: Any) -> Iterator[tuple[str, str]]:
    """Each search of a table in the plan: the table, and by what it is searched; "" is a scan of the whole table.

    An index that holds but a few of the rows leads to few whatever it is searched by: those are left out.
    """
    if connection.dialect.name == "sqlite":
        yield from _of_sqlite(connection, statement, values)
    else:
        (plan,) = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values).scalar_one()
        yield from _of_postgres(plan["Plan"])


def _of_sqlite(connection: Connection, statement: str, values: Any) -> Iterator[tuple[str, str]]:
    names = {alias: table for table, alias in _NAMED.findall(statement)}
    for *_, line in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values):
        does, _, rest = line.partition(" ")
        table, _, how = rest.partition(" ")
        if does in ("SCAN", "SEARCH") and not any(name in how.split(" ") for name in _OF_FEW):
            yield names.get(table, table), how.partition("(")[2].rstrip(")") if does == "SEARCH" else ""


def _of_postgres(node: Mapping[str, Any], table: str = "") -> Iterator[tuple[str, str]]:
    table = node.get("Relation Name", table)
    is_of_few = node.get("Index Name") in _OF_FEW
    if node["Node Type"] in ("Index Scan", "Index Only Scan", "Bitmap Index Scan", "Seq Scan") and not is_of_few:
        yield table, node.get("Index Cond", "")
    for below in node.get("Plans", []):
        yield from _of_postgres(below, table)

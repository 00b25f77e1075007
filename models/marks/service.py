"""When something was last done for the installation. Any number of replicas may say so at the same time."""

from typing import Any

from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from models.access import system_only
from models.db import Tx
from models.marks.tables import UpkeepMark

BACKUP = "backup"
"""A backup was written."""
DRILL = "drill"
"""A backup was read back, whole, into a database of its own."""
PROBE = "probe"
"""Somebody asked whether the database can be written."""
AUDIT = "audit"
"""The auditor found nothing that should have happened and did not."""


def set_mark(tx: Tx, name: str, **figures: Any) -> None:
    """It went well, now."""
    system_only(tx)
    values = {"at": tx.now, "figures": figures}
    statement = _insert(tx)(UpkeepMark).values(name=name, **values)
    tx.session.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))


def add_once(tx: Tx, name: str, canary: str) -> None:
    """A mark that stays as it is, should it be there."""
    system_only(tx)
    statement = _insert(tx)(UpkeepMark).values(name=name, at=tx.now, figures={}, canary=canary)
    tx.session.execute(statement.on_conflict_do_nothing())


def mark(tx: Tx, name: str) -> UpkeepMark | None:
    """When it last went well; none for never."""
    system_only(tx)
    return tx.session.get(UpkeepMark, name)


def _insert(tx: Tx) -> Any:
    return sqlite_insert if tx.session.get_bind().dialect.name == "sqlite" else postgres_insert

"""When something was last done for the installation. Any number of replicas may say so at the same time."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import col, select

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

PRESENT_EVERY = timedelta(seconds=30)
PRESENT_FOR = 3 * PRESENT_EVERY
"""How long a process that has not said so again still counts as running."""
_PROCESS = "process:"
_FORGOTTEN = timedelta(days=1)


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


def arrive(tx: Tx, process_id: str, seals: str = "") -> None:
    """A process works on this database: it says so again and again, and `leave`s at its end.

    `seals` names the key with which it seals.
    """
    system_only(tx)
    set_mark(tx, f"{_PROCESS}{process_id}", seals=seals)
    old = col(UpkeepMark.at) < tx.now - _FORGOTTEN
    tx.session.execute(delete(UpkeepMark).where(col(UpkeepMark.name).startswith(_PROCESS), old))


def leave(tx: Tx, process_id: str) -> None:
    """It has ended."""
    system_only(tx)
    tx.session.execute(delete(UpkeepMark).where(col(UpkeepMark.name) == f"{_PROCESS}{process_id}"))


def present(tx: Tx) -> list[str]:
    """The processes that have said lately that they are there."""
    return [row.name.removeprefix(_PROCESS) for row in _present(tx)]


def sealing(tx: Tx) -> set[str]:
    """The keys with which they seal, as far as they say."""
    return {str(row.figures["seals"]) for row in _present(tx) if row.figures.get("seals")}


def _present(tx: Tx) -> Sequence[UpkeepMark]:
    system_only(tx)
    is_lately = col(UpkeepMark.at).between(tx.now - PRESENT_FOR, tx.now + PRESENT_FOR)  # no later: a clock was wrong
    return tx.session.exec(select(UpkeepMark).where(col(UpkeepMark.name).startswith(_PROCESS), is_lately)).all()


def mark(tx: Tx, name: str) -> UpkeepMark | None:
    """When it last went well; none for never."""
    system_only(tx)
    return tx.session.get(UpkeepMark, name)


def _insert(tx: Tx) -> Any:
    return sqlite_insert if tx.dialect.name == "sqlite" else postgres_insert

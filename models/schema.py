"""The database's schema: which revision it has, and the way up to the one this code needs."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkstemp

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from models import guard
from models.access import SYSTEM
from models.db import Database

SCRIPTS = Path(__file__).resolve().parent.parent / "migrations"
_ADVISORY_LOCK = 0x0CADE9CE  # any number that is ours: replicas that start together migrate one after the other

_PATIENCE_MS = 120_000


class SchemaError(Exception):
    """The database cannot be used as it is; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class SchemaState:
    """The revision a database has (none: it is empty) and the one this code needs."""

    current: str | None
    head: str

    @property
    def is_current(self) -> bool:
        """Whether they are the same."""
        return self.current == self.head


@dataclass(frozen=True, slots=True)
class Migrated:
    """What `upgrade` did. `backup` is the copy made of an existing SQLite file before it was changed."""

    before: str | None
    after: str
    backup: Path | None = None


def state(db: Database, scripts: Path = SCRIPTS) -> SchemaState:
    """The revisions, without changing anything. Raises SchemaError for a database this code cannot serve."""
    with db.snapshot() as connection:
        return _state(connection, scripts)


def upgrade(db: Database, scripts: Path = SCRIPTS) -> Migrated:
    """Bring the database to the newest revision, in one transaction and under a lock. Nothing to do is fine.

    An existing SQLite file is copied first. Raises SchemaError if the database is newer than this code.
    """
    with db.snapshot() as connection:
        before = _state(connection, scripts)
        if before.is_current and (db.is_sqlite or not guard.unguarded(connection)):
            return Migrated(before.current, before.head)
    backup = _backup(db, before)
    with _changing(db) as connection:
        before = _state(connection, scripts)
        if not before.is_current:
            command.upgrade(alembic_config(connection, scripts), "head")
        if not db.is_sqlite:
            guard.lay_down(connection)
    return Migrated(before.current, before.head, backup)


def plan(db: Database, scripts: Path = SCRIPTS) -> list[tuple[str, str]]:
    """The revisions that `upgrade` would go through, in order, each with its title. Changes nothing."""
    found = state(db, scripts)
    if found.is_current:
        return []
    directory = ScriptDirectory(str(scripts))
    steps = directory.iterate_revisions("head", found.current or "base")
    return [(step.revision, (step.doc or "").splitlines()[0]) for step in reversed(list(steps))]


def downgrade(db: Database, revision: str, scripts: Path = SCRIPTS) -> None:
    """Go back to an older revision (`base`: to nothing), in one transaction and under the lock."""
    with _changing(db) as connection:
        command.downgrade(alembic_config(connection, scripts), revision)
        if not db.is_sqlite:
            guard.lift(connection)  # older versions do not say whom they act for


def require_current(db: Database) -> None:
    """Raise SchemaError unless the database has the revision this code needs."""
    found = state(db)
    if not found.is_current:
        have = f"has revision {found.current}" if found.current else "is empty"
        raise SchemaError(f"The database {have}; this version needs {found.head}. Run `cadence migrate`.")


def lay_down(
    db: Database, revision: str, fill: Callable[[Connection], None], then: Callable[[Connection], None]
) -> None:
    """Make an empty database one of `revision`, fill it, bring it to the newest one, and do what is then to be done.

    All in one transaction. Raises SchemaError for a database that is not empty.
    """
    with _changing(db) as connection:
        if inspect(connection).get_table_names():
            raise SchemaError("The database is not empty. Name a new one in DATABASE_URL, or move the old one away.")
        command.upgrade(alembic_config(connection), revision)
        fill(connection)
        command.upgrade(alembic_config(connection), "head")
        then(connection)


def knows(revision: str) -> bool:
    """Whether this code has the way up from a revision."""
    return revision in _ways(SCRIPTS)[1]


def revision(connection: Connection) -> str | None:
    """The revision of the database behind a connection; none for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def has(db: Database, table: str) -> bool:
    """Whether the database has a table."""
    return inspect(db.engine).has_table(table)


def alembic_config(connection: Connection, scripts: Path = SCRIPTS) -> Config:
    """Alembic's configuration for a connection."""
    config = Config()
    config.set_main_option("script_location", str(scripts))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config


@contextmanager
def _changing(db: Database) -> Iterator[Connection]:
    """A transaction that nobody else changes the schema beside. On SQLite every writing transaction is that."""
    with db.connection(SYSTEM) as connection:
        if db.is_sqlite:
            _pragma(connection, "foreign_keys=OFF")  # copying a table would otherwise trip over those that name it
            _pragma(connection, f"busy_timeout={_PATIENCE_MS}")  # for somebody else who migrates
        try:
            with connection.begin():
                if not db.is_sqlite:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
                yield connection
                if db.is_sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()):
                    raise SchemaError(f"{len(broken)} rows would name rows that do not exist. Nothing was changed.")
        finally:
            if db.is_sqlite:
                _pragma(connection, "foreign_keys=ON")
                _pragma(connection, "busy_timeout=5000")


def _pragma(connection: Connection, setting: str) -> None:
    # SQLite ignores these inside a transaction, and SQLAlchemy begins one for every statement: hence past it.
    driver = connection.connection.dbapi_connection
    assert isinstance(driver, sqlite3.Connection)  # noqa: S101 (for the type checker)
    driver.execute(f"PRAGMA {setting}")


def _state(connection: Connection, scripts: Path) -> SchemaState:
    head, known = _ways(scripts)
    current = revision(connection)
    if current is not None and current not in known:
        raise SchemaError(
            f"The database has revision {current}, which this version does not know: it was changed by a newer "
            "version of Vendor Cadence. Run that version, or restore the backup made before its migration."
        )
    if current is None and inspect(connection).has_table("engagement"):
        raise SchemaError(
            "The database has tables but no revision: it was not laid down by `cadence migrate`. "
            "Use an empty database, or restore a backup."
        )
    return SchemaState(current, head)


@cache
def _ways(scripts: Path) -> tuple[str, frozenset[str]]:
    """The newest revision, and all there are. Read once: to load the scripts takes longer than all else at a start."""
    directory = ScriptDirectory(str(scripts))
    return str(directory.get_current_head()), frozenset(script.revision for script in directory.walk_revisions())


def _backup(db: Database, before: SchemaState) -> Path | None:
    """Copy an existing SQLite file that will be changed, with SQLite's own online backup.

    It has its name only when it is whole and on the disk, and is readable by us alone from the beginning.
    """
    name = db.engine.url.database
    if not db.is_sqlite or not name or name == ":memory:":
        return None
    if before.current is None:
        return None
    source = Path(name)
    stamp = db.clock.now().strftime("%Y%m%d-%H%M%S")
    target = source.with_name(f"{source.name}.{before.current}-{stamp}.backup")
    handle, name = mkstemp(prefix=f"{target.name}.", suffix=".part", dir=source.parent)
    part = Path(name)
    try:
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(part)) as new:
            old.backup(new)
        os.fsync(handle)
        if not target.exists():  # else somebody who migrates with us has it, and perhaps from before we read
            part.rename(target)
    finally:
        os.close(handle)
        for leftover in (part, part.with_name(f"{part.name}-journal")):
            leftover.unlink(missing_ok=True)
    return target

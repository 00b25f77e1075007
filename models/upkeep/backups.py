"""Backups: the whole database as it stood at one moment, sealed, and readable into SQLite and PostgreSQL alike.

A backup is taken while everything goes on. Text that is sealed in the database stays sealed in it, and the whole is
sealed once more. Its last line is a manifest: how many rows of each table it holds, and a hash over them.
"""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from fcntl import LOCK_EX, LOCK_NB, flock
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory, mkstemp
from typing import Any, BinaryIO

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError
from sqlmodel import col

from models import schema
from models.access import SYSTEM
from models.clock import Clock
from models.db import Database
from models.engagements.tables import Workspace
from models.installations.service import GRACE
from models.outbox import doubts
from models.tables import METADATA
from models.upkeep import keys
from models.upkeep.box import MAGIC, BackupError, BoxReader, BoxWriter
from models.upkeep.cells import Layout
from models.vault import Vault

_AT_ONCE = 500
_TELL_EVERY = 50_000
_WHOLE = 2**256

Progress = Callable[[str, int], None]
"""Told a table and how many of its rows are done."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a backup holds: from when, at which revision, and how many rows of each table."""

    made_at: datetime
    revision: str
    rows: dict[str, int]

    @property
    def total(self) -> int:
        """All rows."""
        return sum(self.rows.values())


class _Sum:
    """Counts the rows of a table and hashes them, in whatever order they come."""

    def __init__(self) -> None:
        self.rows = 0
        self._hash = 0

    def add(self, line: bytes) -> None:
        self.rows += 1
        self._hash = (self._hash + int.from_bytes(sha256(line).digest(), "big")) % _WHOLE

    @property
    def figures(self) -> dict[str, Any]:
        return {"rows": self.rows, "hash": f"{self._hash:064x}"}


def _silent(_table: str, _rows: int) -> None:
    pass


def write(db: Database, path: Path, progress: Progress = _silent) -> Content:
    """Back a database up into a new file. Raises BackupError for a file that exists, SchemaError for an old schema."""
    schema.require_current(db)
    with db.read(SYSTEM) as tx:
        made_at = tx.now
    with _new_file(path) as out, db.snapshot() as connection:
        revision = str(schema.revision(connection))
        about = {"revision": revision, "made_at": made_at.isoformat()}
        with BoxWriter(out, db.vault, about) as box:
            sums = {table.name: _dump(connection, box, table, progress) for table in METADATA.sorted_tables}
            box.write(json.dumps({"manifest": {name: one.figures for name, one in sums.items()}}).encode())
    return Content(made_at, revision, {name: one.rows for name, one in sums.items()})


def restore(db: Database, path: Path, progress: Progress = _silent) -> Content:
    """Bring a backup into an empty database, in one transaction, and up to the present schema.

    Every row is read back and compared. What waited to be posted may have been posted since: it is looked for before it
    is sent. Raises BackupError, SchemaError for a database that is not empty, or VaultError when a key of the texts is
    missing; nothing is changed then.
    """
    with path.open("rb") as source:
        reader = BoxReader(source, db.vault)
        revision = str(reader.head["revision"])
        if not schema.knows(revision):
            raise BackupError(
                f"This backup has revision {revision}, which this version does not know: it was made by a newer "
                "version of Vendor Cadence. Restore it with that version."
            )
        found = Content(datetime.fromisoformat(str(reader.head["made_at"])), revision, {})
        schema.lay_down(
            db,
            revision,
            lambda connection: found.rows.update(_load(connection, reader, progress)),
            lambda connection: _wake(connection, db),
        )
    return found


def verify(path: Path, vault: Vault, clock: Clock, progress: Progress = _silent) -> Content:
    """The drill: restore a backup into a database of its own, which is thrown away. Raises as `restore` does."""
    with TemporaryDirectory(prefix="cadence-drill-") as folder:
        scratch = Database(f"sqlite:///{folder}/drill.db", clock, vault)
        try:
            return restore(scratch, path, progress)
        finally:
            scratch.close()


@contextmanager
def _new_file(path: Path) -> Iterator[BinaryIO]:
    """A file that appears under its name only when it is whole and on the disk, readable by us alone."""
    _must_be_new(path)
    _remove_left_over(path.parent)
    handle, name = mkstemp(prefix=f"{path.name}.", suffix=".part", dir=path.parent)  # of nobody else who writes there
    try:
        with os.fdopen(handle, "wb") as out:
            with suppress(OSError):  # not every file system has locks
                flock(out, LOCK_EX)
            yield out
            out.flush()
            os.fsync(out.fileno())
            _must_be_new(path)
            Path(name).rename(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _remove_left_over(folder: Path) -> None:
    """Files of backups that were killed: begun by us, and held by nobody who writes them."""
    for part in folder.glob("*.part"):
        with suppress(OSError), part.open("rb") as left:
            flock(left, LOCK_EX | LOCK_NB)
            if left.read(len(MAGIC)) == MAGIC:
                part.unlink()


def _must_be_new(path: Path) -> None:
    if path.exists():
        raise BackupError(f"{path} exists already: choose another name.")


def _dump(connection: sa.Connection, box: BoxWriter, table: sa.Table, progress: Progress) -> _Sum:
    layout, found = Layout.of(table), _Sum()
    box.write(json.dumps({"table": layout.table, "columns": layout.columns}).encode())
    for row in connection.execute(sa.select(table), execution_options={"yield_per": _AT_ONCE}):
        line = layout.line(row)
        box.write(line)
        found.add(line)
        if found.rows % _TELL_EVERY == 0:
            progress(table.name, found.rows)
    progress(table.name, found.rows)
    return found


def _load(connection: sa.Connection, reader: BoxReader, progress: Progress) -> dict[str, int]:
    """Store all rows; compare what was read with the manifest, and what is stored with what was read."""
    try:
        layouts, read = _fill(connection, reader, progress)
    except OperationalError:
        raise  # the disk is full or the database away: the backup may be good
    except (ValueError, KeyError, TypeError, IndexError, IntegrityError, StatementError):
        raise BackupError(_WRONG) from None
    for layout in layouts:
        stored = _stored(connection, layout)
        if stored.figures != read[layout.table].figures:
            raise BackupError(f"What was stored of {layout.table} is not what was read. Nothing was changed.")
        progress(layout.table, stored.rows)
    return {name: one.rows for name, one in read.items()}


def _fill(connection: sa.Connection, reader: BoxReader, progress: Progress) -> tuple[list[Layout], dict[str, _Sum]]:
    layouts: list[Layout] = []
    read: dict[str, _Sum] = {}
    manifest: dict[str, Any] | None = None
    for item in _items(reader):
        if manifest is not None:
            raise BackupError(_WRONG)
        match item:
            case Layout():
                layouts.append(item)
                read[item.table] = _Sum()
            case dict():
                manifest = item
            case list():
                _store(connection, layouts[-1], item, read[layouts[-1].table])
                if read[layouts[-1].table].rows % _TELL_EVERY == 0:
                    progress(layouts[-1].table, read[layouts[-1].table].rows)
    if manifest != {name: one.figures for name, one in read.items()}:
        raise BackupError(_WRONG)
    return layouts, read


_WRONG = "This backup does not hold what its manifest says. Use another one."


def _items(reader: BoxReader) -> Iterator[Layout | list[bytes] | dict[str, Any]]:
    """The content in order: a table's layout, its rows in batches, the next table, ... and the manifest."""
    batch: list[bytes] = []
    for line in reader.lines():
        if line.startswith(b"["):
            batch.append(line)
            if len(batch) < _AT_ONCE:
                continue
        if batch:
            yield batch
            batch = []
        if not line.startswith(b"["):
            said = json.loads(line)
            yield said["manifest"] if "manifest" in said else Layout.read(said)
    if batch:
        raise BackupError(_WRONG)


def _store(connection: sa.Connection, layout: Layout, lines: Sequence[bytes], found: _Sum) -> None:
    for line in lines:
        found.add(line)
    connection.execute(layout.target.insert(), [layout.row(line) for line in lines])


def _stored(connection: sa.Connection, layout: Layout) -> _Sum:
    found = _Sum()
    for row in connection.execute(sa.select(layout.target), execution_options={"yield_per": _AT_ONCE}):
        found.add(layout.line(row))
    return found


def _wake(connection: sa.Connection, db: Database) -> None:
    """What was restored, at the present schema: prove the keys, and doubt whether what waited is still to be sent.

    A workspace that had removed the app may have installed it again since: its data are kept for another grace.
    """
    with db.within(connection, SYSTEM) as tx:
        keys.enrol(tx, db.vault)
        doubts.doubt_all(tx, tx.now)
        tx.beside(sa.update(Workspace).where(col(Workspace.erase_at).is_not(None)).values(erase_at=tx.now + GRACE))

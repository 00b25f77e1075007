"""Checks of what is on this machine: the settings, the database, the keys."""

import re
import shutil
import stat
import zoneinfo
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import func, or_
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from bot.blocks.kit import plural
from bot.cli.problems import database_reason
from bot.doctor.findings import Finding, bad, good, odd
from bot.settings import unknown_keys
from models import guard, schema
from models.access import SYSTEM
from models.base import Sealed
from models.db import Database, Tx
from models.engagements.tables import Workspace
from models.marks import service as presence
from models.outbox.rules import OPEN_STATES, OutboxState
from models.outbox.tables import OutboxMessage
from models.upkeep import keys as key_marks
from models.upkeep import rotation
from models.vault import Vault, VaultError
from scheduler.due import DueQueue
from scheduler.steps import STEPS

_NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p", "afs", "ceph", "glusterfs"})
_LITTLE_ROOM, _NO_ROOM = 500 * 2**20, 50 * 2**20
_LATE = timedelta(minutes=5)
_KEY_BACK = "Put the former key back into CADENCE_KEYS, behind the present one: cadence keys list"
_OVERDUE_LOOK = 500
_TOLD_FOR = timedelta(days=7)
"""What could not be sent is told so long: later nobody can do anything about it."""
_MEND = "Mend what is named below: it is not sent again, what comes next is. It is told for a week."


def settings_file(path: Path) -> Iterator[Finding]:
    """The `.env` file itself; the settings in it were read before."""
    yield good("settings", "They can be used.")
    for sentence in unknown_keys(path):
        yield odd("settings", sentence, "Correct the name, or remove the line.")
    if path.is_file() and stat.S_IMODE(path.stat().st_mode) & 0o077:
        said = f"{path} can be read by others on this machine."
        yield odd("settings", said, f"chmod 600 {path}", partial(_shut, path))


def _shut(path: Path) -> None:
    """Let nobody else in."""
    path.chmod(stat.S_IMODE(path.stat().st_mode) & ~(stat.S_IRWXG | stat.S_IRWXO))


def database(db: Database) -> Iterator[Finding]:
    """Can it be reached and written, and is its schema the one we need? Whatever follows needs both."""
    try:
        found = schema.state(db)
    except schema.SchemaError as error:
        yield bad("schema", str(error), "Use the version that fits, or another DATABASE_URL.")
        return
    except DBAPIError as error:
        remedy = "Check DATABASE_URL, and that the server runs and lets this machine in."
        yield bad("database", f"It cannot be reached: {database_reason(error)}.", remedy)
        return
    yield from _disk(db)
    if not found.is_current:
        said = f"It is {found.current or 'empty'}, needed is {found.head}."
        # What is there is copied first, but on PostgreSQL: there the operator makes the backup.
        yield bad("schema", said, "cadence migrate", partial(schema.upgrade, db) if db.is_sqlite else None)
        return
    yield good("schema", f"At revision {found.head}.")
    yield from _row_security(db)
    yield _writable(db)
    yield from _sound(db)


def _row_security(db: Database) -> Iterator[Finding]:
    """On PostgreSQL: is the second lock between workspaces there, and does it bind us?"""
    if db.is_sqlite:
        return
    with db.snapshot() as connection:
        open_tables, passes_by = guard.unguarded(connection), guard.passes_by(connection)
    if open_tables:
        remedy = "Run `cadence migrate` as the role that owns the tables."
        yield bad("row security", f"These tables lack the policy: {', '.join(open_tables)}.", remedy)
    elif passes_by:
        remedy = "Use a role with NOSUPERUSER NOBYPASSRLS: see docs/operate/workspaces.md."
        yield odd("row security", "The role in DATABASE_URL passes by it: it is a superuser or has BYPASSRLS.", remedy)
    else:
        yield good("row security", "Every table has its policy, and it binds this role.")


def _disk(db: Database) -> Iterator[Finding]:
    name = db.engine.url.database
    if not db.is_sqlite or not name:
        return
    folder = Path(name).resolve().parent
    yield from _seen_by_others(Path(name).resolve())
    kind = _file_system(folder)
    if kind in _NETWORK:
        remedy = "Move it to a local disk, or use PostgreSQL."
        yield bad("disk", f"{name} lies on a network disk ({kind}), where SQLite loses data.", remedy)
    free = shutil.disk_usage(folder).free
    if free < _NO_ROOM:
        yield bad("disk", f"{free // 2**20} MB are free where {name} lies.", "Make room.")
    elif free < _LITTLE_ROOM:
        yield odd("disk", f"{free // 2**20} MB are free where {name} lies.", "Make room soon.")
    else:
        yield good("disk", f"{free // 2**30} GB are free where {name} lies.")


def _seen_by_others(file: Path) -> Iterator[Finding]:
    """Text is sealed in it, but who works with whom is not."""
    is_open = all(folder.stat().st_mode & stat.S_IXOTH for folder in file.parents)
    if is_open and file.is_file() and file.stat().st_mode & (stat.S_IROTH | stat.S_IWOTH):
        said = f"{file.name} can be read by others on this machine."
        yield odd("database file", said, f"chmod 600 {file}", partial(_shut, file))


def zones_version() -> str:
    """Which release of the IANA time zone database is used (`2026f`): the system's, else the package's; or empty."""
    files = [Path(folder) / "tzdata.zi" for folder in zoneinfo.TZPATH]
    for file in files:
        if file.is_file() and (found := re.match(r"# version (\w+)", file.read_text(errors="replace"))):
            return found[1]
    has_system = any(Path(folder).is_dir() for folder in zoneinfo.TZPATH)
    return "" if has_system else version("tzdata")


def time_zones(release: str, year: int) -> Finding:
    """Are the rules of daylight saving up to date? Governments change them at short notice."""
    if not re.match(r"\d{4}", release):
        return good("time zones", "The system does not say how old they are.")
    if int(release[:4]) < year - 1:
        remedy = "Update tzdata: the system's package, or the container's image."
        return odd("time zones", f"They are those of {release}.", remedy)
    return good("time zones", f"They are those of {release}.")


def _file_system(folder: Path) -> str:
    """The type of the file system that holds a folder; unknown where the machine does not tell."""
    mounts = Path("/proc/mounts")
    if not mounts.is_file():
        return "unknown"
    lines = (line.split() for line in mounts.read_text(errors="replace").splitlines())
    holding = [(Path(parts[1]), parts[2]) for parts in lines if folder.is_relative_to(parts[1])]
    return max(holding, key=lambda mount: len(mount[0].parts), default=(folder, "unknown"))[1]


class _Undo(Exception):
    """Ends a trial that must leave nothing behind."""


def _writable(db: Database) -> Finding:
    try:
        with db.transaction(SYSTEM) as tx:
            tx.add(Workspace(workspace_id="doctor"))
            tx.session.flush()
            raise _Undo
    except _Undo:
        return good("database", f"{db.engine.dialect.name} can be read and written.")
    except DBAPIError as error:
        return bad("database", f"It cannot be written: {database_reason(error)}.", "Check rights and free space.")


def _sound(db: Database) -> Iterator[Finding]:
    """Is an SQLite file whole? Reads all of it. (Every connection sets the journal to WAL: nothing to look at.)"""
    if not db.is_sqlite:
        return
    with db.snapshot() as connection:
        problem = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one())
    if problem == "ok":
        yield good("database file", "It is whole.")
    else:
        remedy = "Stop the bot, keep a copy of the file, and restore the last backup: cadence restore FILE"
        yield bad("database file", f"It is damaged: {problem}.", remedy)


def keys(tx: Tx, vault: Vault) -> Finding:
    """Do the keys open the oldest and the newest texts of every kind, and is the key of every other one set?"""
    opened = 0
    for where, sealed in key_marks.samples(tx):
        try:
            vault.open(Sealed(sealed), where)
        except VaultError as error:
            return bad("keys", str(error), _KEY_BACK)
        opened += 1
    if lost := rotation.lost(tx, vault):
        return bad("keys", f"{plural(lost, 'text', 'texts')} cannot be read: their key is not set.", _KEY_BACK)
    return good("keys", f"They open what is stored ({opened} samples)." if opened else "Nothing is sealed yet.")


def due(db: Database) -> Iterator[Finding]:
    """Is what is due being done?"""
    rows = DueQueue(db, STEPS).upcoming(_OVERDUE_LOOK)
    late = [row for row in rows if row.due_at < db.clock.now() - _LATE]
    failing = [row for row in rows if row.failures]
    if late:
        said = f"{len(late)} steps should have been done more than {_LATE.seconds // 60} minutes ago."
        yield odd("due", said, "Is the bot running? `cadence run`, or `cadence tick` once.")
    for row in failing[:5]:
        yield odd("due", f"A {row.step} failed {row.failures} times: {row.error}", "See the log; it is tried again.")
    if not late and not failing:
        yield good("due", "Nothing is overdue.")


def running(tx: Tx, *, is_sqlite: bool) -> Finding:
    """How many processes work on this database?"""
    count = len(presence.present(tx))
    if count > 1 and is_sqlite:
        remedy = "Stop all but one, or use PostgreSQL: it lets any number work together."
        return bad("running", f"{count} processes run on this SQLite file.", remedy)
    return good("running", f"{plural(count, 'process', 'processes')} on this database.")


def outbox(tx: Tx) -> Iterator[Finding]:
    """Does what should be posted get out?"""
    is_told = or_(col(OutboxMessage.state) != OutboxState.DEAD, col(OutboxMessage.written_at) > tx.now - _TOLD_FOR)
    counted = select(OutboxMessage.state, func.count()).where(is_told).group_by(OutboxMessage.state)
    counts = dict(tx.session.exec(counted).all())
    if unsure := counts.get(OutboxState.UNSURE):
        yield odd(
            "outbox", f"{unsure} messages may or may not be in Slack.", "The bot looks for them by itself; let it run."
        )
    if dead := counts.get(OutboxState.DEAD):
        reason = tx.session.exec(
            select(OutboxMessage.error)
            .where(OutboxMessage.state == OutboxState.DEAD)
            .order_by(col(OutboxMessage.id).desc())
            .limit(1)
        ).first()
        yield odd("outbox", f"{dead} messages of this week could not be sent; the last one: {reason}.", _MEND)
    waiting = sum(counts.get(state, 0) for state in OPEN_STATES)
    if not unsure and not dead:
        yield good("outbox", f"{waiting} messages wait." if waiting else "Nothing waits.")

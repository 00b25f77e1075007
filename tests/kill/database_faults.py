"""Ways in which a database fails, as data. The errors are the database's own: a lock that somebody else holds, a file
that may not grow, a connection that is cut, an error raised in the server.
"""

import sqlite3
from functools import partial
from random import Random

import psycopg

from tests.kill.steps import Blow, Raw, Steps

SQLITE = ("locked", "full", "input/output error")
POSTGRES = (
    "cut before the commit",
    "cut after the commit",
    "disk_full",
    "deadlock_detected",
    "read_only_sql_transaction",
)
"""Two ways of losing the connection; the others are conditions of the server, by their names in SQL."""
ONE_IN = 3


def failing(fault: str, seed: int, address: str) -> Steps:
    """Steps of which one in three fails in this way; which ones, the seed decides."""
    chance = Random(seed)
    return Steps(lambda _: chance.random() < 1 / ONE_IN, _blow(fault, address), by_begin=fault in ("locked", "full"))


def _blow(fault: str, address: str) -> Blow:
    match fault:
        case "locked":
            return _Lock(address).blow
        case "full":
            return Blow(begin=partial(_may_grow_to, 1), over=partial(_may_grow_to, 2**30))
        case "input/output error":
            return Blow(before=_fails_to_write)
        case "cut before the commit":
            return Blow(before=partial(_cut, address))
        case "cut after the commit":
            return Blow(after=partial(_cut, address))
        case condition:
            return Blow(before=partial(_raise, condition))


class _Lock:
    """Somebody else is writing, for longer than we wait."""

    def __init__(self, address: str) -> None:
        self._path = address.removeprefix("sqlite:///")
        self._holder: sqlite3.Connection | None = None
        self.blow = Blow(begin=self._take, over=self._let_go)

    def _take(self, raw: Raw) -> None:
        self._holder = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        self._holder.execute("BEGIN IMMEDIATE")
        raw.execute("PRAGMA busy_timeout=1")

    def _let_go(self, raw: Raw) -> None:
        if self._holder is not None:
            self._holder.close()
        raw.execute("PRAGMA busy_timeout=5000")


def _may_grow_to(pages: int, raw: Raw) -> None:
    """No smaller than it is; SQLite's own way of saying that a disk has an end."""
    raw.execute(f"PRAGMA max_page_count={pages}")


def _fails_to_write(raw: Raw) -> None:
    raw.rollback()
    raise sqlite3.OperationalError("disk I/O error")


def _cut(address: str, raw: Raw) -> None:
    with psycopg.connect(address, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", (raw.info.backend_pid,))
    raw.execute("SELECT 1")  # what it says is the driver's own


def _raise(condition: str, raw: Raw) -> None:
    raw.execute(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{condition}'; END $$")

"""Durable steps of a process, numbered; at a chosen one the process kills or freezes itself."""

import signal
import threading
from typing import Any

from sqlalchemy import Engine, event

_READS = ("SELECT", "PRAGMA", "BEGIN", "SAVEPOINT", "RELEASE", "SHOW", "SET")


class Steps:
    """Counts from when it is armed. A step is a commit that changes something; the blow falls right after it."""

    def __init__(self, strike_at: int, strike: signal.Signals) -> None:
        self._strike_at = strike_at
        self._strike = strike
        self._count = 0
        self._lock = threading.Lock()
        self._writing: set[int] = set()
        self.is_armed = False

    def watch(self, engine: Engine) -> None:
        """Count the commits of this engine."""
        event.listen(engine, "after_cursor_execute", self._note_writing)
        dialect = engine.dialect
        commit, rollback = dialect.do_commit, dialect.do_rollback

        def do_commit(connection: Any) -> None:
            is_writing = id(connection.dbapi_connection) in self._writing
            self._writing.discard(id(connection.dbapi_connection))
            commit(connection)
            self._pass(is_writing)

        def do_rollback(connection: Any) -> None:
            self._writing.discard(id(connection.dbapi_connection))
            rollback(connection)

        dialect.do_commit, dialect.do_rollback = do_commit, do_rollback  # type: ignore[method-assign]

    def _pass(self, is_writing: bool) -> None:
        if not (is_writing and self.is_armed):
            return
        with self._lock:
            self._count += 1
            is_chosen = self._count == self._strike_at
        if is_chosen:
            signal.pthread_kill(threading.get_ident(), self._strike)  # this thread goes no step further

    def _note_writing(self, connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if not statement.lstrip().upper().startswith(_READS) and cursor.rowcount != 0:
            self._writing.add(id(connection.connection.dbapi_connection))

"""Durable steps of a process, numbered, and what befalls it at some of them."""

import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, ExceptionContext, event

from models.engines import READS

Raw = Any
"""A connection of a driver's."""
_READS = ("SELECT", "PRAGMA", "BEGIN", "SAVEPOINT", "RELEASE", "SHOW", "SET")


def _nothing(_raw: Raw) -> None:
    """All is well."""


@dataclass(frozen=True, slots=True)
class Blow:
    """What happens at a step: as its transaction begins, right before its commit, or right after it.

    `over` is called when that transaction has ended, whichever way.
    """

    begin: Callable[[Raw], None] = _nothing
    before: Callable[[Raw], None] = _nothing
    after: Callable[[Raw], None] = _nothing
    over: Callable[[Raw], None] = _nothing


def sent_to_self(strike: signal.Signals) -> Blow:
    """A signal right after the commit: the thread that committed goes no step further."""
    return Blow(after=lambda _: signal.pthread_kill(threading.get_ident(), strike))


class Steps:
    """Counts from when it is armed. A step is a commit that changes something, or with `by_begin` a transaction that
    might.
    """

    def __init__(self, is_struck: Callable[[int], bool], blow: Blow, *, by_begin: bool = False) -> None:
        self._is_struck = is_struck
        self._blow = blow
        self._by_begin = by_begin
        self._count = 0
        self._lock = threading.Lock()
        self._writing: set[int] = set()
        self._struck: set[int] = set()
        self.is_armed = False

    def watch(self, engine: Engine) -> None:
        """Count the commits of this engine."""
        event.listen(engine, "after_cursor_execute", self._note_writing)
        if self._by_begin:
            event.listen(engine, "handle_error", self._failed)
        dialect = engine.dialect
        begin, commit, rollback = dialect.do_begin, dialect.do_commit, dialect.do_rollback

        def do_begin(connection: Any) -> None:
            if self._by_begin and not connection.info.get(READS) and self._passes():
                raw = connection.dbapi_connection
                self._struck.add(id(raw))
                self._blow.begin(raw)
            begin(connection)

        def do_commit(connection: Any) -> None:
            raw = connection.dbapi_connection
            is_struck = not self._by_begin and id(raw) in self._writing and self._passes()
            if is_struck:
                self._blow.before(raw)
            self._writing.discard(id(raw))
            commit(connection)
            self._end(raw)
            if is_struck:
                self._blow.after(raw)

        def do_rollback(connection: Any) -> None:
            self._writing.discard(id(connection.dbapi_connection))
            rollback(connection)
            self._end(connection.dbapi_connection)

        dialect.do_begin = do_begin  # type: ignore[method-assign]
        dialect.do_commit, dialect.do_rollback = do_commit, do_rollback  # type: ignore[method-assign]

    def _passes(self) -> bool:
        """Whether this step is to be struck."""
        if not self.is_armed:
            return False
        with self._lock:
            self._count += 1
            return self._is_struck(self._count)

    def _failed(self, context: ExceptionContext) -> None:
        """What fails as it begins is never rolled back."""
        if context.connection is not None:
            self._end(context.connection.connection.dbapi_connection)

    def _end(self, raw: Raw) -> None:
        if id(raw) in self._struck:
            self._struck.discard(id(raw))
            self._blow.over(raw)

    def _note_writing(self, connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if not statement.lstrip().upper().startswith(_READS) and cursor.rowcount != 0:
            self._writing.add(id(connection.connection.dbapi_connection))

"""The database: transactions, and the one way in from asynchronous code."""

import asyncio
import sqlite3
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from copy import copy
from functools import cache
from typing import Any, Concatenate, ParamSpec, TypeVar, cast
from uuid import UUID

from sqlalchemy import Connection, CursorResult, Dialect, Executable, Insert, insert
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.util import identity_key
from sqlmodel import Session, SQLModel, select

from models import engines, guard, listed, prepared
from models.access import SYSTEM, Actor
from models.base import Row, Sealed
from models.changes import CHANGES, Change, Watched
from models.clock import Clock
from models.commits import Request, SharedCommits
from models.engines import database_url
from models.vault import Vault, place

P = ParamSpec("P")
T = TypeVar("T")
RowT = TypeVar("RowT")


class Tx:
    """One transaction: its session, who acts, and one instant. Services take it first and never commit."""

    def __init__(self, session: Session, actor: Actor, db: "Database") -> None:
        self.session = session
        self.actor = actor
        self.now = db.clock.now()
        self.wall = db.wall.now()
        """The same instant on the delivery's clock."""
        self.changes: list[Change] = []
        """What was written so far, as far as it went through the session."""
        self.touched: dict[str, set[UUID]] = {}
        """By workspace, people whom a statement beside the session concerned."""
        self._vault = db.vault
        self._last: dict[type[Row], list[Mapping[str, Any]]] = {}
        self._once: dict[Hashable, tuple[int, Any]] = {}
        self._held: list[Any] = []  # the session itself forgets a row that nobody holds, and reads it again

    @property
    def dialect(self) -> Dialect:
        """Which database it is, and how values are written for it."""
        return self.session.get_bind().dialect

    def acting_as(self, actor: Actor) -> "Tx":
        """The same transaction, seen with somebody else's rights."""
        other = copy(self)
        other.actor, other._once = actor, {}
        return other

    def get(self, table: type[RowT], workspace_id: str, row_id: UUID, *, lock: bool = False) -> RowT | None:
        """A row by its key, or none. With `lock` it is read afresh and stays locked until the commit."""
        row: RowT | None = None
        if not lock:
            row = self.session.identity_map.get(identity_key(table, (workspace_id, row_id)))
        if row is None:
            statement = (prepared.locked if lock else prepared.with_id)(cast(Any, table))
            row = self.session.execute(statement, prepared.at(workspace_id, row=row_id)).scalars().one_or_none()
        self._held.append(row)
        return row

    def one(self, table: type[RowT], workspace_id: str, row_id: UUID) -> RowT:
        """A row that must be there: foreign keys say so."""
        row = self.get(table, workspace_id, row_id)
        if row is None:
            raise LookupError(f"{table.__name__} {row_id} is gone although another row names it.")
        return row

    def beside(
        self, statement: Executable, params: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[*tuple[Any, ...]]:
        """A statement beside the session, at half the cost: of columns, not objects, and what waits is not flushed.

        With several sets of parameters it is done for each of them.
        """
        return self.session.connection().execute(statement, params)

    def touch(self, workspace_id: str, person_ids: Iterable[UUID]) -> None:
        """Say whom a statement beside the session has concerned: what they are shown may have changed."""
        self.touched.setdefault(workspace_id, set()).update(person_ids)

    @contextmanager
    def by_itself(self) -> Iterator[None]:
        """For what follows of itself from a change that the actor was allowed: it is the system's doing."""
        actor, self.actor = self.actor, SYSTEM
        try:
            yield
        finally:
            self.actor = actor

    def narrow(self, workspace_id: str) -> None:
        """From here on this transaction is about one workspace: where the database can, it shows no other."""
        guard.narrow(self.session.connection(), workspace_id)

    def add(self, row: RowT) -> RowT:
        """Put a new row into the session and return it."""
        self.session.add(row)
        return row

    def add_new(self, table: type[SQLModel], values: Mapping[str, Any]) -> bool:
        """Insert a row at once, unless one with the same unique key is there; whether it was inserted."""
        connection = self.session.connection()
        keep = {"preserve_rowcount": True}  # else a closed cursor is asked, which on PostgreSQL knows nothing any more
        statement = _insert_new(table, self.dialect.name)
        return connection.execute(statement, values, execution_options=keep).rowcount == 1

    def add_all(self, table: type[Row], rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows at once, by one statement."""
        if rows:
            self.beside(_insert(table), rows)

    def add_many(self, table: type[Row], rows: Sequence[Mapping[str, Any]], alike: Mapping[str, Any]) -> None:
        """Insert hundreds of rows, all with the same columns; what is `alike` in all of them is given once."""
        if rows:
            statement = listed.insertion(table, tuple(rows[0]), tuple(alike), self.dialect.name)
            self.beside(statement, listed.parameters(table, rows, alike, self.dialect))

    def add_last(self, table: type[Row], values: Mapping[str, Any]) -> None:
        """Insert a row that nothing in this transaction reads: all of a table together, just before the commit."""
        self._last.setdefault(table, []).append(values)

    def once(self, key: Hashable, read: Callable[[], T], *tables: type[Row]) -> T:
        """What `read` finds, read once in this transaction, and again after a row of one of `tables` was changed."""
        if any(isinstance(row, tables) for row in (*self.session.new, *self.session.dirty, *self.session.deleted)):
            self.session.flush()
        seen = self._once.get(key)
        changes = sum(isinstance(change.row, tables) for change in self.changes)
        if seen is None or seen[0] != changes:
            seen = self._once[key] = (changes, read())
        found: T = seen[1]
        return found

    def finish(self) -> None:
        """Write what is left to be written. Called once, before the commit."""
        self.session.flush()
        for table, rows in self._last.items():
            self.add_all(table, rows)
        self._last.clear()

    def seal(self, row: Row, column: str, text: str) -> Sealed:
        """`text` sealed for that column of that row."""
        return self._vault.seal(text, _place(row, column))

    def unseal(self, row: Row, column: str) -> str:
        """The plain text of a sealed column; an empty string where nothing is stored."""
        sealed: Sealed | None = getattr(row, column)
        return self._vault.open(sealed, _place(row, column)) if sealed else ""


@cache
def _insert(table: type[Row]) -> Insert:
    return insert(table)


@cache
def _insert_new(table: type[SQLModel], dialect: str) -> Insert:
    return (sqlite_insert if dialect == "sqlite" else postgres_insert)(table).on_conflict_do_nothing()


def _place(row: Row, column: str) -> str:
    return place(row.workspace_id, str(row.__tablename__), column, row.id)


class Database:
    """SQLite (one machine, one writer) or PostgreSQL (any number of replicas), by the URL.

    `transaction` and `read` serve synchronous code; `run` and `look` are the same from asynchronous code.
    After each commit of a writing transaction the callbacks in `after_commit` are called, in the worker's thread.
    Those in `before_commit` are called at its end: what they write commits with it, whatever was changed and by whom.
    `wall` is the delivery's clock, where that is not the domain's `clock`.
    """

    def __init__(self, url: str, clock: Clock, vault: Vault, wall: Clock | None = None) -> None:
        self.engine = engines.connect(url)
        self.clock = clock
        self.wall = wall or clock
        self.vault = vault
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self.after_commit: list[Callable[[], None]] = []
        self.before_commit: list[Callable[[Tx], None]] = []
        self._readers = ThreadPoolExecutor(engines.POOL, thread_name_prefix="db-read")
        self._writers = ThreadPoolExecutor(1, thread_name_prefix="db-write") if self.is_sqlite else self._readers
        self._shared = (
            SharedCommits(self._writers, self._together, self._alone, self._committed) if self.is_sqlite else None
        )

    @contextmanager
    def transaction(self, actor: Actor) -> Iterator[Tx]:
        """A writing transaction: committed on leaving, rolled back on an exception."""
        with (
            self.connection(actor) as connection,
            Watched(connection, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield from self._written(session, actor, self.before_commit)
        self._committed()

    @contextmanager
    def read(self, actor: Actor) -> Iterator[Tx]:
        """A reading transaction: nothing done in it is kept. Rows read stay usable afterwards."""
        with (
            self.connection(actor, reads=True) as connection,
            Session(connection, expire_on_commit=False, autoflush=False) as session,
        ):
            yield Tx(session, actor, self)

    @contextmanager
    def within(self, connection: Connection, actor: Actor) -> Iterator[Tx]:
        """A part of a transaction that somebody else has begun on `connection`, and ends."""
        with Watched(connection, expire_on_commit=False) as session:
            yield from self._written(session, actor)

    def _written(self, session: Session, actor: Actor, hooks: Sequence[Callable[[Tx], None]] = ()) -> Iterator[Tx]:
        """The transaction of a session, with everything written that is left to be written at its end."""
        tx = Tx(session, actor, self)
        session.info[CHANGES] = tx.changes
        yield tx
        session.flush()
        for hook in hooks:
            hook(tx)
        tx.finish()

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A connection that sees one moment, however long the reading takes and whatever is written meanwhile."""
        with self.connection(SYSTEM, reads=True) as connection:
            if not self.is_sqlite:
                connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    @contextmanager
    def connection(self, actor: Actor, *, reads: bool = False) -> Iterator[Connection]:
        """A connection whose transactions act for `actor`, and write nothing if it only `reads`."""
        with self.engine.connect() as connection:
            marks = connection.info
            marks |= {engines.READS: reads, guard.SCOPE: guard.scope_of(actor)}
            try:
                yield connection
            finally:
                marks |= {engines.READS: False, guard.SCOPE: None}

    async def run(self, actor: Actor, use: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call `use(tx, ...)` in a writing transaction in a worker thread; it is committed when this returns.

        What people do on SQLite may share a commit; `use` is then begun again should another's part of it fail.
        """
        asked = Request(actor, lambda tx: use(tx, *args, **kwargs))
        if self._shared is None or actor.is_system:  # the clock's and the dispatcher's own are batches already
            return cast(T, await asyncio.get_running_loop().run_in_executor(self._writers, self._alone, asked))
        return cast(T, await asyncio.wrap_future(self._shared.add(asked)))

    async def look(self, actor: Actor, use: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call `use(tx, ...)` in a reading transaction in a worker thread."""

        def work() -> T:
            with self.read(actor) as tx:
                return use(tx, *args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._readers, work)

    async def work(self, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a job that begins its own transactions (the due queue) in the writer's thread."""
        return await asyncio.get_running_loop().run_in_executor(self._writers, lambda: job(*args, **kwargs))

    def _alone(self, asked: Request) -> Any:
        with self.transaction(asked.actor) as tx:
            return asked.use(tx)

    def _together(self, requests: Sequence[Request]) -> list[Any]:
        """Each in a session of its own, as if it were alone; one transaction around them all."""
        with self.engine.begin() as connection:
            results = []
            for asked in requests:
                with Watched(connection, expire_on_commit=False) as session:
                    for tx in self._written(session, asked.actor, self.before_commit):
                        results.append(asked.use(tx))
        return results

    def _committed(self) -> None:
        for callback in self.after_commit:
            callback()

    def close(self) -> None:
        """Wait for running work, then let go of every connection."""
        self._writers.shutdown(wait=True)
        self._readers.shutdown(wait=True)
        if self.is_sqlite:
            self._checkpoint()
        self.engine.dispose()

    def _checkpoint(self) -> None:
        """Bring what stands in the write-ahead log into the file. Somebody else at work does it when they end.

        A failure here would hide the one that made us close; the log is read at the next start all the same.
        """
        with suppress(sqlite3.DatabaseError, DBAPIError), closing(self.engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")


__all__ = ["Database", "SQLModel", "Tx", "database_url", "select"]

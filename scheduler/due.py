"""The due queue: finds the rows that are due, lets their step run, and backs off from those that fail.

The database decides what is due. A step, the row's next due time and the messages it causes commit together, so a
second look, a second replica and a restart are all harmless.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, ScalarSelect, Select, inspect, sql
from sqlmodel import col, select

from models.access import SYSTEM
from models.db import Database, Tx
from models.installations.queries import stopped
from models.prepared import NOW

log = structlog.get_logger()

LONGEST_BACK_OFF = timedelta(hours=1)
_ERROR_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Step:
    """Which rows a step advances, how many at a time, and the use case that does it.

    A step that `reads` columns gets rows of them instead of objects, and writes by statements; the columns begin with
    the row's workspace, id and due time, and it takes back the failures of rows that succeed.
    """

    name: str
    table: Any
    run: Callable[[Tx, Sequence[Any]], None]
    batch: int = 1
    reads: Select[*tuple[Any, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Upcoming:
    """One row that will be looked at."""

    step: str
    workspace_id: str
    row_id: UUID
    due_at: datetime
    failures: int
    error: str | None


Observe = Callable[[str, bool, Sequence[float]], None]
"""Told a step's name, whether it was done, and how many seconds late each row was."""


class DueQueue:
    """Advances due rows. Any number of replicas may run one each on the same database."""

    def __init__(self, db: Database, steps: Sequence[Step], observe: Observe | None = None) -> None:
        self._db = db
        self._steps = steps
        self._observe = observe
        self._firsts = sql.select(*(_first(step) for step in steps))

    def run(self, limit: int = 10_000) -> int:
        """Advance what is due now, up to `limit` rows; the number of rows looked at. Never raises for a row."""
        done, due = 0, self._due_now()
        for step in self._steps:
            # Looking must neither take the writer's lock nor wake those who wait for commits.
            while step.name in due and done < limit:
                count, is_more = self._advance(step, step.batch)
                done += count
                if not count:
                    break  # another replica has them
                if not is_more:
                    due = self._due_now()  # what was done makes more due, often of the steps that follow
        return done

    def _due_now(self) -> set[str]:
        """Names of the steps that have something to do."""
        with self._db.read(SYSTEM) as tx:
            firsts = tx.beside(self._firsts).one()
            return {step.name for step, first in zip(self._steps, firsts, strict=True) if first and first <= tx.now}

    def _advance(self, step: Step, batch: int) -> tuple[int, bool]:
        """One transaction: claim the earliest due rows and run the step. A failing batch is retried row by row.

        How many rows were looked at, and whether there are more.
        """
        keys: list[tuple[str, UUID]] = []
        before: dict[UUID, datetime] = {}
        late: list[float] = []
        is_more = False
        try:
            with self._db.transaction(SYSTEM) as tx:
                rows, is_more = _claim(tx, step, batch)
                keys = [(row.workspace_id, row.id) for row in rows]
                before = {row.id: row.due_at for row in rows}
                late = [(tx.now - moment).total_seconds() for moment in before.values()]
                if rows:
                    if len({row.workspace_id for row in rows}) == 1:
                        tx.narrow(rows[0].workspace_id)
                    step.run(tx, rows)
                    tx.session.flush()
                    _insist_on_progress(tx, step, rows, before)
        except Exception as error:  # a row that fails must not hold up the others
            if len(keys) > 1:
                return sum(self._advance(step, 1)[0] for _ in keys), True
            if not keys:
                raise
            self._back_off(step, keys[0], before, error)
            self._tell(step, late, is_done=False)
            return len(keys), is_more
        self._tell(step, late, is_done=True)
        return len(keys), is_more

    def _tell(self, step: Step, late: Sequence[float], *, is_done: bool) -> None:
        if self._observe is not None and late:
            self._observe(step.name, is_done, late)

    def _back_off(self, step: Step, key: tuple[str, UUID], before: Mapping[UUID, datetime], error: Exception) -> None:
        with self._db.transaction(SYSTEM) as tx:
            row = tx.get(step.table, *key, lock=True)
            if row is None or row.due_at != before[row.id]:
                return  # it was done all the same: the connection broke after the commit
            row.due_failures += 1
            row.due_at = tx.now + back_off(row.due_failures)
            row.due_error = f"{type(error).__name__}: {error}"[:_ERROR_LENGTH]
        log.error("step_failed", step=step.name, row=str(key[1]), workspace=key[0], error=type(error).__name__)

    def next_due(self) -> datetime | None:
        """The earliest due time over all steps, UTC; None when nothing will ever happen."""
        with self._db.read(SYSTEM) as tx:
            firsts = tx.beside(self._firsts).one()
        return min((first for first in firsts if first is not None), default=None)

    def upcoming(self, limit: int = 20, *, without: Collection[str] = (), last: Collection[str] = ()) -> list[Upcoming]:
        """The next rows to be looked at, earliest first; not those of the steps named `without`.

        Of rows that are due in the same moment, those of the steps named `last` come last.
        """
        found = []
        with self._db.read(SYSTEM) as tx:
            for step in self._steps:
                if step.name in without:
                    continue
                rows = tx.session.exec(
                    select(step.table)
                    .where(col(step.table.due_at).is_not(None), goes_on(step))
                    .order_by(col(step.table.due_at))
                    .limit(limit)
                )
                found += [
                    Upcoming(step.name, row.workspace_id, row.id, row.due_at, row.due_failures, row.due_error)
                    for row in rows
                ]
        return sorted(found, key=lambda item: (item.due_at, item.step in last))[:limit]


def back_off(failures: int) -> timedelta:
    """How long to leave a row alone after so many failures in a row: 1, 2, 4 … minutes, an hour at the most."""
    return min(timedelta(minutes=2 ** min(failures - 1, 10)), LONGEST_BACK_OFF)


class StuckError(RuntimeError):
    """A step left its row due at the same time: it would be looked at for ever."""


def _insist_on_progress(tx: Tx, step: Step, rows: Sequence[Any], before: Mapping[UUID, datetime]) -> None:
    """Of many rows that were written by statements the earliest is looked at: one that stays due comes to be that."""
    if step.reads is None:
        still = {row.id: row.due_at for row in rows if not inspect(row).deleted}
    else:
        first, table = rows[0], step.table
        found = select(table.id, table.due_at).where(table.workspace_id == first.workspace_id, table.id == first.id)
        still = dict(tx.session.exec(found).all())
    if any(before[row_id] == due_at for row_id, due_at in still.items()):
        raise StuckError(f"{step.name} left its row due")


def _first(step: Step) -> ScalarSelect[datetime]:
    """When the first row of a step is due: one probe of its index."""
    due_at = col(step.table.due_at)
    statement = sql.select(due_at).where(due_at.is_not(None), goes_on(step)).order_by(due_at).limit(1)
    return statement.scalar_subquery()


def goes_on(step: Step) -> ColumnElement[bool]:
    """Not in a workspace from which the app was removed: what is kept of it rests."""
    return col(step.table.workspace_id).not_in(stopped())


def _claim(tx: Tx, step: Step, batch: int) -> tuple[Sequence[Any], bool]:
    """The earliest due rows, locked; rows another replica has locked are passed over. And whether there are more.

    To find that out by one row more is cheaper than by another transaction.
    """
    statement, given = _due_rows(step, batch + 1), {NOW.key: tx.now}
    rows_of = tx.session.execute(statement, given).scalars() if step.reads is None else tx.beside(statement, given)
    found: Sequence[Any] = rows_of.all()
    rows = found[:batch]
    if step.reads is None:
        for row in rows:
            if row.due_failures:
                row.due_failures, row.due_error = 0, None
    return rows, len(found) > batch


@cache
def _due_rows(step: Step, limit: int) -> Any:
    wanted: Any = select(step.table) if step.reads is None else step.reads
    return (
        wanted.where(step.table.due_at <= NOW, goes_on(step))
        .order_by(step.table.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True, of=step.table)
    )

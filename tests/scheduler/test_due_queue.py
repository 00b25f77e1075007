"""The due queue: order, failures, several workers, on SQLite and on PostgreSQL."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, time, timedelta
from threading import Barrier

import pytest
from sqlalchemy import PoolProxiedConnection, update
from sqlalchemy.exc import OperationalError
from sqlmodel import col, select

from models.access import SYSTEM
from models.cadences.rules import CadenceKind
from models.cadences.tables import Cadence
from models.clock import ManualClock
from models.db import Database, Tx
from models.engagements.tables import Engagement
from models.outbox.tables import OutboxMessage
from scheduler.due import DueQueue, Step, back_off
from scheduler.steps import STEPS
from tests.support.world import World, at, build

Run = Callable[[Tx, Sequence[Cadence]], None]


def lay_down(db: Database, count: int) -> None:
    """Rows that are due, `0` the earliest. Cadences serve as well as any; the steps here are the tests' own."""
    with db.transaction(SYSTEM) as tx:
        engagement = tx.add(
            Engagement(workspace_id="T1", key="k", company="A", vendor="B", channel_id="C1", zone="UTC")
        )
        for number in range(count):
            tx.add(
                Cadence(
                    workspace_id="T1",
                    engagement_id=engagement.id,
                    key=str(number),
                    kind=CadenceKind.DAILY,
                    title="0",
                    rule="FREQ=DAILY",
                    starts_on=date(2026, 11, 1),
                    at=time(9),
                    due_at=tx.now - timedelta(seconds=count - number),
                )
            )


def rows(db: Database) -> dict[str, Cadence]:
    with db.read(SYSTEM) as tx:
        return {row.key: row for row in tx.session.exec(select(Cadence))}


def queue(db: Database, run: Run, batch: int = 1) -> DueQueue:
    return DueQueue(db, [Step("test", Cadence, run, batch)])


def done(_: Tx, found: Sequence[Cadence]) -> None:
    """Count each visit in the title."""
    for row in found:
        row.title, row.due_at = str(int(row.title) + 1), None


def poisoned(*keys: str) -> Run:
    def run(tx: Tx, found: Sequence[Cadence]) -> None:
        done(tx, found)
        if any(row.key in keys for row in found):
            raise ValueError("poison")

    return run


def visits(db: Database) -> list[int]:
    return [int(row.title) for _, row in sorted(rows(db).items(), key=lambda item: int(item[0]))]


@pytest.mark.parametrize("batch", [1, 3, 100])
def test_every_due_row_is_looked_at_once(each_db: Database, batch: int) -> None:
    lay_down(each_db, 10)

    assert queue(each_db, done, batch).run() == 10
    assert visits(each_db) == [1] * 10


def test_the_earliest_comes_first(db: Database) -> None:
    lay_down(db, 5)
    seen: list[str] = []

    def run(tx: Tx, found: Sequence[Cadence]) -> None:
        seen.extend(row.key for row in found)
        done(tx, found)

    queue(db, run, 2).run()

    assert seen == ["0", "1", "2", "3", "4"]


def test_what_is_not_due_is_left_alone(db: Database, clock: ManualClock) -> None:
    lay_down(db, 1)
    with db.transaction(SYSTEM) as tx:
        tx.session.exec(select(Cadence)).one().due_at = clock.now() + timedelta(microseconds=1)

    assert queue(db, done).run() == 0


def test_a_run_looks_at_so_many_rows_at_the_most(db: Database) -> None:
    lay_down(db, 5)

    queue(db, done).run(limit=3)

    assert visits(db) == [1, 1, 1, 0, 0]


@pytest.mark.parametrize("batch", [1, 4, 100])
def test_a_poisoned_row_holds_up_nobody(each_db: Database, batch: int) -> None:
    lay_down(each_db, 10)

    queue(each_db, poisoned("0", "5"), batch).run()

    assert visits(each_db) == [0, 1, 1, 1, 1, 0, 1, 1, 1, 1]


def test_a_failing_batch_is_tried_row_by_row_and_only_once(db: Database) -> None:
    lay_down(db, 50)
    attempts: list[int] = []

    def run(tx: Tx, found: Sequence[Cadence]) -> None:
        attempts.append(len(found))
        poisoned("49")(tx, found)

    queue(db, run, 50).run()

    assert attempts == [50, *[1] * 50]


def test_a_poisoned_row_says_what_went_wrong(db: Database) -> None:
    lay_down(db, 1)

    queue(db, poisoned("0")).run()

    row = rows(db)["0"]
    assert (row.due_failures, row.due_error) == (1, "ValueError: poison")


def test_a_poisoned_row_is_tried_later_and_later(db: Database, clock: ManualClock) -> None:
    lay_down(db, 1)
    waits = []
    for _ in range(8):
        queue(db, poisoned("0")).run()
        due_at = rows(db)["0"].due_at
        assert due_at is not None
        waits.append(due_at - clock.now())
        clock.set(due_at)

    assert waits == [timedelta(minutes=minutes) for minutes in (1, 2, 4, 8, 16, 32, 60, 60)]


def test_a_row_that_is_well_again_forgets_its_failures(db: Database, clock: ManualClock) -> None:
    lay_down(db, 1)
    queue(db, poisoned("0")).run()
    clock.advance(timedelta(minutes=1))

    queue(db, done).run()

    row = rows(db)["0"]
    assert (row.due_failures, row.due_error, row.title) == (0, None, "1")


def test_a_step_that_leaves_its_row_due_is_stopped(db: Database) -> None:
    lay_down(db, 3)

    assert queue(db, lambda _tx, _rows: None).run() == 3
    assert {row.due_error for row in rows(db).values()} == {"StuckError: test left its row due"}


@pytest.mark.parametrize("stays", [{"0"}, {"2"}, {"1", "3"}, {"0", "1", "2", "3", "4"}])
def test_a_step_that_writes_by_statements_and_forgets_rows_is_stopped_at_these(db: Database, stays: set[str]) -> None:
    lay_down(db, 5)
    read = select(col(Cadence.workspace_id), col(Cadence.id), col(Cadence.due_at), col(Cadence.key))

    def run(tx: Tx, found: Sequence[Cadence]) -> None:
        ids = [row.id for row in found if row.key not in stays]
        tx.session.execute(update(Cadence).where(col(Cadence.id).in_(ids)).values(due_at=None))

    DueQueue(db, [Step("test", Cadence, run, batch=2, reads=read)]).run()

    failed = {key for key, row in rows(db).items() if row.due_error == "StuckError: test left its row due"}
    assert failed == stays
    assert {key for key, row in rows(db).items() if row.due_at is not None} == stays


def test_a_step_may_delete_its_row(db: Database) -> None:
    lay_down(db, 2)

    def run(tx: Tx, found: Sequence[Cadence]) -> None:
        for row in found:
            tx.session.delete(row)

    queue(db, run).run()

    assert rows(db) == {}


def test_what_fails_at_the_commit_is_backed_off_too(each_db: Database) -> None:
    lay_down(each_db, 2)

    def run(tx: Tx, found: Sequence[Cadence]) -> None:
        done(tx, found)
        if found[0].key == "0":
            found[0].inhouse_questions_id = found[0].id  # names a row that is not there: seen at the commit

    queue(each_db, run).run()

    assert [row.due_failures for _, row in sorted(rows(each_db).items())] == [1, 0]


def test_a_commit_of_which_nobody_heard_is_not_taken_back(each_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_down(each_db, 1)
    dialect = each_db.engine.dialect
    commit = dialect.do_commit

    def cut(connection: PoolProxiedConnection) -> None:
        commit(connection)
        monkeypatch.undo()
        raise OperationalError("COMMIT", None, Exception("the connection was cut"))

    monkeypatch.setattr(dialect, "do_commit", cut)

    queue(each_db, done).run()

    (row,) = rows(each_db).values()
    assert (row.title, row.due_at, row.due_failures) == ("1", None, 0)


def test_two_workers_never_do_a_row_twice(each_db: Database) -> None:
    lay_down(each_db, 60)
    start = Barrier(3)

    def work(batch: int) -> int:
        start.wait()
        return queue(each_db, done, batch).run()

    with ThreadPoolExecutor(3) as pool:
        looked = list(pool.map(work, (1, 2, 7)))

    assert (visits(each_db), sum(looked)) == ([1] * 60, 60)


def test_two_schedulers_lay_down_and_ask_once(each_db: Database, clock: ManualClock) -> None:
    world = build(each_db, clock)
    queues = [DueQueue(each_db, STEPS) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        for hour in (0, 4, 7, 9, 12, 13):
            clock.set(at(23, hour))
            list(pool.map(lambda each: each.run(), queues))

    assert {row.due_failures for row in world.rows(Cadence)} == {0}
    assert [len(world.said(kind)) for kind in ("checkin.board", "checkin.prompt", "checkin.reminder")] == [1, 4, 4]


def test_a_second_run_at_once_does_nothing(db: Database, clock: ManualClock) -> None:
    world = build(db, clock)
    world.until(at(23, 9))
    before = len(world.rows(OutboxMessage))

    assert DueQueue(db, STEPS).run() == 0
    assert len(world.rows(OutboxMessage)) == before


def test_the_next_due_time_is_the_earliest_of_all_steps(db: Database, clock: ManualClock) -> None:
    world: World = build(db, clock)
    world.advance()

    assert world.queue.next_due() == at(23, 4)


def test_nothing_is_due_in_an_empty_database(db: Database) -> None:
    assert DueQueue(db, STEPS).next_due() is None


def test_the_coming_looks_are_listed_earliest_first(db: Database, clock: ManualClock) -> None:
    world: World = build(db, clock)
    world.until(at(23, 5))

    found = world.queue.upcoming(limit=4)

    assert [item.due_at for item in found] == sorted(item.due_at for item in found)
    assert len(found) == 4


@pytest.mark.parametrize(("failures", "minutes"), [(1, 1), (2, 2), (6, 32), (7, 60), (10_000, 60)])
def test_the_wait_doubles_up_to_an_hour(failures: int, minutes: int) -> None:
    assert back_off(failures) == timedelta(minutes=minutes)

"""Advance due rows: prompts that fall due at 09:00, beside the same work in SQL alone and APScheduler's job store.

    python -m benchmarks.due [--rows 200000] [--due 50000] [--database sqlite|postgres] [--jobs 2000]

A tick turns due prompts into outbox messages and gives them their next due time. The bare tick does just that with one
INSERT … SELECT and one UPDATE. APScheduler's figure is its SQL job store's, for `--jobs` jobs due at one instant.
"""

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import text

from models.access import SYSTEM
from models.checkins.rules import CheckInState, PromptState
from models.checkins.tables import CheckIn, Prompt
from models.clock import ManualClock
from models.db import Database, database_url
from models.engagements.tables import Participant
from models.vault import Vault, new_key, parse_keys
from scheduler.due import DueQueue
from scheduler.steps import STEPS
from tests.support.databases import fresh_database
from tests.support.estate.bulk import bulk
from tests.support.world import build

NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
_RAN = Event()
_COUNT = [0, 0]
_GREW = [0.0]
"""Megabytes by which the process's peak rose while the due queue ran."""


def main(argv: list[str] | None = None) -> None:
    options = _options().parse_args(argv)
    backends = [options.database] if options.database else ["sqlite", "postgres"]
    for backend in backends:
        bare = _measure(backend, options.rows, options.due, bare_tick)
        ours = _measure(backend, options.rows, options.due, _our_tick)
        theirs = _apscheduler(backend, options.jobs)
        load = f"load {os.getloadavg()[0]:.1f}"
        print(f"advance due rows, {backend}: {options.due:,} due of {options.rows:,}; {load}")
        print(f"  in SQL alone         {bare:9,.0f} rows/s   1.00")
        print(f"  due queue            {ours:9,.0f} rows/s   {ours / bare:.2f} of SQL alone")
        print(f"  APScheduler store    {theirs:9,.0f} jobs/s   due queue is {ours / theirs:.1f} times as fast")
        print(
            f"  the last of them is {options.due / ours:.1f} s late; {_GREW[0]:.0f} MB more in memory for the due queue"
        )


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.due", description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--due", type=int, default=50_000)
    parser.add_argument("--jobs", type=int, default=2_000)
    parser.add_argument("--database", choices=["sqlite", "postgres"])
    return parser


@contextmanager
def filled(backend: str, rows: int, due: int) -> Iterator[Database]:
    """A database with one open check-in and `rows` prompts, of which `due` are due at nine."""
    with tempfile.TemporaryDirectory() as folder, fresh_database(backend, Path(folder)) as url:
        clock = ManualClock(NINE - timedelta(hours=1))
        db = Database(url, clock, Vault(parse_keys(f"bench:{new_key()}")))
        world = build(db, clock)
        DueQueue(db, STEPS).run()
        checkin = world.rows(CheckIn)[0]
        participant = world.rows(Participant)[0]
        with db.transaction(SYSTEM) as tx:
            row = tx.one(CheckIn, checkin.workspace_id, checkin.id)
            row.state, row.due_at = CheckInState.OPEN, NINE + timedelta(days=1)
            tx.session.exec(text("UPDATE cadence SET due_at = NULL"))  # type: ignore[call-overload]
            tx.session.exec(text("DELETE FROM prompt"))  # type: ignore[call-overload]
            tx.session.exec(text("DELETE FROM outbox_message"))  # type: ignore[call-overload]
        _fill(db, checkin, participant, rows, due)
        clock.set(NINE)
        yield db
        db.close()


def _fill(db: Database, checkin: CheckIn, participant: Participant, rows: int, due: int) -> None:
    later = NINE + timedelta(days=1)
    # One prompt a participant and check-in is the rule; the benchmark wants many rows, so each has its own pair.
    with db.engine.begin() as connection:
        if not db.is_sqlite:
            connection.exec_driver_sql(
                "ALTER TABLE prompt DROP CONSTRAINT uq_prompt_workspace_id_checkin_id_participant_id"
            )
        else:
            _rebuild_without_unique(connection)
    with bulk(db) as prompts:
        for number in range(rows):
            at = NINE if number < due else later
            prompts.add(
                Prompt,
                workspace_id=checkin.workspace_id,
                engagement_id=checkin.engagement_id,
                checkin_id=checkin.id,
                participant_id=participant.id,
                side=participant.side,
                state=PromptState.WAITING,
                ask_at=at,
                remind_at=later,
                deadline_at=later + timedelta(hours=4),
                due_at=at,
            )
            prompts.write_if_many()
    if not db.is_sqlite:
        with db.engine.begin() as connection:
            connection.exec_driver_sql("ANALYZE prompt")


def _rebuild_without_unique(connection: object) -> None:
    """SQLite cannot drop a constraint: make the empty table anew without it."""
    made = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'prompt'").scalar_one()  # type: ignore[attr-defined]
    lines = [line for line in made.splitlines() if "uq_prompt" not in line]
    connection.exec_driver_sql("DROP TABLE prompt")  # type: ignore[attr-defined]
    connection.exec_driver_sql("\n".join(lines))  # type: ignore[attr-defined]
    connection.exec_driver_sql("CREATE INDEX ix_prompt_due_at ON prompt (due_at)")  # type: ignore[attr-defined]


def _measure(backend: str, rows: int, due: int, tick: object) -> float:
    with filled(backend, rows, due) as db:
        start = time.perf_counter()
        tick(db)  # type: ignore[operator]
        seconds = time.perf_counter() - start
        with db.read(SYSTEM) as tx:
            made = tx.session.exec(text("SELECT count(*) FROM outbox_message")).scalar_one()  # type: ignore[call-overload]
        assert made == due, f"{made} messages for {due} due prompts"
        return due / seconds


def _our_tick(db: Database) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    DueQueue(db, STEPS).run(limit=1_000_000)
    _GREW[0] = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def bare_tick(db: Database) -> None:
    """The same rows written by two statements in one transaction."""
    make_id = "lower(hex(randomblob(16)))" if db.is_sqlite else "gen_random_uuid()"
    with db.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO outbox_message (workspace_id, id, engagement_id, key, kind, operation, subject_id, place,"
                " audience, person_id, post_key, parent_key, extra, lane, state, not_before, attempts, written_at)"
                f" SELECT workspace_id, {make_id}, engagement_id, 'prompt:' || id, 'checkin.prompt', 'post', id,"
                " 'direct', 'joint', participant_id, 'prompt:' || id, 'board:' || checkin_id, '{}',"
                " 'direct:' || participant_id, 'ready', ask_at, 0, ask_at FROM prompt WHERE due_at <= :now"
            ),
            {"now": _stored(db, NINE)},
        )
        connection.execute(
            text("UPDATE prompt SET state = 'asked', asked_at = due_at, due_at = remind_at WHERE due_at <= :now"),
            {"now": _stored(db, NINE)},
        )


def _stored(db: Database, moment: datetime) -> object:
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f") if db.is_sqlite else moment


def _count_job() -> None:
    _COUNT[0] += 1
    if _COUNT[0] >= _COUNT[1]:
        _RAN.set()


def _apscheduler(backend: str, jobs: int) -> float:
    """Jobs a second that APScheduler's SQL store runs when all are due at one instant."""
    _RAN.clear()
    _COUNT[:] = [0, jobs]
    with tempfile.TemporaryDirectory() as folder, fresh_database(backend, Path(folder)) as url:
        scheduler = BackgroundScheduler(
            jobstores={"default": SQLAlchemyJobStore(url=database_url(url))},
            executors={"default": ThreadPoolExecutor(10)},
            timezone=UTC,
        )
        scheduler.start(paused=True)
        at = datetime.now(UTC)
        for _ in range(jobs):
            scheduler.add_job(_count_job, "date", run_date=at, misfire_grace_time=None)
        start = time.perf_counter()
        scheduler.resume()
        _RAN.wait(timeout=300)
        seconds = time.perf_counter() - start
        scheduler.shutdown()
    return jobs / seconds


if __name__ == "__main__":
    main()

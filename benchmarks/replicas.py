"""Several processes on one PostgreSQL: how long all takes that falls due at one instant, and how late each row is.

    python -m benchmarks.replicas [--rows 200000] [--due 50000] [--replicas 1 2 3]

Each process runs a due queue of its own on the same prompts; `SKIP LOCKED` shares them. A row is late by the time from
the beginning to the commit of its batch. Bare is the same work in SQL alone, two statements by one process.
Every prompt must have been asked exactly once: what is missing or doubled is counted.
"""

import argparse
import multiprocessing
import os
import time
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier

from sqlalchemy import text

from benchmarks.due import NINE, bare_tick, filled
from models.clock import ManualClock
from models.db import Database
from models.vault import Vault, new_key, parse_keys
from scheduler.due import DueQueue
from scheduler.steps import STEPS

_ROUND = 500
"""Rows of one look: as many as one batch of prompts."""


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replicas")
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--due", type=int, default=50_000)
    parser.add_argument("--replicas", type=int, nargs="+", default=[1, 2, 3])
    given = parser.parse_args(argv)
    with filled("postgres", given.rows, given.due) as db:
        began = time.perf_counter()
        bare_tick(db)
        bare = given.due / (time.perf_counter() - began)
    print(f"{given.due:,} due at one instant of {given.rows:,} rows, PostgreSQL; load {os.getloadavg()[0]:.1f}")
    print(f"  in SQL alone    {bare:8,.0f} rows/s  1.00")
    for count in given.replicas:
        _measure(given.rows, given.due, count, bare)


def _measure(rows: int, due: int, count: int, bare: float) -> None:
    context = multiprocessing.get_context("spawn")
    with filled("postgres", rows, due) as db:
        url = db.engine.url.render_as_string(hide_password=False)
        db.engine.dispose()
        barrier = context.Barrier(count)
        lines = []
        for _ in range(count):
            ours, theirs = context.Pipe()
            process = context.Process(target=_replica, args=(url, barrier, theirs), daemon=True)
            process.start()
            lines.append((process, ours))
        batches = sorted(batch for _, ours in lines for batch in ours.recv())
        for process, _ in lines:
            process.join(20)
        with db.engine.connect() as connection:
            made, different = connection.execute(
                text("SELECT count(*), count(DISTINCT subject_id) FROM outbox_message")
            ).one()
    late = [at for at, size in batches for _ in range(size)]
    rate = due / late[-1]
    print(
        f"  {count} process{'es' if count > 1 else '  '}     {rate:8,.0f} rows/s  {rate / bare:.2f}   late: p50 "
        f"{late[len(late) // 2]:5.2f} s  p99 {late[len(late) * 99 // 100]:5.2f} s   lost {due - different}  "
        f"doubled {made - different}",
        flush=True,
    )


def _replica(url: str, barrier: Barrier, line: Connection) -> None:
    """One process: looks until nothing is due; the time and the size of each batch."""
    db = Database(url, ManualClock(NINE), Vault(parse_keys(f"bench:{new_key()}")))
    queue = DueQueue(db, STEPS)
    queue.next_due()
    barrier.wait(60)
    began = time.perf_counter()
    batches = []
    while done := queue.run(limit=_ROUND):
        batches.append((time.perf_counter() - began, done))
    line.send(batches)
    db.close()


if __name__ == "__main__":
    main()

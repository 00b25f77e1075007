"""The outbox alone: claim and record 50,000 messages, beside the same work in bare SQL.

    python -m benchmarks.outbox [--rows 50000] [--lanes 50000 100] [--database sqlite|postgres] [--batch 500]

Claims decide lane order, gates, targets and merged edits; the bare loop only takes the oldest rows and writes the same
rows back. No Slack, no rendering, no pace.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, insert, text

from models.access import SYSTEM
from models.base import new_id
from models.clock import ManualClock
from models.db import Database
from models.outbox import agenda, delivery, gates, outcomes
from models.outbox.gates import Pace, Rate
from models.outbox.outcomes import Report
from models.outbox.rules import Audience, Operation, OutboxState, Outcome, Place
from models.outbox.tables import Gate, OutboxMessage, Post
from models.vault import Vault, new_key, parse_keys
from tests.support.databases import fresh_database
from tests.support.world import WORKSPACE, World, build

NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
_NO_PACE = Pace(lane=timedelta(0), gates=dict.fromkeys(gates.SLACK.gates, Rate(timedelta(0))))
_WORKER = "bench"
_CHUNK = 5_000
_HISTORY = 50_000
"""Posts of before: a database that has been in use, as statistics and plans expect it."""


def main(argv: list[str] | None = None) -> None:
    options = _options().parse_args(argv)
    for backend in [options.database] if options.database else ["sqlite", "postgres"]:
        for lanes in options.lanes:
            bare = _measure(backend, options.rows, lanes, options.batch, _bare)
            ours = _measure(backend, options.rows, lanes, options.batch, _ours)
            print(
                f"claim and record, {backend}: {options.rows:,} messages in {lanes:,} lanes, {options.batch} at a time"
            )
            print(f"  bare SQL   {bare:9,.0f} rows/s   1.00")
            print(f"  outbox     {ours:9,.0f} rows/s   {ours / bare:.2f} of bare SQL")
            claim, wake = _closed(backend, options.rows, lanes)
            print(f"  with every gate closed   a look {wake * 1000:.1f} ms, a claim {claim * 1000:.1f} ms", flush=True)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.outbox", description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--lanes", type=int, nargs="+", default=[50_000, 1_000])
    parser.add_argument("--batch", type=int, default=500)
    parser.add_argument("--database", choices=["sqlite", "postgres"])
    return parser


@contextmanager
def _filled(backend: str, rows: int, lanes: int) -> Iterator[Database]:
    """A database with so many messages ready, spread evenly over so many channels."""
    with tempfile.TemporaryDirectory() as folder, fresh_database(backend, Path(folder)) as url:
        clock = ManualClock(NINE)
        db = Database(url, clock, Vault(parse_keys(f"bench:{new_key()}")))
        world = build(db, clock)
        with db.engine.begin() as connection:
            for start in range(0, rows, _CHUNK):
                numbers = range(start, min(start + _CHUNK, rows))
                connection.execute(insert(OutboxMessage), [_message(world, n, lanes) for n in numbers])
            for start in range(0, _HISTORY, _CHUNK):
                connection.execute(insert(Post), [_old_post(world, n) for n in range(start, start + _CHUNK)])
            if not db.is_sqlite:
                connection.exec_driver_sql("ANALYZE")
        yield db
        db.close()


def _message(world: World, number: int, lanes: int) -> dict[str, object]:
    channel = f"C{number % lanes}"
    return {
        "workspace_id": WORKSPACE,
        "id": new_id(),
        "engagement_id": world.engagement_id,
        "key": f"m:{number}",
        "kind": "bench",
        "operation": Operation.POST,
        "subject_id": world.engagement_id,
        "place": Place.CHANNEL,
        "audience": Audience.JOINT,
        "post_key": f"m:{number}",
        "channel_id": channel,
        "extra": {},
        "lane": f"channel:{channel}",
        "state": OutboxState.READY,
        "not_before": NINE,
        "attempts": 0,
        "written_at": NINE,
    }


def _old_post(world: World, number: int) -> dict[str, object]:
    return {
        "workspace_id": WORKSPACE,
        "id": new_id(),
        "engagement_id": world.engagement_id,
        "key": f"old:{number}",
        "kind": "bench",
        "subject_id": world.engagement_id,
        "channel_id": "C0",
        "ts": f"old:{number}",
        "posted_at": NINE,
        "is_deleted": False,
    }


def _measure(backend: str, rows: int, lanes: int, batch: int, work: Callable[[Database, int], None]) -> float:
    with _filled(backend, rows, lanes) as db:
        start = time.perf_counter()
        work(db, batch)
        seconds = time.perf_counter() - start
        with db.engine.connect() as connection:
            sent = connection.exec_driver_sql("SELECT count(*) FROM outbox_message WHERE state = 'sent'").scalar_one()
            posts = connection.exec_driver_sql("SELECT count(*) FROM post").scalar_one()
        assert (sent, posts) == (rows, rows + _HISTORY), (sent, posts)
        return rows / seconds


def _ours(db: Database, batch: int) -> None:
    now = NINE
    while True:
        with db.transaction(SYSTEM) as tx:
            claims = delivery.claim(tx, WORKSPACE, _WORKER, now, limit=batch, pace=_NO_PACE).claims
        if not claims:
            return
        reports = [
            Report(claim.message, Outcome.SENT, channel_id=claim.target.channel_id or "", ts=claim.key, began_at=now)
            for claim in claims
        ]
        with db.transaction(SYSTEM) as tx:
            outcomes.record(tx, _WORKER, now, reports, pace=_NO_PACE)
        now += timedelta(milliseconds=1)


def _bare(db: Database, batch: int) -> None:
    """Take the oldest rows, write them back as sent, write down the posts: two transactions a batch."""
    skip = "" if db.is_sqlite else " FOR UPDATE SKIP LOCKED"
    claim = text(
        "UPDATE outbox_message SET state = 'leased', lease_by = :worker, lease_until = :until"
        " WHERE workspace_id = :workspace AND id IN"
        " (SELECT id FROM outbox_message WHERE workspace_id = :workspace AND operation = 'post' AND state = 'ready'"
        f" ORDER BY id LIMIT :batch{skip}) RETURNING id, engagement_id, key, kind, subject_id, channel_id"
    )
    values = {"worker": _WORKER, "until": _stored(db, NINE), "workspace": WORKSPACE, "batch": batch}
    while True:
        with db.engine.begin() as connection:
            rows = connection.execute(claim, values).all()
        if not rows:
            return
        with db.engine.begin() as connection:
            _bare_record(connection, rows, _stored(db, NINE), _id_of(db))


def _bare_record(connection: Connection, rows: list, at: object, make_id: Callable[[], object]) -> None:  # type: ignore[type-arg]
    connection.execute(
        text(
            "UPDATE outbox_message SET state = 'sent', lease_by = NULL"
            " WHERE workspace_id = :w AND id = :id AND lease_by = :worker"
        ),
        [{"w": WORKSPACE, "id": row.id, "worker": _WORKER} for row in rows],
    )
    connection.execute(
        text(
            "INSERT INTO post (workspace_id, id, engagement_id, key, kind, subject_id, channel_id, ts, posted_at,"
            " is_deleted) VALUES (:w, :id, :e, :key, :kind, :subject, :channel, :ts, :at, false)"
        ),
        [
            {
                "w": WORKSPACE,
                "id": make_id(),
                "e": row.engagement_id,
                "key": row.key,
                "kind": row.kind,
                "subject": row.subject_id,
                "channel": row.channel_id,
                "ts": str(row.id).replace("-", ""),
                "at": at,
            }
            for row in rows
        ],
    )


def _closed(backend: str, rows: int, lanes: int) -> tuple[float, float]:
    """Seconds of a claim, and of a look, when every lane's gate is closed: the worst there is for a claim."""
    with _filled(backend, rows, lanes) as db:
        later = NINE + timedelta(hours=1)
        with db.engine.begin() as connection:
            keys = [f"channel:C{number}" for number in range(lanes)]
            for start in range(0, lanes, _CHUNK):
                part = keys[start : start + _CHUNK]
                connection.execute(
                    insert(Gate), [{"workspace_id": WORKSPACE, "key": key, "free_at": later} for key in part]
                )
            if not db.is_sqlite:
                connection.exec_driver_sql("ANALYZE gate")
        start_at = time.perf_counter()
        with db.transaction(SYSTEM) as tx:
            assert not delivery.claim(tx, WORKSPACE, _WORKER, NINE, limit=20).claims
        claim = time.perf_counter() - start_at
        with db.read(SYSTEM) as tx:
            assert agenda.agenda(tx, NINE, WORKSPACE).wake == later
        return claim, time.perf_counter() - start_at - claim


def _id_of(db: Database) -> Callable[[], object]:
    return (lambda: new_id().hex) if db.is_sqlite else new_id


def _stored(db: Database, moment: datetime) -> object:
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f") if db.is_sqlite else moment


if __name__ == "__main__":
    main()

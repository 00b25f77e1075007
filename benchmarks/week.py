"""One engagement simulated for a week: every due step and every answer on the manual clock, beside the bare inserts.

python -m benchmarks.week [--weeks 12]
"""

import argparse
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text
from sqlmodel import SQLModel

from models.checkins import answers, choices, service
from models.checkins.rules import PromptState, Source
from models.checkins.submissions import Outcome, Promise, Submission, Verdict
from models.clock import ManualClock
from models.db import Database
from models.vault import Vault, new_key, parse_keys
from tests.support.databases import fresh_database
from tests.support.world import World, build

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.week", description=__doc__.splitlines()[0])
    parser.add_argument("--weeks", type=int, default=12)
    weeks = parser.parse_args(argv).weeks
    with tempfile.TemporaryDirectory() as folder, fresh_database("sqlite", Path(folder)) as url:
        clock = ManualClock(MONDAY)
        db = Database(url, clock, Vault(parse_keys(f"bench:{new_key()}")))
        world = build(db, clock)
        start = time.perf_counter()
        for _ in range(weeks):
            live(world, clock.now() + timedelta(days=7))
        ours = (time.perf_counter() - start) / weeks
        bare, rows = _bare(world)
        db.close()
    print(f"one engagement, {weeks} weeks, every stand-up answered by everybody ({rows} rows):")
    print(f"  bare inserts of the same rows   {bare / weeks * 1000:7.1f} ms a week   1.0")
    print(f"  simulated                       {ours * 1000:7.1f} ms a week   {ours / (bare / weeks):.1f}")


def live(world: World, until: datetime) -> None:
    """Let time pass: everything due is done, and every stand-up answered by everybody, who kept what they promised."""
    world.advance()
    while (due := world.queue.next_due()) and due <= until:
        world.clock.set(max(due, world.clock.now()))
        world.advance()
        for name in ("ines", "olaf", "vera", "vik"):
            for item in world.sees(name, choices.answerable)[:1]:
                if item.prompt_state is PromptState.ASKED:
                    form = world.sees(name, answers.answer_form, item.checkin_id)
                    kept = tuple(Outcome(line.id, Verdict.KEPT) for line in form.commitments)
                    said = Submission(outcomes=kept, promises=(Promise("The next piece"),), is_blocked=False)
                    key = f"{name}:{item.checkin_id}"
                    world.does(name, service.submit, item.checkin_id, said, source=Source.MODAL, source_key=key)
    world.clock.set(until)


def _bare(world: World) -> tuple[float, int]:
    """Seconds to write the same rows again, one transaction an insert, into copies of the tables."""
    rows = 0
    with world.db.engine.connect() as connection:
        tables = list(SQLModel.metadata.sorted_tables)
        found = {table.name: connection.execute(table.select()).all() for table in tables}
        connection.rollback()
    with world.db.engine.begin() as connection:
        for table in tables:
            connection.execute(text(f"CREATE TABLE bare_{table.name} AS SELECT * FROM {table.name} WHERE 0"))
    start = time.perf_counter()
    with world.db.engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        for name, data in found.items():
            for _ in data:
                rows += 1
                raw.execute("BEGIN IMMEDIATE")
                raw.execute(f"INSERT INTO bare_{name} SELECT * FROM {name} LIMIT 1")
                raw.execute("COMMIT")
    return time.perf_counter() - start, rows


if __name__ == "__main__":
    main()

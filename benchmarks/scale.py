"""A large installation: what people wait for, beside the same statements replayed bare.

    python -m benchmarks.scale [--workspaces 200] [--engagements 2000] [--days 56] [--database sqlite|postgres]

Nine of ten prompts are answered: 56 days of 2,000 engagements are half a million answers. Everything is written in bulk
into the real tables, with progress. Each figure is of `--samples` engagements or people chosen at random; "bare" is the
time its own SQL takes when it is sent again straight through the driver, without our code, opening and rendering.
"""

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import event, text
from sqlmodel import select

from bot.delivery import messages
from models import statistics as statistics_of_tables
from models.access import SYSTEM, system_in
from models.checkins import service as checkins
from models.checkins.rules import CheckInState, Source
from models.checkins.submissions import Promise, Submission
from models.checkins.tables import CheckIn
from models.clock import ManualClock
from models.db import Database
from models.engagements import queries as engagements
from models.engagements.tables import Engagement
from models.outbox import homes
from models.outbox.rules import Operation, OutboxState
from models.outbox.tables import OutboxMessage
from models.summaries.tables import WeeklySummary
from models.vault import Vault, new_key, parse_keys
from scheduler.auditor import audit
from scheduler.due import DueQueue
from scheduler.steps import STEPS
from tests.support.databases import fresh_database
from tests.support.estate.engagement import NOW
from tests.support.estate.layout import Size, lay_down, workspace_of
from tests.support.estate.view import user_of

_SAID = Submission(answers={"done": "All of it"}, promises=(Promise("The next part"),), is_blocked=False)
_SHOWN_EVERY = 5.0
"""Seconds between two words on the progress."""


@dataclass
class Taken:
    """Milliseconds that something took, and that its statements took alone."""

    ours: list[float] = field(default_factory=list)
    worked: list[float] = field(default_factory=list)
    """Of it, what this process worked: on a busy machine the rest is waiting for others."""
    bare: list[float] = field(default_factory=list)
    statements: list[int] = field(default_factory=list)

    def tell(self, name: str, most: str) -> None:
        """One line of the table."""
        ours, worked, bare = _percentiles(self.ours), _percentiles(self.worked), _percentiles(self.bare)
        ratio = statistics.mean(self.ours) / statistics.mean(self.bare) if self.bare else float("nan")
        print(
            f"  {name:<34} p50 {ours[0]:7.1f}  p95 {ours[1]:7.1f}  most {ours[2]:7.1f} ms   "
            f"worked p50 {worked[0]:6.1f} p95 {worked[1]:6.1f}   "
            f"bare p50 {bare[0]:6.1f} p95 {bare[1]:6.1f}   {ratio:5.1f} x   "
            f"{statistics.median(self.statements):3.0f} statements   {most}",
            flush=True,
        )


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__.splitlines()[0])
    parser.add_argument("--workspaces", type=int, default=200)
    parser.add_argument("--engagements", type=int, default=2_000)
    parser.add_argument("--days", type=int, default=56)
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--database", choices=["sqlite", "postgres"])
    given = parser.parse_args(argv)
    size = Size(given.workspaces, given.engagements, given.days)
    for backend in [given.database] if given.database else ["sqlite", "postgres"]:
        with tempfile.TemporaryDirectory() as folder, fresh_database(backend, Path(folder)) as url:
            db = Database(url, ManualClock(NOW), Vault(parse_keys(f"bench:{new_key()}")))
            homes.watch(db)
            _fill(db, size, backend)
            _measure(db, size, given.samples)
            db.close()


def _fill(db: Database, size: Size, backend: str) -> None:
    began = shown = time.perf_counter()

    def told(done: int, rows: int) -> None:
        nonlocal shown
        if time.perf_counter() - shown > _SHOWN_EVERY:
            shown = time.perf_counter()
            print(f"  … {done:,} of {size.engagements:,} engagements, {rows:,} rows", file=sys.stderr, flush=True)

    rows = lay_down(db, size, told)
    statistics_of_tables.take(db)
    seconds = time.perf_counter() - began
    with db.engine.connect() as connection:
        answers = connection.execute(text("SELECT count(*) FROM response")).scalar_one()
        page = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
        taken = connection.execute(text(page if db.is_sqlite else "SELECT pg_database_size(current_database())"))
        megabytes = taken.scalar_one() / 1e6
    print(
        f"{backend}: {size.workspaces:,} workspaces, {size.engagements:,} engagements, {answers:,} answers; "
        f"{rows:,} rows, {megabytes:,.0f} MB, laid down in {seconds:.0f} s; load {os.getloadavg()[0]:.1f}",
        flush=True,
    )


def _measure(db: Database, size: Size, samples: int) -> None:
    chance = random.Random(7)
    numbers = [chance.randrange(size.engagements) for _ in range(samples)]
    for name, seat in (("Home of an owner of ten", "owner"), ("Home of the provider's engineer", "engineer")):
        _each(db, name, [_home(size, number, seat) for number in numbers], "wanted: p95 ≤ 300 ms")
    _each(db, "board of the open stand-up", [_board(size, number) for number in numbers])
    _each(db, "an answer is stored", [_answer(size, number) for number in dict.fromkeys(numbers)])
    _each(db, "weekly summary, frozen and queued", [_summary] * samples, "wanted: ≤ 5 s")
    _rest(db, size.engagements - samples)
    for name, is_whole in (("quick look of the auditor", False), ("whole look of the auditor", True)):
        _each(db, name, [partial(_audit, is_whole=is_whole)] * 3)
    _each(db, "look of the due queue, nothing due", [lambda db: DueQueue(db, STEPS).run()] * 20)


def _each(db: Database, name: str, uses: Sequence[Callable[[Database], object]], wanted: str = "") -> None:
    taken = Taken()
    for use in uses:
        with _sent(db) as sent:
            began, worked = time.perf_counter(), time.process_time()
            use(db)
            taken.worked.append((time.process_time() - worked) * 1000)
            taken.ours.append((time.perf_counter() - began) * 1000)
        taken.statements.append(len(sent))
        taken.bare.append(_replay(db, [one for one in sent if one[0].startswith("SELECT")]))
    taken.tell(name, wanted)


def _home(size: Size, number: int, seat: str) -> Callable[[Database], object]:
    def use(db: Database) -> object:
        workspace_id = workspace_of(size, number)
        with db.transaction(system_in(workspace_id)) as tx:
            own = tx.acting_as(engagements.actor(tx, workspace_id, user_of(seat, number), None))
            homes.opened(own, None)
            waiting = select(OutboxMessage).where(
                OutboxMessage.workspace_id == workspace_id,
                OutboxMessage.operation == Operation.PUBLISH,
                OutboxMessage.state == OutboxState.READY,
                OutboxMessage.subject_id == own.actor.person_id,
            )
            message = tx.session.exec(waiting).one()
            shown = messages.render(tx, message)
            message.state = OutboxState.SENT
            return shown

    return use


def _board(size: Size, number: int) -> Callable[[Database], object]:
    def use(db: Database) -> object:
        with db.read(system_in(workspace_of(size, number))) as tx:
            checkin = _open_checkin(tx, size, number)
            key = f"board:{checkin.id}"
            found = select(OutboxMessage).where(
                OutboxMessage.workspace_id == checkin.workspace_id, OutboxMessage.key == key
            )
            return messages.render(tx, tx.session.exec(found).one())

    return use


def _answer(size: Size, number: int) -> Callable[[Database], object]:
    def use(db: Database) -> object:
        with db.transaction(system_in(workspace_of(size, number))) as tx:
            actor = engagements.actor(tx, workspace_of(size, number), user_of("engineer", number), None)
            tx.actor = actor
            checkin = _open_checkin(tx, size, number)
            return checkins.submit(tx, checkin.id, _SAID, source=Source.MODAL, source_key=f"bench:{number}")

    return use


def _open_checkin(tx: Any, size: Size, number: int) -> CheckIn:
    workspace_id = workspace_of(size, number)
    engagement = tx.session.exec(
        select(Engagement).where(Engagement.workspace_id == workspace_id, Engagement.key == f"engagement-{number}")
    ).one()
    found = select(CheckIn).where(
        CheckIn.workspace_id == workspace_id,
        CheckIn.engagement_id == engagement.id,
        CheckIn.state == CheckInState.OPEN,
        CheckIn.opens_at > NOW - timedelta(days=1),
    )
    checkin: CheckIn = tx.session.exec(found).one()
    return checkin


def _summary(db: Database) -> object:
    done = DueQueue(db, [step for step in STEPS if step.table is WeeklySummary]).run(limit=1)
    assert done == 1, "no summary was due"
    return done


def _rest(db: Database, count: int) -> None:
    if count <= 0:
        return
    began = time.perf_counter()
    done = DueQueue(db, STEPS).run(limit=count)
    seconds = time.perf_counter() - began
    print(f"  {done:,} more summaries due at the same minute: done in {seconds:.1f} s, {done / seconds:.0f} a second")


def _audit(db: Database, *, is_whole: bool) -> object:
    with db.read(SYSTEM) as tx:
        return audit(tx, STEPS, is_whole=is_whole)


Sent = list[tuple[str, Any]]


@contextmanager
def _sent(db: Database) -> Iterator[Sent]:
    """Every statement sent meanwhile, with its values."""
    sent: Sent = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, _many: bool) -> None:
        sent.append((statement, values))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def _replay(db: Database, sent: Sent) -> float:
    """Milliseconds of the same questions to the database, straight through the driver."""
    with db.engine.connect() as connection:
        cursor = connection.connection.cursor()
        began = time.perf_counter()
        for statement, values in sent:
            cursor.execute(statement, values)
            cursor.fetchall()
        took = (time.perf_counter() - began) * 1000
        cursor.close()
        connection.rollback()
    return took


def _percentiles(values: Sequence[float]) -> tuple[float, float, float]:
    ranked = sorted(values) or [float("nan")]
    return ranked[len(ranked) // 2], ranked[len(ranked) * 95 // 100], ranked[-1]


if __name__ == "__main__":
    main()

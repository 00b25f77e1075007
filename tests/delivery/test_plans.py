"""Looking for work reads an index and a few rows, however many messages there are."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, text

from models.access import SYSTEM
from models.base import new_id
from models.clock import ManualClock
from models.db import Database, Tx
from models.outbox import agenda, delivery, doubts, gates
from models.outbox.rules import Audience, Operation, OutboxState, Place
from models.outbox.tables import OutboxMessage
from tests.support.world import WORKSPACE, World, build

ROWS = 3_000
_LOOKS: dict[str, Callable[[Tx, ManualClock], object]] = {
    "claim": lambda tx, wall: delivery.claim(tx, WORKSPACE, "w", wall.now(), limit=20),
    "next wake": lambda tx, wall: agenda.agenda(tx, wall.now(), WORKSPACE),
    "workspaces": lambda tx, _: agenda.workspaces(tx),
    "what has waited longest": lambda tx, _: agenda.oldest_waiting(tx),
    "doubts": lambda tx, wall: doubts.take(tx, WORKSPACE, wall.now()),
}


@pytest.mark.parametrize("look", _LOOKS)
def test_it_is_served_by_its_index(each_db: Database, clock: ManualClock, look: str) -> None:
    _fill(each_db, build(each_db, clock))

    with each_db.transaction(SYSTEM) as tx, _statements(each_db) as seen:
        _LOOKS[look](tx, clock)

    explain = "EXPLAIN QUERY PLAN " if each_db.is_sqlite else "EXPLAIN "
    about = [(statement, values) for statement, values in seen if "outbox_message" in statement]
    assert about
    with each_db.engine.connect() as connection:
        for statement, values in about:
            plan = connection.exec_driver_sql(explain + statement, values).all()
            lines = [str(line[-1]) for line in plan if "outbox_message" in str(line[-1]) or "older" in str(line[-1])]
            assert all(_is_served(line) for line in lines), (statement, lines)


def test_to_look_at_many_workspaces_takes_as_many_statements_as_at_two(each_db: Database, clock: ManualClock) -> None:
    counts, later = [], clock.now() + timedelta(seconds=30)
    for first, last in ((1, 2), (3, 9)):
        names = [f"T0W{number}" for number in range(1, last + 1)]
        for name in names[first - 1 :]:
            _fill(each_db, build(each_db, clock, workspace_id=name), rows=100)
        with each_db.transaction(SYSTEM) as tx:
            gates.touch(tx, names[-1], {gates.WORKSPACE: later})  # its token was refused
        with each_db.read(SYSTEM) as tx:
            with _statements(each_db) as seen:
                found = agenda.agenda(tx, clock.now())
            assert found.wakes == {name: agenda.agenda(tx, clock.now(), name).wakes[name] for name in names}
        counts.append(len(seen))

    assert counts[0] == counts[1]


def _is_served(line: str) -> bool:
    """No scan of the table, and of no index by the workspace alone (the first index is the primary key)."""
    if "Seq Scan" in line or line.startswith("SCAN"):
        return False
    return "outbox_message_1 (workspace_id=?)" not in line


@contextmanager
def _statements(db: Database) -> Iterator[list[tuple[str, Any]]]:
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, _many: bool) -> None:
        seen.append((statement, values))

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


def _fill(db: Database, world: World, rows: int = ROWS) -> None:
    """Most messages are sent long since; some wait, a few are held."""
    states = [OutboxState.SENT] * 97 + [OutboxState.READY, OutboxState.LEASED, OutboxState.UNSURE]
    with db.engine.begin() as connection:
        now = world.clock.now()
        connection.execute(
            insert(OutboxMessage),
            [
                {
                    "workspace_id": world.workspace_id,
                    "id": new_id(),
                    "engagement_id": world.engagement_id,
                    "key": f"m:{number}",
                    "kind": "test",
                    "operation": Operation.POST,
                    "subject_id": world.engagement_id,
                    "place": Place.CHANNEL,
                    "audience": Audience.JOINT,
                    "post_key": f"m:{number}",
                    "extra": {},
                    "lane": f"channel:C{number % 50}",
                    "state": states[number % 100],
                    "not_before": now,
                    "lease_until": now + timedelta(minutes=1),
                    "attempts": 0,
                    "written_at": now,
                }
                for number in range(rows)
            ],
        )
        if not db.is_sqlite:
            connection.execute(text("ANALYZE"))

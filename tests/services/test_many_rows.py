"""Many rows by one statement are stored as they are when each is stored by itself."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from models.access import SYSTEM
from models.activity.tables import Activity
from models.base import Row, new_id
from models.checkins.tables import CheckIn
from models.db import Database
from models.outbox.rules import Audience, Operation, OutboxState, Place
from models.outbox.tables import OutboxMessage
from tests.conftest import MONDAY
from tests.support.statements import statements
from tests.support.world import World, at, build

HOSTILE = 'a "quoted" \\ word, %s :name ${x} \u2028 é 🙂 <&>\' \n {"a": 1}'


@pytest.fixture(params=["the suite's", "PostgreSQL"])
def anywhere(request: pytest.FixtureRequest) -> Database:
    name = "db" if request.param == "the suite's" else "postgres_db"
    found: Database = request.getfixturevalue(name)
    return found


def message(world: World, number: int) -> dict[str, Any]:
    return {
        "workspace_id": world.workspace_id,
        "id": new_id(),
        "engagement_id": world.engagement_id,
        "key": f"{number} {HOSTILE}",
        "kind": HOSTILE[:20],
        "subject_id": new_id(),
        "person_id": new_id() if number % 2 else None,
        "post_key": "",
        "extra": {HOSTILE: [number, None, True, {"deep": HOSTILE}]} if number % 3 else {},
        "lane": "true",
        "not_before": MONDAY + timedelta(microseconds=number),
    }


def alike() -> dict[str, Any]:
    return {
        "operation": Operation.POST,
        "place": Place.DIRECT,
        "audience": Audience.JOINT,
        "state": OutboxState.READY,
        "attempts": 7,
        "error": None,
        "lease_by": HOSTILE[:60],
        "lease_until": MONDAY,
        "written_at": MONDAY + timedelta(microseconds=1),
    }


def test_messages(anywhere: Database) -> None:
    world = build(anywhere, anywhere.clock)  # type: ignore[arg-type]
    rows = [message(world, number) for number in range(1, 40)]
    assert stored(anywhere, OutboxMessage, rows, alike()) == in_turn(rows, alike())


def test_dates_numbers_and_truth(anywhere: Database) -> None:
    world = build(anywhere, anywhere.clock)  # type: ignore[arg-type]
    world.until(at(23, 8, 35))
    with anywhere.read(SYSTEM) as tx:
        old = dict(tx.beside(select(CheckIn.__table__)).mappings().first() or {})  # type: ignore[attr-defined]
    apart = {"id", "local_date", "opened_at"}
    rows = [
        {"id": new_id(), "local_date": date(2031, 1, day), "opened_at": MONDAY if day % 2 else None}
        for day in range(1, 20)
    ]
    shared = {name: value for name, value in old.items() if name not in apart}
    assert stored(anywhere, CheckIn, rows, shared) == in_turn(rows, shared)


def test_json_that_is_the_same_in_all(anywhere: Database) -> None:
    world = build(anywhere, anywhere.clock)  # type: ignore[arg-type]
    rows = [{key: value for key, value in message(world, number).items() if key != "extra"} for number in (1, 2)]
    shared = alike() | {"extra": {HOSTILE: [1.5, HOSTILE]}}
    assert stored(anywhere, OutboxMessage, rows, shared) == in_turn(rows, shared)


def test_it_is_one_statement_and_none_for_no_rows(world: World) -> None:
    with statements(world.db) as seen, world.db.transaction(SYSTEM) as tx:
        tx.add_many(OutboxMessage, [message(world, number) for number in range(1, 100)], alike())
        tx.add_many(Activity, [], {})

    assert sum("INSERT" in line for line in seen) == 1


def stored(db: Database, table: type[Row], rows: list[dict[str, Any]], alike: dict[str, Any]) -> list[dict[str, Any]]:
    """The columns that were given, as they are read again."""
    columns = table.__table__.c  # type: ignore[attr-defined]
    with db.transaction(SYSTEM) as tx:
        tx.add_many(table, rows, alike)
    names = [*rows[0], *alike]
    wanted = select(*(columns[name] for name in names)).where(columns.id.in_([row["id"] for row in rows]))
    with db.read(SYSTEM) as tx:
        return [dict(row) for row in tx.beside(wanted.order_by(columns.id)).mappings()]


def in_turn(rows: list[dict[str, Any]], alike: dict[str, Any]) -> list[dict[str, Any]]:
    return [row | alike for row in sorted(rows, key=lambda row: row["id"])]

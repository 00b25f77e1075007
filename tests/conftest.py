"""Fixtures for every test: a clock that is moved by hand, a vault, a real database."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog

from bot import pauses
from models.clock import ManualClock
from models.db import Database
from models.outbox import homes
from models.vault import Vault, parse_keys
from tests.support.databases import BACKENDS, chosen_backend, fresh_database
from tests.support.engines import prepared

structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))

MONDAY = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
TEST_KEYS = "test:" + "a2V5LWZvci10ZXN0cy1vbmx5LTMyLWJ5dGVzLWxvbmc="


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: there is always one that waits, for Slack's pace, a browser or a dead process."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest by itself begins first, whatever the order: nobody is to wait for it at the end."""
    items.sort(key=lambda item: not all(map(item.get_closest_marker, ("kill", "slow"))))


def pytest_collection_finish() -> None:
    pauses.shorten()


@pytest.fixture
def clock() -> ManualClock:
    """Stands at Monday 23 November 2026, 00:00 UTC, until it is moved."""
    return ManualClock(MONDAY)


@pytest.fixture
def vault() -> Vault:
    return Vault(parse_keys(TEST_KEYS))


@pytest.fixture
def database_address(tmp_path: Path) -> Iterator[str]:
    """URL of a fresh database with the schema, on the database the suite runs on."""
    with fresh_database(chosen_backend(), tmp_path) as url:
        yield url


@pytest.fixture
def db(database_address: str, clock: ManualClock, vault: Vault) -> Iterator[Database]:
    """A fresh database, on the database the suite runs on."""
    database = Database(database_address, clock, vault)
    prepared(database)
    homes.watch(database)
    yield database
    database.close()


@pytest.fixture(params=BACKENDS)
def each_address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """As `database_address`, once on SQLite and once on PostgreSQL."""
    with fresh_database(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def each_db(each_address: str, clock: ManualClock, vault: Vault) -> Iterator[Database]:
    """As `db`, once on SQLite and once on PostgreSQL."""
    database = Database(each_address, clock, vault)
    prepared(database)
    homes.watch(database)
    yield database
    database.close()


@pytest.fixture
def postgres_url(tmp_path: Path) -> Iterator[str]:
    """URL of a fresh PostgreSQL database with the schema."""
    with fresh_database("postgres", tmp_path) as url:
        yield url

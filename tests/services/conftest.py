"""The world of `tests.support.world`, on the database the suite runs on."""

from collections.abc import Iterator

import pytest
from sqlalchemy import event

from models.clock import ManualClock
from models.db import Database
from models.outbox import homes
from models.tables import METADATA
from models.vault import Vault, parse_keys
from tests.conftest import MONDAY, TEST_KEYS
from tests.support.databases import chosen_backend, fresh_database
from tests.support.world import World, build


@pytest.fixture(scope="session")
def shared_db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One database for all tests here, emptied after each: SQLAlchemy compiles its statements anew for every engine."""
    with fresh_database(chosen_backend(), tmp_path_factory.mktemp("services")) as url:
        database = Database(url, ManualClock(MONDAY), Vault(parse_keys(TEST_KEYS)))
        homes.watch(database)
        if database.is_sqlite:  # what a test writes need not outlive a power cut
            event.listen(database.engine, "connect", lambda made, _: made.execute("PRAGMA synchronous = OFF"))
        yield database
        database.close()


@pytest.fixture
def db(shared_db: Database, clock: ManualClock) -> Iterator[Database]:
    """An empty database with this test's clock."""
    shared_db.clock = shared_db.wall = clock
    yield shared_db
    shared_db.after_commit.clear()
    with shared_db.engine.begin() as connection:
        for table in reversed(METADATA.sorted_tables):
            connection.execute(table.delete())


@pytest.fixture
def world(db: Database, clock: ManualClock) -> World:
    return build(db, clock)


@pytest.fixture
def postgres_db(postgres_url: str, clock: ManualClock, vault: Vault) -> Iterator[Database]:
    """For what only several writers at once can show."""
    database = Database(postgres_url, clock, vault)
    homes.watch(database)
    yield database
    database.close()

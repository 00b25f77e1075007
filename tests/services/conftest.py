"""The world of `tests.support.world`, on the database the suite runs on."""

from collections.abc import Iterator

import pytest

from models.clock import ManualClock
from models.db import Database
from models.vault import Vault
from tests.support.world import World, build


@pytest.fixture
def world(db: Database, clock: ManualClock) -> World:
    return build(db, clock)


@pytest.fixture
def postgres_db(postgres_url: str, clock: ManualClock, vault: Vault) -> Iterator[Database]:
    """For what only several writers at once can show."""
    database = Database(postgres_url, clock, vault)
    yield database
    database.close()

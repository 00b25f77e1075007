"""The world of `tests.support.world`, on the database the suite runs on."""

import pytest

from models.clock import ManualClock
from models.db import Database
from tests.support.world import World, build


@pytest.fixture
def world(db: Database, clock: ManualClock) -> World:
    return build(db, clock)

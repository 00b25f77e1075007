"""The dispatcher before a sandbox Slack, once on SQLite and once on PostgreSQL."""

from collections.abc import AsyncIterator

import pytest

from models.clock import ManualClock
from models.db import Database
from tests.support.delivery import Office, office


@pytest.fixture
async def post(each_db: Database, clock: ManualClock) -> AsyncIterator[Office]:
    async with office(each_db, clock) as parts:
        yield parts

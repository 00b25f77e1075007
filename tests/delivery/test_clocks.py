"""A machine's clock is minutes off, beside one that is right: nothing is there twice, and nothing waits for ever."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlmodel import col

from bot.delivery.dispatcher import Dispatcher
from models.access import SYSTEM
from models.clock import ManualClock
from models.db import Database
from models.outbox.rules import OutboxState
from models.outbox.tables import OutboxMessage
from models.vault import Vault
from sandbox.faults import Fault, Kind
from tests.support.delivery import CALL_SECONDS, Office, always, office, rendered


@dataclass
class Off:
    """A clock that is off by so much."""

    right: ManualClock
    by: timedelta

    def now(self) -> datetime:
        return self.right.now() + self.by


@pytest.fixture
async def there(database_address: str, db: Database, clock: ManualClock) -> AsyncIterator[Office]:
    async with office(db, clock) as found:
        yield found


@pytest.mark.parametrize("minutes", [-5, -2, 2, 5])
async def test_a_lost_answer_is_looked_for_where_slack_put_it(
    there: Office, database_address: str, vault: Vault, minutes: int
) -> None:
    clock = Off(there.clock, timedelta(minutes=minutes))
    db = Database(database_address, clock, vault)
    worker = Dispatcher(db, always(there.slack), rendered, clock, call_seconds=CALL_SECONDS)
    there.post("one")
    there.server.faults.add(Fault("chat.postMessage", 1, Kind.HTTP_500, after=True))

    for _ in range(40):
        await worker.drain()
        there.clock.advance(timedelta(seconds=5))

    assert there.shown() == ["one"]
    assert there.state("one") is OutboxState.SENT
    db.close()


async def test_a_reply_that_sorts_before_what_it_answers_does_not_block_the_channel(there: Office) -> None:
    """Ids tell the time of who made them: the first one's clock was ahead, or was set back between the two."""
    there.post("board")
    there.post("line", parent_key="board")
    with there.db.transaction(SYSTEM) as tx:
        early = UUID(int=there.row("board").id.int - (300_000 << 80))
        tx.beside(update(OutboxMessage).where(col(OutboxMessage.key) == "line").values(id=early))

    await there.settle()

    assert there.shown() == ["board", "line"]

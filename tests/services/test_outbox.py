"""The outbox: what is said while several say it, and while somebody is about to send it."""

from collections.abc import Callable

import pytest
from sqlmodel import select

from models.access import SYSTEM
from models.checkins.tables import CheckIn
from models.db import Database, Tx
from models.outbox import delivery
from models.outbox import service as outbox
from models.outbox.rules import Operation, OutboxState
from models.outbox.tables import OutboxMessage
from tests.support.world import WORKSPACE, at, build


@pytest.fixture
def refresh(postgres_db: Database) -> Callable[[Tx], None]:
    """Says that a board, which is in Slack, has changed."""
    world = build(postgres_db, postgres_db.clock)  # type: ignore[arg-type]
    world.until(at(25, 9))
    key = f"board:{world.rows(CheckIn)[0].id}"
    assert any(message.key == key for message in world.said("checkin.board"))
    return lambda tx: outbox.refresh(tx, WORKSPACE, key)


def test_a_change_said_while_the_edit_before_it_is_being_claimed_is_not_lost(
    postgres_db: Database, refresh: Callable[[Tx], None]
) -> None:
    with postgres_db.transaction(SYSTEM) as tx:
        refresh(tx)
    with postgres_db.transaction(SYSTEM) as taking:
        batch = delivery.claim(taking, WORKSPACE, "w", postgres_db.clock.now(), limit=5)
        assert [claim.message.operation for claim in batch.claims] == [Operation.REFRESH]
        with postgres_db.transaction(SYSTEM) as tx:
            refresh(tx)

    assert waiting(postgres_db) == [Operation.REFRESH]


def test_an_edit_is_not_sent_before_the_change_that_relies_on_it_is_there(
    postgres_db: Database, refresh: Callable[[Tx], None]
) -> None:
    with postgres_db.transaction(SYSTEM) as tx:
        refresh(tx)
    with postgres_db.transaction(SYSTEM) as tx, postgres_db.transaction(SYSTEM) as beside:
        refresh(tx)
        refresh(beside)
        assert claimed(postgres_db) == []

    assert waiting(postgres_db) == [Operation.REFRESH], "both rely on the one that waits"
    assert claimed(postgres_db) == [Operation.REFRESH]


def claimed(db: Database) -> list[Operation]:
    with db.transaction(SYSTEM) as tx:
        batch = delivery.claim(tx, WORKSPACE, "w", db.clock.now(), limit=5)
    return [claim.message.operation for claim in batch.claims]


def waiting(db: Database) -> list[Operation]:
    with db.read(SYSTEM) as tx:
        rows = tx.session.exec(select(OutboxMessage).where(OutboxMessage.state == OutboxState.READY))
        return [row.operation for row in rows]

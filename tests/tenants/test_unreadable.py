"""What no key of a process opens stops nobody else and is not lost: another process may have it, or it comes back."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import update
from sqlmodel import select

from bot.app import build
from bot.doctor import tokens
from bot.doctor.findings import Level
from models.access import SYSTEM
from models.installations import queries as installations
from models.installations import renewal
from models.installations.tables import Installation
from models.outbox.rules import Operation, OutboxState
from models.outbox.tables import OutboxMessage
from models.vault import new_key
from sandbox.installs import ACCESS_SECONDS
from tests.support.many import FIRST, SECOND, House, house
from tests.support.stage import KEYS
from tests.support.world import at

LIFE = timedelta(seconds=ACCESS_SECONDS)


@pytest.fixture
async def home(database_address: str) -> AsyncIterator[House]:
    """Two workspaces at work, whose tokens expire."""
    async with house(database_address, at(23, 6), rotates=True) as found:
        for tenant in (FIRST, SECOND):
            await found.install(tenant)
            await found.apply(tenant)
        yield found


def lose_token(home: House, workspace_id: str = FIRST) -> None:
    """As if the key of its tokens had been taken out too early: the envelopes name one that is not set."""
    sealed = {"bot_token": "v1|lost|AAAA", "refresh_token": "v1|lost|AAAA"}
    with home.app.db.transaction(SYSTEM) as tx:
        tx.beside(update(Installation).where(Installation.workspace_id == workspace_id).values(sealed))
    home.clock.advance(timedelta(minutes=1))  # by now nobody remembers the token


def posts(home: House, tenant: str) -> list[str]:
    messages = home.workspace(tenant).channels["C0SHARED"].messages.values()
    return [message["text"] for message in messages if message.get("bot_id")]


async def test_the_others_hear_from_us_and_it_waits(home: House) -> None:
    await home.until(at(24, 3))
    before = len(posts(home, SECOND)), len(posts(home, FIRST))
    lose_token(home)

    await home.until(at(24, 9))
    assert len(posts(home, SECOND)) > before[0]
    assert len(posts(home, FIRST)) == before[1]
    assert home.app.dispatcher.is_refused

    with home.app.db.read(SYSTEM) as tx:
        waiting = tx.session.exec(select(OutboxMessage).where(OutboxMessage.workspace_id == FIRST)).all()
    assert {row.error for row in waiting if row.state is OutboxState.READY} >= {"token_unreadable"}
    assert not [row for row in waiting if row.state is OutboxState.DEAD]


async def test_the_others_tokens_are_renewed_and_a_process_starts(home: House) -> None:
    lose_token(home)
    home.clock.advance(LIFE - renewal.MARGIN)

    another = build(home.settings, clock=home.clock, wall=home.clock)
    await another.start(with_jobs=False)
    await another.stop()

    with home.app.db.read(SYSTEM) as tx:
        rows = tx.session.exec(select(Installation)).all()
        _, unreadable = installations.all_of(tx)
    assert {row.workspace_id: row.generation for row in rows} == {FIRST: 1, SECOND: 2}
    assert unreadable == (FIRST,)
    assert tokens.unreadable(FIRST).level is Level.FAIL


async def test_a_process_without_the_new_key_leaves_what_it_cannot_read_to_one_that_has_it(home: House) -> None:
    """A new key was put first at once: those that were not started again yet cannot read what it seals."""
    await home.until(at(24, 9))
    keys = SecretStr(f"k2:{new_key()},{KEYS}")
    newer = build(home.settings.model_copy(update={"cadence_keys": keys}), clock=home.clock, wall=home.clock)
    await newer.start(with_jobs=False)
    assert home.sandbox.http is not None
    older, home.sandbox.http.request_url = home.sandbox.http.request_url, f"{newer.http_url}/slack/events"
    board = home.board(FIRST)
    await home.person("vera", FIRST).posts("C0SHARED", "blocker: no VPN for the migration", board["ts"])
    await home.sandbox.settled()

    await home.until(at(24, 11))
    assert not [text for text in posts(home, FIRST) if "no VPN" in text]
    home.sandbox.http.request_url = older

    home.clock.advance(timedelta(minutes=6))
    for _ in range(20):
        await newer.dispatcher.drain()
        home.clock.advance(timedelta(seconds=2))
    assert len([text for text in posts(home, FIRST) if "no VPN" in text]) >= 1
    with home.app.db.read(SYSTEM) as tx:
        rows = tx.session.exec(select(OutboxMessage).where(OutboxMessage.operation == Operation.POST)).all()
    assert not [row.error for row in rows if row.state is OutboxState.DEAD]
    await newer.stop()

"""Tokens that expire are renewed in time, by one process, and the new pair is stored before it is used."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.line import Line
from bot.renewal import Renewal
from bot.tenants import StoredTenants
from models.access import SYSTEM
from models.db import Database
from models.installations import queries, renewal
from models.installations.queries import Installed
from models.vault import Vault, parse_keys
from sandbox.faults import Fault, Kind
from sandbox.installs import ACCESS_SECONDS
from tests.support.many import FIRST, House, house
from tests.support.stage import KEYS
from tests.support.world import at

LIFE = timedelta(seconds=ACCESS_SECONDS)


@pytest.fixture
async def home(database_address: str) -> AsyncIterator[House]:
    async with house(database_address, at(23, 6), rotates=True) as found:
        await found.install(FIRST)
        yield found


def stored(home: House) -> Installed:
    with home.app.db.read(SYSTEM) as tx:
        ((found,), _) = queries.all_of(tx)
    return found


def refreshes(home: House) -> int:
    calls = [call for call in home.sandbox.calls if call.method == "oauth.v2.access"]
    return sum(call.args.get("grant_type") == "refresh_token" for call in calls)


async def test_a_token_is_renewed_before_it_expires_and_calls_go_on(home: House) -> None:
    first = stored(home)
    assert first.bot_token.startswith("xoxe.xoxb-1-")
    assert first.expires_at == home.clock.now() + LIFE

    home.clock.advance(LIFE - renewal.MARGIN - timedelta(seconds=1))
    await home.app.renew()
    assert stored(home) == first
    home.clock.advance(timedelta(seconds=1))
    await home.app.renew()

    second = stored(home)
    assert second.bot_token != first.bot_token
    assert second.expires_at == home.clock.now() + LIFE
    assert second.generation == first.generation + 1
    await home.apply(FIRST)
    await home.until(at(24, 10))
    assert any(message.get("bot_id") for message in home.workspace(FIRST).channels["C0SHARED"].messages.values())


async def test_for_a_week_no_call_is_made_with_a_dead_token(home: House) -> None:
    await home.apply(FIRST)
    for hours in range(4, 7 * 24, 4):
        await home.until(at(23, 6) + timedelta(hours=hours))
        await home.app.renew()

    refused = [call for call in home.sandbox.calls if call.result and call.result.get("error")]
    assert [(call.method, call.result) for call in refused if "token" in str(call.result)] == []
    assert refreshes(home) >= 12


async def test_many_processes_that_renew_at_once_use_a_refresh_token_once(home: House) -> None:
    home.clock.advance(LIFE - timedelta(hours=1))
    others = [another(home) for _ in range(4)]

    done = await asyncio.gather(*(renewer.renew(FIRST) for _, _, renewer in others for _ in range(3)))

    assert sum(done) == 1
    assert refreshes(home) == 1
    assert await others[0][2].run() == 0
    await close(others)


async def test_a_process_that_died_between_the_answer_and_the_commit_is_made_good(home: House) -> None:
    """Its turn is over after half a minute; Slack takes the used refresh token once more for a short time."""
    home.clock.advance(LIFE - timedelta(hours=1))
    turn = await home.app.db.run(SYSTEM, renewal.take_turn, FIRST, home.clock.now())
    assert turn is not None
    home.sandbox.installs.refresh(turn.refresh_token)  # answered, and never stored
    await home.app.renew()
    assert refreshes(home) == 0

    home.clock.advance(renewal.LEASE)
    await home.app.renew()

    assert stored(home).generation == turn.generation + 1
    assert (await probe(home)) == FIRST


async def test_a_process_that_slept_through_its_turn_does_not_overwrite_a_newer_pair(home: House) -> None:
    home.clock.advance(LIFE - timedelta(hours=1))
    slow = await home.app.db.run(SYSTEM, renewal.take_turn, FIRST, home.clock.now())
    assert slow is not None
    home.clock.advance(renewal.LEASE)
    await home.app.renew()
    newest = stored(home)

    is_stored = await home.app.db.run(SYSTEM, renewal.renewed, slow, "xoxe.xoxb-1-old", "old", home.clock.now())

    assert not is_stored
    assert stored(home) == newest


async def test_after_a_lost_answer_it_tries_again_soon_and_the_old_token_goes_on(home: House) -> None:
    first = stored(home)
    home.clock.advance(LIFE - timedelta(hours=1))
    home.sandbox.faults.add(Fault("oauth.v2.access", 1, Kind.HTTP_500, after=True))
    await home.app.renew()
    assert stored(home).bot_token == first.bot_token
    assert stored(home).trouble
    assert (await probe(home)) == FIRST

    home.clock.advance(timedelta(seconds=10))
    await home.app.renew()

    assert stored(home).bot_token != first.bot_token
    assert stored(home).trouble is None


async def test_a_refused_renewal_is_shown_and_not_hammered(home: House) -> None:
    home.clock.advance(LIFE - timedelta(hours=1))
    home.sandbox.faults.add(Fault("oauth.v2.access", 1, Kind.ERROR, code="invalid_refresh_token"))
    await home.app.renew()

    assert stored(home).trouble == "invalid_refresh_token"
    home.clock.advance(timedelta(minutes=9))
    await home.app.renew()
    assert refreshes(home) == 1


async def test_another_process_learns_of_a_new_token_when_the_old_one_is_refused(home: House) -> None:
    ((db, line, _),) = others = [another(home)]
    tenants = StoredTenants(db, line, home.clock)
    door = await tenants.door(FIRST)
    await home.install(FIRST)
    for issued in list(home.sandbox.installs._issued.values())[:-1]:
        issued.is_revoked = True

    posted = await door.post_message("C0SHARED", "hello")

    assert posted
    await close(others)


Other = tuple[Database, Line, Renewal]


def another(home: House) -> Other:
    """What one more process has of its own."""
    db = Database(home.settings.database_url.get_secret_value(), home.clock, Vault(parse_keys(KEYS)))
    line = Line(home.sandbox.api_url)
    client = home.sandbox.installs
    renewer = Renewal(
        db,
        line,
        home.clock,
        StoredTenants(db, line, home.clock),
        client_id=client.client_id,
        client_secret=client.client_secret,
    )
    return db, line, renewer


async def close(others: list[Other]) -> None:
    for db, line, _ in others:
        await line.close()
        db.close()


async def probe(home: House) -> str:
    """Whom Slack takes us for now."""
    ((db, line, _),) = others = [another(home)]
    tenant = await StoredTenants(db, line, home.clock).find(FIRST)
    assert tenant is not None
    who = await tenant.slack.auth_test()
    await close(others)
    return who.team_id

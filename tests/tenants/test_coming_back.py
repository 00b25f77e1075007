"""A workspace leaves and comes back, and its tokens are renewed, while two processes look and one of them is slow."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.app import build
from bot.doctor import tokens
from bot.doctor.findings import Level
from models.access import SYSTEM
from models.installations import queries, renewal, service
from models.installations.service import Grant
from models.upkeep import backups
from sandbox.installs import GRACE_SECONDS
from tests.support.databases import empty_database
from tests.support.many import FIRST, PUBLIC, Browser, House, house
from tests.support.stage import Json
from tests.support.world import at
from tests.tenants.test_renewal import LIFE, another, close, refreshes, stored

REDIRECT = f"{PUBLIC}/slack/oauth_redirect"


@pytest.fixture
async def home(postgres_url: str) -> AsyncIterator[House]:
    async with house(postgres_url, at(23, 6), rotates=True) as found:
        await found.install(FIRST)
        yield found


async def test_a_farewell_that_is_slow_does_not_remove_the_installation_made_meanwhile(home: House) -> None:
    """Slack has refused the old token; before that is written down, somebody installs the app again."""
    home.sandbox.installs.uninstall(FIRST, ())
    with home.app.db.transaction(SYSTEM) as tx:
        tx.session.execute(text("SELECT * FROM installation FOR UPDATE"))
        home.sandbox.installs.tell(home.workspace(FIRST), "app_uninstalled")
        await _until_somebody_waits(home)
        given = home.sandbox.installs.exchange(home.sandbox.installs.allow(FIRST, REDIRECT), REDIRECT)
        service.install(tx, _grant(home, given))  # in the transaction for which the farewell waits
    await home.sandbox.settled()

    assert stored(home).bot_token == given["access_token"]


def _grant(home: House, given: Json) -> Grant:
    who = home.workspace(FIRST).app
    tokens = given["access_token"], given["refresh_token"], home.clock.now() + LIFE
    return Grant(FIRST, "Northwind Retail", who.bot_user_id, "B0CADENCE", *tokens)


async def _until_somebody_waits(home: House) -> None:
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    for _ in range(500):
        with home.app.db.read(SYSTEM) as tx:
            if tx.session.execute(waiting).scalar_one():
                return
        await asyncio.sleep(0.02)
    raise AssertionError("nobody waits")


async def test_a_pair_that_could_not_be_stored_is_not_lost(home: House) -> None:
    """The database is away when Slack's answer comes, for longer than Slack takes the used refresh token once more."""
    first = stored(home)
    home.clock.advance(LIFE - timedelta(hours=1))

    def lose(method: str, _args: Json, when: str) -> None:
        if (method, when) == ("oauth.v2.access", "after"):
            _rename(home, "installation", "away")

    home.sandbox.web_api.on_request.append(lose)
    with pytest.raises(DBAPIError):
        await home.app.renew()
    home.clock.advance(timedelta(seconds=2 * GRACE_SECONDS))
    with pytest.raises(DBAPIError):
        await home.app.renew()
    _rename(home, "away", "installation")
    await home.app.renew()

    assert stored(home).generation == first.generation + 1
    assert stored(home).trouble is None
    assert refreshes(home) == 1


def _rename(home: House, old: str, new: str) -> None:
    with home.app.db.transaction(SYSTEM) as tx:
        tx.session.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))


async def test_who_froze_before_asking_slack_does_not_ask_when_its_turn_is_over(home: House) -> None:
    """Somebody else has had the next pair by then: Slack would make one more, and let the stored one die sooner."""
    home.clock.advance(LIFE - timedelta(hours=1))
    ((db, _, renewer),) = others = [another(home)]
    db.after_commit.append(lambda: home.clock.advance(renewal.LEASE))  # frozen behind the commit that takes the turn

    assert not await renewer.renew(FIRST)

    assert refreshes(home) == 0
    await home.app.renew()
    assert refreshes(home) == 1
    await close(others)


async def test_tokens_of_an_old_backup_are_dead_and_shown_and_a_new_installation_mends_it(
    home: House, tmp_path: Path
) -> None:
    path = tmp_path / "old.backup"
    backups.write(home.app.db, path)
    home.clock.advance(LIFE - renewal.MARGIN)
    await home.app.renew()
    home.clock.advance(timedelta(hours=11))

    with empty_database("sqlite", tmp_path) as url:
        settings = home.settings.model_copy(update={"database_url": SecretStr(url)})
        app = build(settings, clock=home.clock, wall=home.clock)
        backups.restore(app.db, path)
        await app.start(with_jobs=False)
        with app.db.read(SYSTEM) as tx:
            ((found,), _) = queries.all_of(tx)
        shown = tokens.renewal(found, home.clock.now())
        assert shown.level is Level.FAIL
        assert "invalid_refresh_token" in shown.said

        assert (await Browser(app.http_url).install(FIRST))[0] == 200
        with app.db.read(SYSTEM) as tx:
            ((found,), _) = queries.all_of(tx)
        assert tokens.renewal(found, home.clock.now()).level is Level.PASS
        await app.stop()

"""Workspaces install the app through the browser; a state is good once, for ten minutes, in the browser that got it."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import select

from models.access import SYSTEM
from models.engagements.tables import Engagement, Workspace
from models.installations import queries
from models.installations.tables import Installation, InstallState
from sandbox import channels
from sandbox.state import Team
from tests.support.many import FIRST, SECOND, House, house
from tests.support.world import at


@pytest.fixture
async def home(database_address: str) -> AsyncIterator[House]:
    async with house(database_address, at(23, 6)) as found:
        yield found


def installed(home: House) -> list[str]:
    with home.app.db.read(SYSTEM) as tx:
        return [one.workspace_id for one in queries.all_of(tx)[0]]


async def test_a_workspace_installs_the_app_and_is_served(home: House) -> None:
    await home.install(FIRST)

    assert installed(home) == [FIRST]
    said = await home.person("mallory", FIRST).commands("/cadence help", "C0SHARED")
    assert "You are on no roster here yet" in said


async def test_tokens_are_nowhere_readable_in_the_database(home: House) -> None:
    await home.install(FIRST)

    with home.app.db.read(SYSTEM) as tx:
        row = tx.session.exec(select(Installation)).one()
        token = tx.unseal(row, "bot_token")
        stored = tx.session.connection().execute(text("SELECT * FROM installation")).mappings().one()
    assert token.startswith("xoxb-")
    assert not [name for name, value in stored.items() if token in str(value)]


async def test_a_state_is_good_only_once(home: House) -> None:
    browser = home.browser()
    page = await browser.begin()
    back = await browser.allow(page, FIRST)
    kept = dict(browser.cookies)
    assert (await browser.get(back))[0] == 200

    again = await browser.allow(page, SECOND)
    browser.cookies = kept
    status, _ = await browser.get(again)

    assert status == 401
    assert installed(home) == [FIRST]


async def test_a_state_is_good_only_in_the_browser_that_got_it(home: House) -> None:
    browser = home.browser()
    back = await browser.allow(await browser.begin(), FIRST)

    assert (await home.browser().get(back))[0] == 400
    another = home.browser()
    await another.begin()
    assert (await another.get(back))[0] == 400
    assert installed(home) == []


async def test_a_state_is_good_for_ten_minutes(home: House) -> None:
    browser = home.browser()
    page = await browser.begin()
    home.clock.advance(timedelta(minutes=10))
    back = await browser.allow(page, FIRST)

    assert (await browser.get(back))[0] == 401
    assert installed(home) == []


async def test_strangers_cannot_fill_the_database_by_beginning_to_install(home: House) -> None:
    statuses = [(await home.browser().get("/slack/install"))[0] for _ in range(30)]

    assert statuses == [200] * 20 + [429] * 10
    with home.app.db.read(SYSTEM) as tx:
        assert len(tx.session.exec(select(InstallState)).all()) == 20
    home.clock.advance(timedelta(seconds=10))
    await home.install(FIRST)
    assert installed(home) == [FIRST]


async def test_who_says_no_at_slack_gets_a_page_and_nothing_is_stored(home: House) -> None:
    browser = home.browser()

    status, page = await browser.get(await browser.allow(await browser.begin(), ""))

    assert status == 200
    assert "access_denied" in page
    assert installed(home) == []


async def test_another_way_back_is_not_taken_by_slack(home: House) -> None:
    home.sandbox.installs.redirect_urls[:] = ["https://elsewhere.example/slack/oauth_redirect"]
    browser = home.browser()

    with pytest.raises(AssertionError, match="bad_redirect_uri"):
        await browser.allow(await browser.begin(), FIRST)


async def test_installing_again_replaces_the_token(home: House) -> None:
    await home.install(FIRST)
    first = tokens(home)
    await home.install(FIRST)

    assert installed(home) == [FIRST]
    assert tokens(home) != first


async def test_an_organisation_that_installs_it_is_one_tenant_with_all_its_workspaces(home: House) -> None:
    workspace = home.workspace(FIRST)
    workspace.organisation, workspace.is_org_wide = Team("E0WIND", "Wind Holding", "wind"), True
    await home.install(FIRST)
    await home.apply("E0WIND")

    await home.until(at(24, 10))

    assert installed(home) == ["E0WIND"]
    with home.app.db.read(SYSTEM) as tx:
        assert tx.session.exec(select(Workspace)).one().is_org_wide
    said = await home.person("ines", FIRST).commands("/cadence status", "C0SHARED")
    assert "Brightlane" in said
    assert any(message.get("bot_id") for message in workspace.channels["C0SHARED"].messages.values())


async def test_what_happens_to_the_channels_of_an_organisation_is_heard(home: House) -> None:
    workspace = home.workspace(FIRST)
    workspace.organisation, workspace.is_org_wide = Team("E0WIND", "Wind Holding", "wind"), True
    await home.install(FIRST)
    await home.apply("E0WIND")
    await home.until(at(24, 10))

    channels.archive(workspace, "C0SHARED", "U0INES")
    await home.settle()

    with home.app.db.read(SYSTEM) as tx:
        assert tx.session.exec(select(Engagement.trouble_code)).one() == "is_archived"


async def test_a_workspace_without_the_app_is_not_served(home: House) -> None:
    await home.install(FIRST)
    other = home.workspace(SECOND)
    other.is_installed = True  # as far as Slack knows; nothing is stored here

    await home.person("ines", SECOND).posts("C0SHARED", f"<@{other.app.bot_user_id}> help")
    await home.settle()

    assert not [call for call in home.sandbox.calls if call.team_id == SECOND]


def tokens(home: House) -> list[str]:
    with home.app.db.read(SYSTEM) as tx:
        return [one.bot_token for one in queries.all_of(tx)[0]]

"""Both companies in a shared channel have installed the app: Slack tells an event once, and names any one of them."""

from collections.abc import AsyncIterator

import pytest
from sqlmodel import select

from models.access import SYSTEM
from models.checkins.tables import Reply
from models.installations import queries, service
from tests.support.many import FIRST, SECOND, House, house
from tests.support.stage import Json
from tests.support.world import at

SHARED = "C0SHARED"


@pytest.fixture
async def home(each_address: str) -> AsyncIterator[House]:
    """The first has an engagement whose board is open; the second has the app, and Slack names it in every event."""
    async with house(each_address, at(23, 6)) as found:
        await found.install(FIRST)
        await found.browser().install(SECOND)
        await found.apply(FIRST)
        await found.until(at(24, 9))
        found.workspace(FIRST).on_event.insert(0, _names_the_other)
        yield found


def _names_the_other(body: Json) -> None:
    for one in body["authorizations"]:
        one["team_id"] = SECOND


def replies(home: House) -> list[tuple[str, bool]]:
    with home.app.db.read(SYSTEM) as tx:
        return [(row.workspace_id, row.is_deleted) for row in tx.session.exec(select(Reply).order_by(Reply.id))]


@pytest.mark.parametrize("name", ["vera", "ines"])
async def test_a_plain_answer_is_heard_by_the_one_whose_engagement_it_is(home: House, name: str) -> None:
    thread = home.board(FIRST)["ts"]

    said = await home.person(name, FIRST).posts(SHARED, "Done: the export works", thread)
    await home.settle()
    assert replies(home) == [(FIRST, False)]

    await home.person(name, FIRST).deletes({**said, "channel": SHARED})
    await home.settle()
    assert replies(home) == [(FIRST, True)]


async def test_a_channel_of_nobody_is_heard_by_the_one_that_slack_names(home: House) -> None:
    tenants = home.app._served.tenants  # type: ignore[union-attr]

    assert await tenants.concerned(SECOND, "C0ELSEWHERE") == SECOND
    assert await tenants.concerned(SECOND, SHARED) == FIRST
    await home.apply(SECOND)
    assert await tenants.concerned(SECOND, SHARED) == SECOND


async def test_one_that_has_removed_the_app_hears_nothing(home: House) -> None:
    with home.app.db.transaction(SYSTEM) as tx:
        assert service.stop(tx, FIRST, queries.stamp(tx, FIRST))
    tenants = home.app._served.tenants  # type: ignore[union-attr]
    tenants.forget(FIRST)

    assert await tenants.concerned(SECOND, SHARED) == SECOND

"""The app is removed from a workspace: everything stops at once, data are kept for a time, and may be had again."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest
from sqlmodel import func, select

from models.access import SYSTEM
from models.engagements.tables import Engagement, Workspace
from models.installations.service import GRACE
from models.installations.tables import Installation
from models.outbox.tables import OutboxMessage
from models.tables import METADATA
from models.upkeep import erasing
from sandbox.state import Team
from tests.support.many import FIRST, SECOND, House, house
from tests.support.world import at

EVENTS = ("tokens_revoked", "app_uninstalled")
REVOKED = "team_access_revoked"


@pytest.fixture
async def home(database_address: str) -> AsyncIterator[House]:
    """Two workspaces at work, on Tuesday morning before anything is due."""
    async with house(database_address, at(23, 6)) as found:
        for tenant in (FIRST, SECOND):
            await found.install(tenant)
            await found.apply(tenant)
        await found.until(at(24, 3))
        yield found


def stopped(home: House) -> list[str]:
    with home.app.db.read(SYSTEM) as tx:
        rows = tx.session.exec(select(Workspace)).all()
    return [row.workspace_id for row in rows if row.stopped_at is not None]


def posts(home: House, tenant: str) -> int:
    return sum(bool(message.get("bot_id")) for message in home.workspace(tenant).channels["C0SHARED"].messages.values())


@pytest.mark.parametrize("order", [EVENTS, EVENTS[::-1], EVENTS[:1], EVENTS[1:], (*EVENTS, *EVENTS), (REVOKED,)])
async def test_a_workspace_that_leaves_stops_at_once_and_the_other_goes_on(home: House, order: Sequence[str]) -> None:
    home.sandbox.installs.uninstall(FIRST, order)
    await home.settle()
    calls = len(home.sandbox.calls)

    await home.until(at(24, 18))

    assert stopped(home) == [FIRST]
    assert {call.team_id for call in home.sandbox.calls[calls:]} == {SECOND}
    assert (posts(home, FIRST), posts(home, SECOND) > 0) == (0, True)
    with home.app.db.read(SYSTEM) as tx:
        assert [row.workspace_id for row in tx.session.exec(select(Installation))] == [SECOND]
        assert not tx.session.exec(select(OutboxMessage).where(OutboxMessage.workspace_id == FIRST)).all()


async def test_what_was_waiting_to_be_sent_is_not_sent(home: House) -> None:
    await home.until(at(24, 8))
    home.clock.set(at(24, 8, 30))
    while await home.app.db.work(home.app.due.run):
        pass
    home.sandbox.installs.uninstall(FIRST)
    await home.sandbox.settled()

    await home.until(at(24, 8, 31))

    with home.app.db.read(SYSTEM) as tx:
        mine = tx.session.exec(select(OutboxMessage).where(OutboxMessage.workspace_id == FIRST)).all()
    assert mine
    assert posts(home, FIRST) == 0
    assert posts(home, SECOND) > 0


async def test_installed_again_within_the_grace_it_goes_on_where_it_was(home: House) -> None:
    home.sandbox.installs.uninstall(FIRST)
    await home.settle()
    await home.until(at(24, 20))

    await home.install(FIRST)
    await home.until(at(25, 10))

    assert stopped(home) == []
    assert posts(home, FIRST) > 0
    with home.app.db.read(SYSTEM) as tx:
        assert tx.session.exec(select(func.count()).select_from(Engagement)).one() == 2


async def test_a_late_farewell_does_not_stop_a_new_installation(home: House) -> None:
    home.sandbox.installs.uninstall(FIRST, ())
    await home.install(FIRST)

    for kind in (*EVENTS, REVOKED):  # as Slack delivers what it could not before
        home.sandbox.installs.tell(home.workspace(FIRST), kind)
    await home.settle()

    assert stopped(home) == []


@pytest.mark.parametrize("is_refused", [True, False])
async def test_an_organisation_stops_when_its_token_is_dead_and_not_when_one_of_its_workspaces_goes(
    home: House, is_refused: bool
) -> None:
    home.sandbox.installs.uninstall(FIRST, ())
    workspace = home.workspace(FIRST)
    workspace.organisation, workspace.is_org_wide = Team("E0WIND", "Wind Holding", "wind"), True
    await home.install(FIRST)
    before = stopped(home)

    if is_refused:
        home.sandbox.installs.uninstall(FIRST, (REVOKED,))
    else:
        home.sandbox.installs.tell(workspace, REVOKED)
    await home.settle()

    assert set(stopped(home)) - set(before) == ({"E0WIND"} if is_refused else set())
    assert SECOND not in stopped(home)


async def test_a_persons_own_token_is_not_ours(home: House) -> None:
    workspace = home.workspace(FIRST)
    calls = len(home.sandbox.calls)
    home.sandbox.installs.tell(workspace, "tokens_revoked", {"oauth": ["U0INES"], "bot": []})
    await home.settle()

    assert stopped(home) == []
    assert len(home.sandbox.calls) == calls


async def test_after_the_grace_every_row_of_it_is_gone_and_none_of_the_other(home: House) -> None:
    home.sandbox.installs.uninstall(FIRST)
    await home.settle()
    before = rows(home)

    home.clock.advance(GRACE - timedelta(seconds=1))
    await home.app.erase()
    assert rows(home) == before
    home.clock.advance(timedelta(seconds=1))
    await home.app.erase()

    after = rows(home)
    assert {tenant for _, tenant in after} == {SECOND}
    assert after == {key: count for key, count in before.items() if key[1] == SECOND}


async def test_a_workspace_that_came_back_is_not_erased(home: House) -> None:
    home.sandbox.installs.uninstall(FIRST)
    await home.settle()
    home.clock.advance(GRACE)
    await home.install(FIRST)

    with home.app.db.transaction(SYSTEM) as tx:
        assert not erasing.erase(tx, FIRST)


def rows(home: House) -> dict[tuple[str, str], int]:
    """How many rows each workspace has in each table."""
    found: dict[tuple[str, str], int] = {}
    with home.app.db.read(SYSTEM) as tx:
        for table in METADATA.sorted_tables:
            if "workspace_id" in table.c:
                counted = select(table.c.workspace_id, func.count()).group_by(table.c.workspace_id)
                found |= {(table.name, tenant): count for tenant, count in tx.session.connection().execute(counted)}
    return found


async def test_a_farewell_that_never_came_is_found_in_the_night(home: House) -> None:
    """It came while nobody ran, or the database was restored from a backup of before: nobody says it again."""
    home.sandbox.installs.uninstall(FIRST, ())

    home.clock.set(at(25, 4))
    await home.app.db.work(home.app.due.run)
    assert await home.app.look_around() == 2

    assert stopped(home) == [FIRST]

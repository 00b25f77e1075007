"""Two workspaces with equal ids and names in one process and one database: neither sees or changes the other's."""

import asyncio
import json
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from sqlmodel import select

from models.access import SYSTEM
from models.outbox.tables import OutboxMessage, Post
from models.tables import METADATA
from models.upkeep.sealed import sealed_columns
from tests.support.many import FIRST, SECOND, House, house
from tests.support.posted import key_of
from tests.support.stage import Json
from tests.support.world import at

CANARY = {FIRST: "ALPHACANARY", SECOND: "BETACANARY"}
OTHER = {FIRST: SECOND, SECOND: FIRST}


@pytest.fixture
async def home(each_address: str) -> AsyncIterator[House]:
    """Both at work, Wednesday noon: their boards are open."""
    async with house(each_address, at(23, 6)) as found:
        for tenant in (FIRST, SECOND):
            await found.install(tenant)
            await found.apply(tenant)
        await found.until(at(25, 9))
        yield found


async def test_a_morning_of_both_mixes_nothing(home: House) -> None:
    for tenant in (FIRST, SECOND):
        await whole_morning(home, tenant)
    await home.until(at(25, 15))

    for tenant in (FIRST, SECOND):
        foreign = CANARY[OTHER[tenant]]
        assert CANARY[tenant] in in_slack(home, tenant)
        assert foreign not in in_slack(home, tenant)
        assert CANARY[tenant] in in_database(home, tenant)
        assert foreign not in in_database(home, tenant)
    assert_every_call_went_with_its_own_token(home)


async def test_what_happens_in_one_leaves_every_byte_of_the_other(home: House) -> None:
    before = bytes_of(home, SECOND)
    slack_before = in_slack(home, SECOND)

    await whole_morning(home, FIRST)

    assert bytes_of(home, SECOND) == before
    assert in_slack(home, SECOND) == slack_before
    assert CANARY[FIRST] in in_slack(home, FIRST)


async def test_equal_people_pressing_at_once_get_the_forms_of_their_own_workspace(home: House) -> None:
    people = [(name, tenant) for name in ("ines", "olaf", "ada", "vera", "vikram") for tenant in (FIRST, SECOND)]

    await asyncio.gather(
        *(home.person(name, tenant).clicks(home.board(tenant), "checkin.answer.open") for name, tenant in people)
    )
    await asyncio.gather(
        *(
            home.person(name, tenant).submits(
                home.person(name, tenant).open_views[-1],
                filled(home.person(name, tenant).open_views[-1], f"{CANARY[tenant]} of {name}"),
            )
            for name, tenant in people
        )
    )
    await home.settle()

    for tenant in (FIRST, SECOND):
        assert CANARY[tenant] in in_slack(home, tenant)
        assert CANARY[OTHER[tenant]] not in in_slack(home, tenant)
        assert CANARY[OTHER[tenant]] not in in_database(home, tenant)
    assert_every_call_went_with_its_own_token(home)


async def test_a_button_of_one_pressed_in_the_other_does_nothing(home: House) -> None:
    foreign = home.board(FIRST)
    before = bytes_of(home, FIRST), bytes_of(home, SECOND)
    someone = home.person("ines", SECOND)
    mine = home.board(SECOND)
    buttons = json.loads(json.dumps(foreign["blocks"]))
    home.workspace(SECOND).channels["C0SHARED"].messages[mine["ts"]]["blocks"] = buttons

    await someone.clicks(home.board(SECOND), "checkin.answer.open")
    await home.settle()

    assert not someone.open_views
    assert (bytes_of(home, FIRST), bytes_of(home, SECOND)) == before


async def whole_morning(home: House, tenant: str) -> None:
    """Answers by form and by reply, an edit, a blocker and its buttons, commands, mentions: all with the canary."""
    canary = CANARY[tenant]
    board = home.board(tenant)
    ines, vera, olaf = (home.person(name, tenant) for name in ("ines", "vera", "olaf"))
    await ines.clicks(board, "checkin.answer.open")
    errors = await ines.submits(
        ines.open_views[-1],
        filled(ines.open_views[-1], f"{canary} done"),
    )
    assert not errors
    said = await vera.posts("C0SHARED", f"{canary} import\nblocked: {canary} has no VPN", thread_ts=board["ts"])
    await home.settle()
    await vera.edits({**said, "channel": "C0SHARED"}, f"{canary} import runs\nblocked: {canary} has no VPN")
    await home.settle()
    bot = home.workspace(tenant).app.bot_user_id
    for text in (f"<@{bot}> status", f"<@{bot}> {canary}"):
        await vera.posts("C0SHARED", text)
    for line in ("/cadence status", f"/cadence skip {canary}", "/cadence help"):
        await olaf.commands(line, "C0SHARED")
    await ines.opens_home()
    await home.settle()


def filled(form: Json, words: str) -> dict[str, str]:
    """The form with these words: the sides are asked different things."""
    fields = {str(block["block_id"]) for block in form["blocks"]}
    first = "answer.done" if "answer.done" in fields else "answer.checked"
    return {first: words, "answer.next": f"{words} next", "answer.blocked": "no"}


def assert_every_call_went_with_its_own_token(home: House) -> None:
    """Whatever a call carries belongs to the workspace whose token it used."""
    with home.app.db.read(SYSTEM) as tx:
        owners = {row.id: row.workspace_id for row in tx.session.exec(select(OutboxMessage))}
        posts = {(row.workspace_id, row.channel_id, row.ts) for row in tx.session.exec(select(Post))}
    counted = 0
    for call in home.sandbox.calls:
        text = json.dumps(call.args)
        for tenant, canary in CANARY.items():
            assert canary not in text or call.team_id == tenant, call.method
        if key := key_of(call.args):
            assert owners[UUID(key)] == call.team_id
            counted += 1
        if call.method == "chat.update":
            assert (call.team_id, call.args["channel"], call.args["ts"]) in posts
            counted += 1
    assert counted > 10


def in_slack(home: House, tenant: str) -> str:
    """Everything anybody of a workspace can see."""
    workspace = home.workspace(tenant)
    seen = [[*channel.messages.values()] for channel in workspace.channels.values()]
    return json.dumps([seen, workspace.ephemerals, workspace.homes, workspace.modals])


def in_database(home: House, tenant: str) -> str:
    """Every stored text of a workspace, unsealed."""
    with home.app.db.read(SYSTEM) as tx:
        found = [
            tx.unseal(row, column.column)
            for column in sealed_columns()
            for row in tx.session.exec(select(column.table).where(column.table.workspace_id == tenant))
        ]
    assert any(found)
    return json.dumps(found)


def bytes_of(home: House, tenant: str) -> dict[str, list[str]]:
    """Every row of a workspace as it is stored."""
    found = {}
    with home.app.db.read(SYSTEM) as tx:
        for table in METADATA.sorted_tables:
            if "workspace_id" in table.c:
                rows = tx.session.connection().execute(select(table).where(table.c.workspace_id == tenant))
                found[table.name] = sorted(repr(tuple(row)) for row in rows)
    return found

"""Looking up who is in a channel while a person waits for the next form."""

import asyncio

from bot.acquaintance import in_time, people_of
from bot.gateway import Gateway
from bot.runtime import Runtime
from bot.tenants import OneTenant, Tenant
from models.clock import SystemClock
from sandbox.seed import BOT_TOKEN, SHARED
from tests.listeners.conftest import Desk


async def test_what_was_spent_before_is_no_longer_there_for_looking_people_up(desk: Desk) -> None:
    slack = Gateway(BOT_TOKEN, base_url=desk.server.api_url)
    us = await slack.auth_test()
    rt = Runtime(desk.world.db, slack, us, SystemClock(), OneTenant(Tenant(us, slack)))

    none, is_whole = await people_of(rt, SHARED, until=asyncio.get_running_loop().time())
    assert (none, is_whole) == ((), False)

    everybody, is_whole = await people_of(rt, SHARED, until=in_time())
    assert is_whole
    assert "U0VERA" in {person.slack_id for person in everybody}
    known, is_whole = await people_of(rt, SHARED, everybody, until=asyncio.get_running_loop().time())
    assert (known, is_whole) == (everybody, True), "bots and people who are gone are looked up again, or not at all"
    await slack.close()

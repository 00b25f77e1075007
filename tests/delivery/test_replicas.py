"""Slack's limits hold over all processes together, and what one is told by Slack all of them obey."""

import asyncio
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from models.access import SYSTEM
from models.base import new_id
from models.db import Database
from models.engagements.tables import Engagement
from models.outbox import service
from models.vault import Vault, parse_keys
from sandbox.faults import Fault, Kind
from sandbox.limits import Limits
from sandbox.seed import example_world
from sandbox.server import SandboxServer
from sandbox.web_api import Call
from tests.conftest import TEST_KEYS
from tests.support.delivery_worker import context
from tests.support.replicas import Replica, SharedClock, replicas

pytestmark = pytest.mark.slow

START = datetime(2026, 11, 23, 9, tzinfo=UTC)
STEP = timedelta(seconds=0.25)
BUSY, CHANNELS = 8, 24
"""Messages into one channel, and channels with one message each."""


@pytest.mark.parametrize("limited", [False, True], ids=["in peace", "told to wait"])
async def test_three_processes_keep_the_limits_of_one_app(postgres_url: str, limited: bool) -> None:
    seconds = context().Value("d", START.timestamp())
    clock = SharedClock(seconds)
    server = SandboxServer(example_world(clock, limits=Limits(lambda: seconds.value)))
    await server.start()
    db = Database(postgres_url, clock, Vault(parse_keys(TEST_KEYS)))
    total = _messages(db, server)
    if limited:
        server.faults.add(Fault("chat.postMessage", 9, Kind.RATE_LIMITED, retry_after=7))
    async with replicas(3, postgres_url, server.api_url, TEST_KEYS, seconds) as team:
        tried = await _run(team, seconds, server, total)
    db.close()
    await server.stop()

    posts = [call for call in server.calls if call.method == "chat.postMessage"]
    refused = [call for call in posts if not call.ok]
    sent = [call for call in posts if call.ok]
    assert len(sent) == len({call.args["metadata"]["event_payload"]["k"] for call in sent}) == total
    assert sum(count > 0 for count in tried) == 3, "each process had a part in it"
    assert len(refused) == int(limited)
    _assert_paced(sent)
    if limited:
        (told,) = refused
        after = [call for call in posts if call.number > told.number]
        on_their_way = [call for call in after if call.at == told.at]
        assert all(call.at >= told.at + timedelta(seconds=7) for call in after if call not in on_their_way)
        assert len(on_their_way) < 6


def _messages(db: Database, server: SandboxServer) -> int:
    world = server.workspace
    with db.transaction(SYSTEM) as tx:
        for number in range(CHANNELS):
            channel = world.add_channel(f"C0ROOM{number}", f"r{number}", "channel", [world.app.bot_user_id])
            room = Engagement(
                workspace_id=world.home.id,
                key=f"e{number}",
                company="A",
                vendor="B",
                channel_id=channel.id,
                zone="UTC",
            )
            tx.add(room)
            tx.session.flush()
            for count in range(BUSY if number == 0 else 1):
                service.post(tx, room, "test", new_id(), key=f"{number}:{count}")
    return BUSY + CHANNELS - 1


async def _run(team: list[Replica], seconds: object, server: SandboxServer, total: int) -> list[int]:
    """All of them look at the same moments, a quarter of a second apart, until everything is sent."""
    tried = [0] * len(team)
    for _ in range(400):
        for index, count in enumerate(await asyncio.gather(*(one.drain() for one in team))):
            tried[index] += count
        if sum(call.ok for call in server.calls if call.method == "chat.postMessage") == total:
            return tried
        seconds.value += STEP.total_seconds()  # type: ignore[attr-defined]
    raise AssertionError("not everything was sent")


def _assert_paced(sent: list[Call]) -> None:
    """One message a second in a channel; in the workspace no more than five a second over any stretch."""
    rooms: defaultdict[str, list[datetime]] = defaultdict(list)
    for call in sent:
        rooms[call.args["channel"]].append(call.at)
    for times in rooms.values():
        assert all(later - earlier >= timedelta(seconds=1) for earlier, later in pairwise(times))
    moments = sorted(call.at for call in sent)
    for index, moment in enumerate(moments):
        within = [other for other in moments[index:] if other - moment < timedelta(seconds=2)]
        assert len(within) <= 15, "five at once after a rest, then five a second"

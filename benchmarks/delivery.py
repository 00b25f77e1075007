"""Deliver posts at Slack's pace: the time they take beside the shortest that Slack's limits allow.

    python -m benchmarks.delivery [--speed 1] [--database sqlite|postgres] [--workers 2]

Slack is the sandbox with its limits on: one message a second a channel, 300 a minute a workspace. Its clock and the
dispatchers' run `--speed` times as fast as real time, so every millisecond of ours counts as that many.
The shortest time is max(busiest channel at 1/s, busiest workspace at 5/s). Nothing may ever be refused for its pace.
"""

import argparse
import asyncio
import os
import tempfile
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import structlog
from sqlalchemy import insert

from bot.delivery.dispatcher import Dispatcher
from bot.gateway import Gateway
from models.access import SYSTEM
from models.base import new_id
from models.clock import ManualClock
from models.db import Database
from models.outbox.rules import Audience, Operation, OutboxState, Place
from models.outbox.tables import OutboxMessage
from models.vault import Vault, new_key, parse_keys
from sandbox.clock import AdjustableClock
from sandbox.seed import BOT, INES, example_world
from sandbox.server import SandboxServer
from tests.support.databases import fresh_database
from tests.support.delivery import rendered
from tests.support.many import mirror
from tests.support.world import World, build

CASES = (
    ("one channel", 1, 1, 60),
    ("ten channels", 1, 10, 200),
    ("a hundred channels", 1, 100, 400),
    ("ten workspaces of twenty channels", 10, 20, 200),
    ("fifty workspaces of ten channels", 50, 10, 100),
)
"""Name, workspaces, channels of each, posts in each."""
PER_CHANNEL, PER_WORKSPACE = 1.0, 5.0
"""Messages a second."""
_LONGEST_WAIT = 0.1
"""Real seconds."""


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.delivery", description=__doc__.splitlines()[0])
    parser.add_argument("--speed", type=float, default=1.0)
    parser.add_argument("--database", choices=["sqlite", "postgres"])
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args(argv)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    for backend in [options.database] if options.database else ["sqlite", "postgres"]:
        for name, workspaces, channels, posts in CASES:
            size = Size(workspaces, channels, posts)
            asyncio.run(_case(backend, name, size, options.speed, options.workers))


class Size(NamedTuple):
    """Workspaces, and of each the channels and the posts."""

    workspaces: int
    channels: int
    posts: int


async def _case(backend: str, name: str, size: Size, speed: float, workers: int) -> None:
    with tempfile.TemporaryDirectory() as folder, fresh_database(backend, Path(folder)) as url:
        clock = AdjustableClock(speed=speed)
        others = [
            mirror(clock, f"T0B{number:05}", f"b{number}", has_limits=True) for number in range(1, size.workspaces)
        ]
        for other in others:
            other.is_installed = True
        server = SandboxServer(example_world(clock), others=others)
        for workspace in (server.workspace, *others):
            for number in range(size.channels):
                workspace.add_channel(f"C0B{number}", f"b{number}", "channel", [BOT, INES])
        await server.start()
        db = Database(url, clock, Vault(parse_keys(f"bench:{new_key()}")))
        slacks = {ws.home.id: Gateway(ws.app.bot_token, base_url=server.api_url) for ws in server.installs.workspaces}
        for workspace_id in slacks:
            _fill(db, build(db, ManualClock(clock.now()), workspace_id=workspace_id), size)

        async def door(workspace_id: str) -> Gateway:
            return slacks[workspace_id]

        team = [Dispatcher(db, door, rendered, clock) for _ in range(workers)]
        began = clock.now()
        await asyncio.gather(*(_work(one, clock, speed) for one in team))
        _print(backend, name, server, size, began)
        for slack in slacks.values():
            await slack.close()
        await server.stop()
        db.close()


async def _work(dispatcher: Dispatcher, clock: AdjustableClock, speed: float) -> None:
    """As the dispatcher keeps up by itself, with waits as short as this clock is fast.

    None is long: what one worker holds until its lease is over may be done, and the last, long before.
    """
    while True:
        await dispatcher.drain()
        wake = await dispatcher.next_wake()
        if wake is None:
            return
        await asyncio.sleep(min(max((wake - clock.now()).total_seconds() / speed, 0.001), _LONGEST_WAIT))


def _print(backend: str, name: str, server: SandboxServer, size: Size, began: datetime) -> None:
    posts = size.workspaces * size.posts
    calls = [call for call in server.calls if call.method == "chat.postMessage"]
    lanes: dict[tuple[str, str], list[datetime]] = {}
    for call in calls:
        if call.ok:
            lanes.setdefault((call.team_id, call.args["channel"]), []).append(call.at)
    per_workspace = Counter(team for (team, _), found in lanes.items() for _ in found)
    assert sum(per_workspace.values()) == posts, per_workspace
    seconds = (max(call.at for call in calls if call.ok) - began).total_seconds()
    refused = sum(not call.ok for call in calls)
    busiest = max(len(found) for found in lanes.values())
    shortest = max((busiest - 1) / PER_CHANNEL, (max(per_workspace.values()) - 1) / PER_WORKSPACE)
    print(f"deliver {posts:,} posts, {name}, {backend}; load {os.getloadavg()[0]:.1f}")
    print(f"  shortest by Slack's limits  {shortest:6.1f} s   1.00")
    print(f"  delivered in                {seconds:6.1f} s   {seconds / shortest:.2f}")
    closest = min(_closest(found) for found in lanes.values())
    print(f"  refused for their pace      {refused:6d}     closest in one channel {closest:.2f} s", flush=True)


def _closest(moments: list[datetime]) -> float:
    return min(((later - earlier).total_seconds() for earlier, later in pairwise(moments)), default=float("inf"))


def _fill(db: Database, world: World, size: Size) -> None:
    with db.transaction(SYSTEM) as tx:
        rows = [_message(world, number, size.channels, tx.now) for number in range(size.posts)]
        tx.session.execute(insert(OutboxMessage), rows)


def _message(world: World, number: int, channels: int, now: datetime) -> dict[str, object]:
    channel = f"C0B{number % channels}"
    return {
        "workspace_id": world.workspace_id,
        "id": new_id(),
        "engagement_id": world.engagement_id,
        "key": f"m:{number}",
        "kind": "bench",
        "operation": Operation.POST,
        "subject_id": world.engagement_id,
        "place": Place.CHANNEL,
        "audience": Audience.JOINT,
        "post_key": f"m:{number}",
        "channel_id": channel,
        "extra": {},
        "lane": f"channel:{channel}",
        "state": OutboxState.READY,
        "not_before": now - timedelta(seconds=1),
        "attempts": 0,
        "written_at": now,
    }


if __name__ == "__main__":
    main()

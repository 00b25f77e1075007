"""Memory of one process: idle, over interactions, and over simulated weeks.

    python -m benchmarks.memory [--interactions 4000] [--weeks 52]

Bare is a Python process that has imported what we are built on and done nothing. Wanted: idle at most 150 MB, and no
growth: the last quarter of a run must not stand above the quarter before it by more than a few MB.
"""

import argparse
import asyncio
import multiprocessing
import os
import tempfile
from collections.abc import Callable, Sequence
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.interactions import CREW, answer, crowd, load, serve_app, serve_whole, served
from benchmarks.week import MONDAY, live
from bot import ids
from models import schema
from models.access import SYSTEM
from models.clock import ManualClock, SystemClock
from models.db import Database
from models.vault import Vault, new_key, parse_keys
from sandbox.seed import example_world
from sandbox.server import SandboxServer
from tests.support import payloads
from tests.support.databases import fresh_database
from tests.support.world import build

_PARTS = 8
_IDLE_SECONDS = 5.0


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory")
    parser.add_argument("--interactions", type=int, default=4_000)
    parser.add_argument("--weeks", type=int, default=16)
    given = parser.parse_args(argv)
    print(f"memory of one process, MB; load {os.getloadavg()[0]:.1f}")
    print(f"  bare, with the same libraries imported    {_apart(_nothing)[0]:6.0f}")
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_over_interactions(Path(folder), given.interactions))
    _series(f"over {given.weeks} simulated weeks of one engagement", _apart(_over_weeks, given.weeks))


def resident(pid: int | str = "self") -> float:
    """Megabytes a process holds in memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _series(name: str, found: Sequence[float]) -> None:
    print(f"  {name:<42}" + " ".join(f"{one:6.0f}" for one in found), flush=True)


async def _over_interactions(folder: Path, count: int) -> None:
    url, keys = f"sqlite:///{folder}/app.db", f"bench:{new_key()}"
    db = Database(url, SystemClock(), Vault(parse_keys(keys)))
    schema.upgrade(db)
    with db.transaction(SYSTEM) as tx:
        people = crowd(tx, count // 2 // CREW * CREW)
    sandbox = SandboxServer(example_world())
    await sandbox.start()
    async with served(serve_whole, url, keys, sandbox.api_url) as (_, pid):
        await asyncio.sleep(_IDLE_SECONDS)
        print(f"  idle, with its jobs, after {_IDLE_SECONDS:.0f} s             {resident(pid):6.0f}   wanted: ≤ 150")
    bodies = []
    for number, (user, checkin, blocker) in enumerate(people):
        bodies.append(payloads.form(payloads.press(user, ids.MINE_PRESS, str(blocker))))
        bodies.append(answer(user, checkin, number))
    found = []
    async with served(serve_app, url, keys, sandbox.api_url) as (port, pid):
        step = len(bodies) // _PARTS
        for part in range(_PARTS):
            await load(port, bodies[part * step : (part + 1) * step], 8)
            found.append(resident(pid))
    _series(f"over {step * _PARTS} answers and presses", found)
    await sandbox.stop()
    db.close()


def _apart(use: Callable[..., None], *args: object) -> list[float]:
    """Run it in a process of its own; the memory it tells."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=use, args=(theirs, *args), daemon=True)
    process.start()
    found: list[float] = ours.recv()
    process.join(20)
    return found


def _nothing(line: Connection) -> None:
    import aiohttp.web
    import apscheduler.schedulers.asyncio
    import slack_bolt.async_app
    import sqlmodel

    assert all((aiohttp.web, apscheduler, slack_bolt, sqlmodel))
    line.send([resident()])


def _over_weeks(line: Connection, weeks: int) -> None:
    found = []
    with tempfile.TemporaryDirectory() as folder, fresh_database("sqlite", Path(folder)) as url:
        clock = ManualClock(MONDAY)
        db = Database(url, clock, Vault(parse_keys(f"bench:{new_key()}")))
        world = build(db, clock)
        for part in range(1, _PARTS + 1):
            while clock.now() < MONDAY + timedelta(days=7 * (weeks * part // _PARTS)):
                live(world, clock.now() + timedelta(days=7))
            found.append(resident())
        db.close()
    line.send(found)


if __name__ == "__main__":
    main()

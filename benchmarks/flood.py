"""A flood of requests from one source: what the others wait for meanwhile, beside the same flood on a bare server.

    python -m benchmarks.flood [--seconds 10] [--pace 40] [--connections 16]

The others press a button each, `--pace` times a second in all. The flood comes from a process of its own, as fast
as it is answered, over `--connections` connections: requests with a wrong signature, or one user's rightly signed
presses. Who floods, the server, and whoever measures share the machine: the bare server (which verifies and inserts a
row) tells how much of the wait is that. Every press of the others must have left its row.
"""

import argparse
import asyncio
import multiprocessing
import os
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from multiprocessing.synchronize import Event
from pathlib import Path

from benchmarks.interactions import CREW, count_of, crowd, serve_app, serve_bare, served, signed
from bot import ids
from models import schema
from models.access import SYSTEM
from models.blockers.tables import BlockerEntry
from models.clock import SystemClock
from models.db import Database
from models.vault import Vault, new_key, parse_keys
from sandbox.seed import example_world
from sandbox.server import SandboxServer
from tests.support import payloads

_FLOODS = ("none", "unsigned", "one user's")
_WAYS = 4
"""Connections of the others."""


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.flood")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--pace", type=int, default=40)
    parser.add_argument("--connections", type=int, default=16)
    given = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_measure(Path(folder), given.seconds, given.pace, given.connections))


async def _measure(folder: Path, seconds: float, pace: int, connections: int) -> None:
    url, keys = f"sqlite:///{folder}/app.db", f"bench:{new_key()}"
    db = Database(url, SystemClock(), Vault(parse_keys(keys)))
    schema.upgrade(db)
    count = int(seconds * pace)
    with db.transaction(SYSTEM) as tx:
        people = crowd(tx, count * len(_FLOODS) + CREW)
    presses = [payloads.form(payloads.press(user, ids.MINE_PRESS, str(blocker))) for user, _, blocker in people]
    flooding = presses.pop()
    sandbox = SandboxServer(example_world())
    await sandbox.start()
    print(f"{pace} presses a second of others, {seconds:.0f} s each; load {os.getloadavg()[0]:.1f}")
    for name, flood in enumerate(_FLOODS):
        mine = presses[name * count : (name + 1) * count]
        async with served(serve_bare, f"{folder}/bare{name}.db") as (port, _):
            bare = await _others(port, mine, seconds, flood, flooding, connections)
        before = count_of(db, BlockerEntry)
        async with served(serve_app, url, keys, sandbox.api_url) as (port, _):
            ours = await _others(port, mine, seconds, flood, flooding, connections)
        extra = 1 if flood == _FLOODS[2] else 0  # the flood's own press that counted
        _tell(flood, ours, bare, count - (count_of(db, BlockerEntry) - before - extra))
    await sandbox.stop()
    db.close()


def _tell(flood: str, ours: list[float], bare: list[float], lost: int) -> None:
    def said(took: list[float]) -> str:
        return f"p50 {took[len(took) // 2] * 1000:6.1f}  p99 {took[len(took) * 99 // 100] * 1000:6.1f} ms"

    print(
        f"  flood: {flood:<11} {said(sorted(ours))}   on a bare server {said(sorted(bare))}   lost {lost}", flush=True
    )


async def _others(
    port: int, presses: list[bytes], seconds: float, flood: str, flooding: bytes, connections: int
) -> list[float]:
    """Seconds that each press of the others took, sent at their even pace while the flood runs."""
    took: list[float] = []
    gap = seconds / len(presses)

    async def send(part: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in range(part, len(presses), _WAYS):
            await asyncio.sleep(max(0.0, began + number * gap - time.perf_counter()))
            at = time.perf_counter()
            status = await _ask(reader, writer, signed(presses[number], int(time.time())))
            took.append(time.perf_counter() - at)
            assert status == 200, status
        writer.close()

    async with _flooded(port, flood, flooding, connections):
        began = time.perf_counter()
        await asyncio.gather(*(send(part) for part in range(_WAYS)))
    return took


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> int:
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    if length:
        await reader.readexactly(length)
    return int(head.split(b" ")[1])


@asynccontextmanager
async def _flooded(port: int, flood: str, body: bytes, connections: int) -> AsyncIterator[None]:
    if flood == _FLOODS[0]:
        yield
        return
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    secret = {} if flood == _FLOODS[2] else {"secret": "somebody else's"}
    process = context.Process(target=_flood, args=(port, body, connections, secret, stop), daemon=True)
    process.start()
    await asyncio.sleep(1)
    try:
        yield
    finally:
        stop.set()
        await asyncio.to_thread(process.join, 20)


def _flood(port: int, body: bytes, connections: int, secret: dict[str, str], stop: Event) -> None:
    async def send() -> None:
        while not stop.is_set():
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                while not stop.is_set():
                    await _ask(reader, writer, signed(body, int(time.time()), **secret))
                writer.close()
            except (OSError, asyncio.IncompleteReadError):
                await asyncio.sleep(0.01)  # refused or closed: come again

    async def work() -> None:
        await asyncio.gather(*(send() for _ in range(connections)))

    asyncio.run(work())


if __name__ == "__main__":
    main()

"""Several dispatchers, each in a process of its own, on one database and one clock that the test moves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from multiprocessing.sharedctypes import Synchronized

from bot.delivery.dispatcher import Dispatcher
from bot.gateway import Gateway
from models.db import Database
from models.vault import Vault, parse_keys
from sandbox.seed import BOT_TOKEN
from tests.support.delivery import always, rendered
from tests.support.delivery_worker import context


class SharedClock:
    """Seconds since 1970 that all processes see, moved by the test alone."""

    def __init__(self, seconds: "Synchronized[float]") -> None:
        self._seconds = seconds

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._seconds.value, UTC)


@dataclass
class Replica:
    """One process and the line to it."""

    process: ForkServerProcess
    line: Connection

    async def drain(self) -> int:
        """Let it send what it may now; how many it tried."""
        self.line.send("drain")
        tried: int = await asyncio.to_thread(self.line.recv)
        return tried


@asynccontextmanager
async def replicas(
    count: int, url: str, api_url: str, keys: str, seconds: "Synchronized[float]"
) -> AsyncIterator[list[Replica]]:
    """So many processes, ended afterwards."""
    started = []
    for _ in range(count):
        ours, theirs = context().Pipe()
        process = context().Process(target=_serve, args=(url, api_url, keys, seconds, theirs), daemon=True)
        process.start()
        started.append(Replica(process, ours))
    try:
        yield started
    finally:
        for one in started:
            one.line.send("stop")
            await asyncio.to_thread(one.process.join, 20)
            one.process.kill()


def _serve(url: str, api_url: str, keys: str, seconds: "Synchronized[float]", line: Connection) -> None:
    asyncio.run(_obey(url, api_url, keys, SharedClock(seconds), line))


async def _obey(url: str, api_url: str, keys: str, clock: SharedClock, line: Connection) -> None:
    db = Database(url, clock, Vault(parse_keys(keys)))
    slack = Gateway(BOT_TOKEN, base_url=api_url, call_seconds=30)
    dispatcher = Dispatcher(db, always(slack), rendered, clock, call_seconds=30)
    while await asyncio.to_thread(line.recv) == "drain":
        line.send(await dispatcher.drain())
    await slack.close()
    db.close()

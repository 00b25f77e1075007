"""The application in a process of its own, driven by commands, to be killed at any step.

`python -m tests.kill.child` loads everything once and then forks one process for each line on its standard input:
a start costs milliseconds. Each process connects to the socket its line names and obeys one JSON line at a time.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from pydantic import SecretStr
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import configure_mappers

from bot import pauses
from bot.app import Application, build
from bot.settings import LogLevel, Mode, Settings
from models.access import SYSTEM
from models.setup import service as setup
from models.setup.reading import read
from sandbox.seed import APP_TOKEN, BOT_TOKEN, HOME, SIGNING_SECRET
from tests.kill.clock import SharedClock
from tests.kill.database_faults import failing
from tests.kill.steps import Steps, sent_to_self
from tests.kill.world import ENGAGEMENT, START
from tests.support.engines import redirect
from tests.support.stage import KEYS, SHARED, stage

Json = dict[str, Any]


class Child:
    """One life of the application."""

    def __init__(self, spec: Json, warm: Engine) -> None:
        self._clock = SharedClock(Path(spec["clock"]))
        self._is_failing = bool(spec["fault"])
        self._steps = _steps(spec)
        self._app = _application(spec, self._clock)
        self._app.db.engine = warm
        redirect(warm, lambda: spec["database"])
        self._steps.watch(self._app.db.engine)
        self._commands: dict[str, Callable[..., Awaitable[Json]]] = {
            "start": self.start,
            "run": self.run,
            "arm": self.arm,
            "apply": self.apply,
            "turn": self.turn,
        }

    async def obey(self, line: bytes) -> Json:
        """Do what a line says."""
        command = json.loads(line)
        return await self._commands[command.pop("do")](**command)

    async def start(self) -> Json:
        """Come up as the product does, but do nothing by itself."""
        await self._app.start(with_jobs=False)
        return {}

    async def run(self) -> Json:
        """Run as the product does, until a signal."""
        running = asyncio.create_task(self._app.run())
        running.add_done_callback(lambda _: os._exit(0))
        while not self._app.health.is_serving:
            await asyncio.sleep(0.005)
        return {}

    async def arm(self) -> Json:
        """Count steps from here on."""
        self._steps.is_armed = True
        return {}

    async def apply(self, file: str) -> Json:
        """Apply an engagement file."""
        path = Path(file)
        content = read(path.read_bytes(), path.name)
        await self._app.db.run(SYSTEM, setup.apply, HOME, content)
        return {}

    async def turn(self) -> Json:
        """Advance what is due, send what is to be sent."""
        moved = await self._job(partial(self._app.db.work, self._app.due.run))
        looked = await self._job(self._app.look_around)
        sent = await self._job(self._app.dispatcher.drain)
        wake = await self._app.dispatcher.next_wake()
        due = await self._app.db.work(self._app.due.next_due)
        again = await self._app.db.work(self._backed_off)
        turn = {"wake": _text(wake), "due": _text(due), "again": _text(again)}
        return {"moved": moved + looked, "sent": sent, **turn}

    def _backed_off(self) -> datetime | None:
        """When something that failed is tried again."""
        waiting = self._app.due.upcoming(1000) if self._is_failing else []
        return min((row.due_at for row in waiting if row.failures), default=None)

    async def _job(self, job: Callable[[], Awaitable[int]]) -> int:
        """As the engine does it: what the database has failed is done again at the next tick."""
        try:
            return await job()
        except DBAPIError:
            return 1


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _steps(spec: Json) -> Steps:
    number = spec["strike_at"]
    if spec["fault"]:
        return failing(spec["fault"], number, spec["database"])
    return Steps(lambda step: step == number, sent_to_self(signal.Signals(spec["strike"])))


def _application(spec: Json, clock: SharedClock) -> Application:
    settings = Settings(
        slack_bot_token=SecretStr(BOT_TOKEN),
        slack_app_token=SecretStr(APP_TOKEN),
        slack_signing_secret=SecretStr(SIGNING_SECRET),
        slack_mode=Mode.SOCKET,
        slack_api_url=spec["api"],
        database_url=SecretStr(spec["database"]),
        cadence_keys=SecretStr(KEYS),
        http_port=0,
        log_level=LogLevel.ERROR,
    )
    return build(settings, clock=clock, wall=clock)


async def live(spec: Json, warm: Engine) -> None:
    """Obey until nobody is there any more."""
    reader, writer = await asyncio.open_unix_connection(spec["socket"])
    writer.write(json.dumps({"pid": os.getpid()}).encode() + b"\n")
    child = Child(spec, warm)
    if spec["from_start"]:
        await child.arm()
    while line := await reader.readline():
        try:
            answer = await child.obey(line)
        except Exception as error:
            answer = {"error": repr(error)}
        writer.write(json.dumps(answer).encode() + b"\n")


async def _rehearse(address: str) -> Engine:
    """Live through a day once. The engine of it knows every statement: preparing those is most of a short life."""
    async with stage(address, START, engagement=ENGAGEMENT) as day:
        await day.until(START + timedelta(hours=6))
        vera, board = day.person("vera"), day.board()
        said = await vera.posts(SHARED, "Import runs.\nnext: Export\nblocked: no VPN", thread_ts=board["ts"])
        await day.settle()
        await vera.edits(said, "Import runs.")
        await day.until(START + timedelta(hours=13))
    return day.app.db.engine


def main() -> None:
    """Load, then fork for every line. The argument is a database to rehearse on."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    configure_mappers()
    warm = asyncio.run(_rehearse(sys.argv[1]))
    pauses.shorten()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the dead
    for line in sys.stdin.buffer:
        if os.fork():
            continue
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        try:
            asyncio.run(live(json.loads(line), warm))
        finally:
            os._exit(0)


if __name__ == "__main__":
    main()

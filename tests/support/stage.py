"""The whole application on the sandbox, in one process, on a clock that hops: what journeys are played on.

People act as they would in Slack (`stage.person("vera").clicks(...)`); `stage.until(...)` lets time pass from due time
to due time, advancing and delivering; `stage.transcript` reads like what happened in the channel.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot.app import Application, build
from bot.settings import Mode, Settings
from models.access import SYSTEM
from models.clock import ManualClock
from models.setup import service as setup
from models.setup.reading import read
from sandbox.limits import Limits
from sandbox.person import Person
from sandbox.seed import APP_TOKEN, BOT_TOKEN, HOME, INHOUSE, SHARED, SIGNING_SECRET, example_world
from sandbox.server import SandboxServer

Json = dict[str, Any]

EXAMPLE = Path("examples/northwind-brightlane.yaml")
KEYS = "test:a2V5LWZvci10ZXN0cy1vbmx5LTMyLWJ5dGVzLWxvbmc="
_ROUNDS = 200
_DATE = re.compile(r"<!date\^\d+\^[^|]*\|([^>]*)>")


class Stage:
    """The sandbox, the application and the clock."""

    def __init__(self, sandbox: SandboxServer, app: Application, clock: ManualClock) -> None:
        self.sandbox = sandbox
        self.app = app
        self.clock = clock
        self.transcript: list[str] = []
        sandbox.workspace.on_change.append(self._note)

    def person(self, name: str) -> Person:
        """Somebody by first name, or by user id."""
        return self.sandbox.person(name if name.startswith("U0") else f"U0{name.upper()}")

    def channel(self, channel: str = SHARED) -> list[Json]:
        """What stands in a channel, thread replies included."""
        return self.sandbox.person("U0INES").messages(channel)

    def board(self) -> Json:
        """The newest message at the top level of the shared channel that has an Answer button or a report."""
        ours = [item for item in self.channel() if item.get("bot_id")]
        return [item for item in ours if item.get("thread_ts", item["ts"]) == item["ts"]][-1]

    def thread(self, parent: Json) -> list[Json]:
        """The replies to a message."""
        return [item for item in self.channel() if item.get("thread_ts") == parent["ts"] != item["ts"]]

    async def settle(self) -> None:
        """Let everything that is due now, and everything that is to be said now, happen."""
        for _ in range(_ROUNDS):
            await self.sandbox.settled()
            moved = await self.app.db.work(self.app.due.run)
            sent = await self.app.dispatcher.drain()
            await self.sandbox.settled()
            wake = await self.app.dispatcher.next_wake()
            if wake is not None and wake <= self.clock.now() + timedelta(minutes=2):
                self.clock.set(max(wake, self.clock.now()))
            elif not moved and not sent:
                return
        raise AssertionError("The stage does not come to rest.")

    async def until(self, moment: datetime) -> None:
        """Let time pass, from due time to due time, up to `moment` (aware)."""
        await self.settle()
        while True:
            due = await self.app.db.work(self.app.due.next_due)
            if due is None or due > moment:
                break
            self.clock.set(max(due, self.clock.now()))
            await self.settle()
        self.clock.set(max(moment, self.clock.now()))
        await self.settle()

    async def answers(self, name: str, **values: Any) -> None:
        """Press Answer on the board, fill in the form, send it."""
        someone = self.person(name)
        await someone.clicks(self.board(), "Answer")
        errors = await someone.submits(someone.open_views[-1], values)
        assert not errors, errors
        await self.settle()

    def _note(self, change: Any) -> None:
        """Write what everybody can see into the transcript."""
        kind = getattr(change, "type", "") or (change.get("type", "") if isinstance(change, dict) else "")
        message = getattr(change, "message", None) or (change.get("message") if isinstance(change, dict) else None)
        if kind in ("message", "message_changed") and message:
            text = _DATE.sub(r"\1", message.get("text", "")).replace("\n", " / ")
            self.transcript.append(f"{self.clock.now():%a %d %b %H:%M} {kind} {text}")


@asynccontextmanager
async def stage(
    database_url: str, start: datetime, *, engagement: Path | None = EXAMPLE, http: bool = False, limits: bool = False
) -> AsyncIterator[Stage]:
    """A stage at `start`, with the example engagement applied."""
    clock = ManualClock(start)
    workspace = example_world(clock, limits=Limits(lambda: clock.now().timestamp(), enabled=limits))
    sandbox = SandboxServer(workspace)
    await sandbox.start()
    app = build(
        Settings(
            slack_bot_token=SecretStr(BOT_TOKEN),
            slack_app_token=SecretStr(APP_TOKEN),
            slack_signing_secret=SecretStr(SIGNING_SECRET),
            slack_mode=Mode.HTTP if http else Mode.SOCKET,
            slack_api_url=sandbox.api_url,
            database_url=SecretStr(database_url),
            cadence_keys=SecretStr(KEYS),
            http_port=0,
        ),
        clock=clock,
        wall=clock,
    )
    try:
        await app.start(with_jobs=False)
        if engagement is not None:
            file = read(engagement.read_bytes(), engagement.name)
            await app.db.run(SYSTEM, setup.apply, HOME, file)
        yield Stage(sandbox, app, clock)
    finally:
        await app.stop()
        await sandbox.stop()


__all__ = ["EXAMPLE", "HOME", "INHOUSE", "SHARED", "Stage", "stage"]

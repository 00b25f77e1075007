"""One case: a Slack, a database, a clock, and the lives of the application, one after the other."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from sandbox import store
from sandbox.errors import NotAnswered
from sandbox.limits import Limits
from sandbox.person import Person
from sandbox.seed import SHARED, example_world
from sandbox.server import SandboxServer
from sandbox.workspace import Workspace
from tests.kill.clock import SharedClock
from tests.support.databases import copied_database, is_left_alone

Json = dict[str, Any]
T = TypeVar("T")

_SOON = timedelta(minutes=15)
"""Longer than any lease, wait or back-off of the delivery."""
_ROUNDS = 200
_PRESSES = 5
_ACK_SECONDS = 1.5
_REFUSED_SECONDS = 0.5
"""The same, where the app refuses an event by not acknowledging it."""
BUSY = "could not be stored just now"


class Died(Exception):
    """The application is dead."""


@dataclass(frozen=True, slots=True)
class Strike:
    """What befalls the first life: at the `commit`-th durable step of the database, or at the `call`-th of Slack."""

    commit: int = 0
    call: int = 0
    how: signal.Signals = signal.SIGKILL
    from_start: bool = False
    fault: str = ""
    """Instead of a signal: how the database fails (`tests.kill.database_faults`); `commit` is the seed then."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A state to begin from: an address to copy, the workspace, the time, and what is to be remembered."""

    address: str
    workspace: str
    now: datetime
    memo: Json = field(default_factory=dict)


class Nursery:
    """The process that forks the lives; it rehearses on the database at `address` first."""

    def __init__(self, address: str) -> None:
        self._process = subprocess.Popen([sys.executable, "-m", "tests.kill.child", address], stdin=subprocess.PIPE)

    def bear(self, spec: Json) -> None:
        """Let one more process begin."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps(spec).encode() + b"\n")
        self._process.stdin.flush()

    def close(self) -> None:
        """Let it end."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(10)


class Life:
    """One process. `died` is set as soon as it is gone."""

    def __init__(self, pid: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.pid = pid
        self.died = asyncio.Event()
        self._writer = writer
        self._answers: asyncio.Queue[Json] = asyncio.Queue()
        self._reading = asyncio.create_task(self._read(reader))

    async def asks(self, do: str, **args: Any) -> Json:
        """Command, and wait for what it says. Raises Died."""
        with suppress(ConnectionError):
            self._writer.write(json.dumps({"do": do, **args}).encode() + b"\n")
        answer = await self.says()
        assert "error" not in answer, answer
        return answer

    async def unless_dead(self, doing: Coroutine[Any, Any, T]) -> T:
        """What comes of it, unless the process dies first. Raises Died."""
        task, death = asyncio.create_task(doing), asyncio.create_task(self.died.wait())
        try:
            await asyncio.wait({task, death}, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result()
            raise Died
        finally:
            death.cancel()
            task.cancel()
            await asyncio.gather(task, death, return_exceptions=True)

    def strike(self, how: signal.Signals = signal.SIGKILL) -> None:
        """Kill, freeze or wake it."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, how)

    async def is_frozen(self) -> None:
        """Return when it stands still."""
        status = Path(f"/proc/{self.pid}/stat")
        while status.read_text().rpartition(")")[2].split()[0] != "T":
            await asyncio.sleep(0.005)

    async def says(self) -> Json:
        """The next answer. Raises Died."""
        return await self.unless_dead(self._answers.get())

    async def end(self) -> None:
        """Kill it and see it gone."""
        self.strike(signal.SIGKILL)
        await self.died.wait()
        self._writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        with suppress(ConnectionError):
            while line := await reader.readline():
                self._answers.put_nowait(json.loads(line))
        self.died.set()


class Case:
    """What a flow is played on."""

    def __init__(self, sandbox: SandboxServer, clock: SharedClock, address: str, folder: Path, memo: Json) -> None:
        self.sandbox = sandbox
        self.clock = clock
        self.address = address
        self.memo = memo
        self.has_struck = False
        self.lives: list[Life] = []
        self._folder = folder
        self._born: asyncio.Queue[Life] = asyncio.Queue()
        self._strike = Strike()
        self._calls = 0
        sandbox.on_request.append(self._on_request)

    # -- the application ------------------------------------------------------------------------------------------

    @property
    def life(self) -> Life:
        """The present life."""
        return self.lives[-1]

    async def begin(self, nursery: Nursery, strike: Strike | None = None, how: str = "start") -> None:
        """One more life, started (or `run`); `strike` befalls it."""
        strike = self._strike = strike or Strike()
        spec = {
            "socket": str(self._folder / "control"),
            "clock": str(self._folder / "clock"),
            "api": self.sandbox.api_url,
            "database": self.address,
            "strike_at": strike.commit,
            "strike": int(strike.how),
            "from_start": strike.from_start,
            "fault": strike.fault,
        }
        is_counting_calls = strike.from_start
        self._calls = 0 if is_counting_calls else -1
        self.sandbox.sockets.ack_seconds = _REFUSED_SECONDS if strike.fault else _ACK_SECONDS
        nursery.bear(spec)
        self.lives.append(await asyncio.wait_for(self._born.get(), 60))
        await self.life.asks(how)
        if not is_counting_calls:
            await self.life.asks("arm")
            self._calls = 0

    async def settle(self) -> Json:
        """Let everything that is due now, and everything that is to be said about it, happen; what the last turn said.

        Raises Died.
        """
        for _ in range(_ROUNDS):
            await self.life.unless_dead(self.sandbox.settled(20))
            turn = await self.life.asks("turn")
            await self.life.unless_dead(self.sandbox.settled(20))
            wake = min((datetime.fromisoformat(it) for it in (turn["wake"], turn["again"]) if it), default=None)
            if wake is not None and wake <= self.clock.now() + _SOON:
                self.clock.set(wake)
            elif not turn["moved"] and not turn["sent"]:
                return turn
        raise AssertionError("The case does not come to rest.")

    async def until(self, moment: datetime) -> None:
        """Let time pass, from due time to due time. Raises Died."""
        while True:
            turn = await self.settle()
            due = datetime.fromisoformat(turn["due"]) if turn["due"] else None
            if due is None or due > moment:
                break
            self.clock.set(due)
        self.clock.set(moment)
        await self.settle()

    # -- people ---------------------------------------------------------------------------------------------------

    def person(self, name: str) -> Person:
        """Somebody by first name."""
        return self.sandbox.person(f"U0{name.upper()}")

    def board(self) -> Json:
        """The newest message of ours at the top of the shared channel."""
        messages = self.sandbox.person("U0INES").messages(SHARED)
        ours = [item for item in messages if item.get("bot_id")]
        return [item for item in ours if item.get("thread_ts", item["ts"]) == item["ts"]][-1]

    async def acts(self, doing: Any) -> Any:
        """Let somebody press; told that it could not be stored, or shown an error of Slack's, they press again.

        Raises Died.
        """
        for _ in range(_PRESSES):
            before = self._told_busy()
            try:
                answer = await self.life.unless_dead(doing())
                shown = str(answer) + str(self.sandbox.workspace.modals)
                if BUSY not in shown and self._told_busy() == before:
                    return answer
            except NotAnswered:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.life.died.wait(), 0.5)
                    raise Died from None
        raise AssertionError("Slack shows nothing but errors.")

    def _told_busy(self) -> int:
        """How often somebody was told, for their eyes only, that something could not be stored."""
        return str(self.sandbox.workspace.ephemerals).count(BUSY)

    # -- the end --------------------------------------------------------------------------------------------------

    async def scene(self) -> Scene:
        """The state as it is, once everything is at rest; the application is ended."""
        await self.end_all()
        return Scene(self.address, store.dump(self.sandbox.workspace), self.clock.now(), dict(self.memo))

    async def end_all(self) -> None:
        """No life goes on."""
        for life in self.lives:
            await life.end()
        self.sandbox.sockets.give_up()
        await is_left_alone(self.address)

    async def _on_request(self, _method: str, _args: Json, when: str) -> None:
        is_deadly = self._strike.how is signal.SIGKILL
        if self._calls < 0 or self.has_struck or (is_deadly and when == "before"):
            return
        self._calls += 1
        if self._calls != self._strike.call:
            return
        self.has_struck = True
        self.life.strike(self._strike.how)
        if is_deadly:
            await self.life.died.wait()

    async def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        pid = json.loads(await reader.readline())["pid"]
        self._born.put_nowait(Life(pid, reader, writer))


def _workspace(scene: Scene, clock: SharedClock, folder: Path) -> Workspace:
    limits = Limits(lambda: clock.now().timestamp())
    if not scene.workspace:
        return example_world(clock, limits=limits)
    path = folder / "workspace.json"
    path.write_text(scene.workspace, encoding="utf-8")
    return store.load(path, clock=clock, limits=limits)


@asynccontextmanager
async def case(scene: Scene, folder: Path) -> AsyncIterator[Case]:
    """A case that begins from a scene, in a folder of its own."""
    clock = SharedClock.made(folder / "clock", scene.now)
    sandbox = SandboxServer(_workspace(scene, clock, folder), ack_seconds=_ACK_SECONDS, retry_seconds=(0.0,) * 30)
    await sandbox.start()
    with copied_database(scene.address, folder) as address:
        made = Case(sandbox, clock, address, folder, dict(scene.memo))
        control = await asyncio.start_unix_server(made._welcome, folder / "control")
        try:
            yield made
        finally:
            await made.end_all()
            control.close()
            await sandbox.stop()

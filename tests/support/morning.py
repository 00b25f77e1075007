"""A morning of many engagements: each opens a check-in every minute and people answer, while something is done to the
processes that do the work.

All of it is real: processes with their own command line and settings alone, PostgreSQL, Socket Mode and HTTP to a
sandbox that keeps Slack's limits, and the machine's clock.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic

from models.access import SYSTEM
from models.clock import SystemClock
from models.db import Database
from models.vault import Vault, parse_keys
from sandbox import manifest
from sandbox.limits import Limits
from sandbox.seed import APP_TOKEN, BOT_TOKEN, HOME, SIGNING_SECRET, example_world
from sandbox.server import SandboxServer
from tests.support import alike, counted
from tests.support.crowd import Crowd
from tests.support.processes import Release, RolloutError, Running
from tests.support.stage import KEYS

Say = Callable[[str], None]
Step = Callable[[], Awaitable[None]]

_HOUR = 10
_AT_ONCE = 2
"""Commands at a time while all is laid down."""
_RESERVE = 1.5
"""How much longer the commands may take than the first one: others are at work on the machine, too."""
START = timedelta(seconds=40)
"""For three processes."""
_PATIENCE = 600.0
"""Seconds after the last step, after which what is not settled counts as lost."""


@asynccontextmanager
async def slack(engagements: int, described: Path, host: str = "127.0.0.1") -> AsyncIterator[SandboxServer]:
    """The workspace, with the app as a release describes it in its manifest, and Slack's limits on."""
    clock = SystemClock()
    world = example_world(clock, limits=Limits(monotonic))
    manifest.install(world.app, described)
    alike.add_channels(world, engagements)
    server = SandboxServer(world)
    await server.start(host)
    try:
        yield server
    finally:
        await server.stop()


def settings(sandbox: SandboxServer, database: str) -> dict[str, str]:
    """What a release is told in its environment."""
    return {
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_APP_TOKEN": APP_TOKEN,
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "SLACK_API_URL": sandbox.api_url,
        "DATABASE_URL": database,
        "CADENCE_KEYS": KEYS,
        "HTTP_PORT": "0",
        "LOG_FORMAT": "json",
    }


class Morning:
    """Engagements that are laid down, waves of check-ins, the people who answer, and the processes at work.

    `database` is the address by which the check-ins are counted; `wrong` is what nobody should have seen.
    """

    def __init__(
        self, sandbox: SandboxServer, database: str, engagements: int, waves: int, seed: int, say: Say
    ) -> None:
        self.sandbox = sandbox
        self.clock = SystemClock()
        self.crowd = Crowd(sandbox, engagements, 40 / engagements, seed)
        self.crew: list[Running] = []
        self.db = Database(database, self.clock, Vault(parse_keys(KEYS)))
        self.wrong: list[str] = []
        self._engagements, self._waves, self._say = engagements, waves, say

    @property
    def checkins(self) -> int:
        """All check-ins: one of each engagement in every wave."""
        return self._engagements * self._waves

    # -- before -------------------------------------------------------------------------------------------------

    async def lay_down(self, release: Release, folder: Path, starting: timedelta = START) -> datetime:
        """The engagements, by a release whose schema is there; when the first check-ins open.

        `starting` is how long the processes take to start, and to lay down the check-ins.
        """
        began = monotonic()
        await command(release, "migrate", "--check")
        needed = timedelta(seconds=(monotonic() - began) * self._engagements * _RESERVE)
        first = (self.clock.now() + needed + starting).replace(second=0, microsecond=0) + timedelta(minutes=1)
        turns = asyncio.Semaphore(_AT_ONCE)

        async def apply(number: int) -> None:
            file = folder / f"e{number}.yaml"
            file.write_text(engagement(number, first, self._waves))
            async with turns:
                await command(release, "engagement", "apply", str(file), "--yes")

        await apply(0)  # alone: it makes the workspace and its people
        await asyncio.gather(*(apply(number) for number in range(1, self._engagements)))
        self._say(f"{self._engagements} engagements are laid down; the first check-ins open at {first:%H:%M} UTC")
        return first

    async def start(self, release: Release, name: str) -> None:
        """One more process is at work."""
        self.crew.append(await release.start(name))

    # -- the morning --------------------------------------------------------------------------------------------

    async def go(self, first: datetime, steps: Sequence[Step]) -> None:
        """Let a wave come for each step, do the step in its midst, and wait until everything is settled."""
        if self.clock.now() > first - timedelta(seconds=5):
            raise RolloutError("Laying down took longer than was reckoned: this machine is too busy just now.")
        people = asyncio.create_task(self.crowd.answer(self.checkins))
        try:
            for number, step in enumerate(steps):
                await self._in_the_midst(first + timedelta(minutes=number))
                await step()
                self._look_after()
            await self._settle(people)
        finally:
            people.cancel()

    async def _in_the_midst(self, opening: datetime) -> None:
        """Wait until a wave has begun and a good part of its messages is out."""
        await asyncio.sleep(max(0.0, (opening - self.clock.now()).total_seconds()))
        until = self._posted() + self._engagements
        patience = monotonic() + 45
        while self._posted() < until and monotonic() < patience:
            await asyncio.sleep(0.5)
        self._look_after()

    def _look_after(self) -> None:
        for running in self.crew:
            if running.ended_by_itself:
                raise RolloutError(f"{running.name} ended by itself:\n{running.log.read_text()[-2000:]}")

    def _posted(self) -> int:
        return sum(call.method == "chat.postMessage" and call.ok for call in self.sandbox.calls)

    def tell(self, what: str) -> None:
        """Say what was done, and how far everything is."""
        self._say(f"{what}; {self._posted():,} messages are sent, {len(self.crowd.said):,} answers given")

    # -- the end ------------------------------------------------------------------------------------------------

    async def _settle(self, people: "asyncio.Task[None]") -> None:
        """Wait until everybody has answered and nothing is left to be said."""
        until = monotonic() + _PATIENCE
        while not (people.done() and await self._is_all_taken() and await asyncio.to_thread(self._is_at_rest)):
            if monotonic() > until:
                self.wrong.append(f"not settled {_PATIENCE:.0f} s after the last step")
                return
            await asyncio.sleep(2)
            self._look_after()
        await people

    async def _is_all_taken(self) -> bool:
        """Whether Slack has nothing left that it brings again."""
        with suppress(TimeoutError):
            await self.sandbox.settled(0.1)
            return True
        return False

    def _is_at_rest(self) -> bool:
        with self.db.read(SYSTEM) as tx:
            return counted.opened(tx) == self.checkins and counted.waiting(tx) == 0

    async def stop(self) -> None:
        """Stop whoever is left."""
        for running in self.crew:
            if running.process.poll() is None and (code := await running.stop()):
                self.wrong.append(f"{running.name} ended with {code} when it was stopped")


async def command(release: Release, *words: str) -> None:
    """Run a command of a release. Raises RolloutError with what it said if it fails."""
    code, said = await release.command(*words)
    if code:
        raise RolloutError(f"cadence {' '.join(words)} failed:\n{said}")


def engagement(number: int, first: datetime, waves: int) -> str:
    """An engagement that opens a check-in in each wave, wherever it is morning then, on any day of the week."""
    hours = (_HOUR - first.hour + 12) % 24 - 12
    zone = f"Etc/GMT{-hours:+d}"  # the sign of these zones is the other way round
    cadences = []
    for wave in range(waves):
        at = first + timedelta(hours=hours, minutes=wave)
        when = f'repeats: every day, at: "{at:%H:%M}", zone: {zone}, window: 8h, reminder: none'
        cadences.append(f"wave{wave}: {{kind: daily, title: Round {wave + 1}, {when}}}")
    return alike.engagement(HOME, number, cadences, zone=zone, workdays="mon-sun")

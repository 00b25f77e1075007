"""A rolling upgrade from the code of an older revision to this one, process by process, while everybody works.

All of it is real: both releases run by their own command line with settings alone, on one PostgreSQL whose policies
bind them, by Socket Mode and HTTP to a sandbox that keeps Slack's limits, on the machine's clock.
"""

import asyncio
import signal
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
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
from tests.support import alike, counted, older
from tests.support.crowd import Crowd
from tests.support.databases import own_bound_postgres
from tests.support.processes import Release, RolloutError, Running
from tests.support.rolled import Findings
from tests.support.stage import KEYS
from tests.support.witness import Witness

Say = Callable[[str], None]

WAVES = 4
"""Minutes in which check-ins open, one of each engagement: the old code alone, three old processes and one new, two and
two, one and three. In the midst of each the next step of the upgrade is done."""
_OLD = 3
_HOUR = 10
_AT_ONCE = 2
"""Commands at a time while all is laid down."""
_RESERVE = 1.5
"""How much longer the commands may take than the first one: others are at work on the machine, too."""
_START = timedelta(seconds=40)
"""For three processes to start, and to lay down the check-ins."""


@dataclass(frozen=True)
class Plan:
    """The older revision, how many engagements (each opens a check-in in every wave), and how long all may take."""

    revision: str
    engagements: int
    seed: int = 1
    patience: float = 600.0
    """Seconds after the last step, after which what is not settled counts as lost."""

    @property
    def checkins(self) -> int:
        """All check-ins."""
        return self.engagements * WAVES


async def play(plan: Plan, say: Say = lambda _: None) -> Findings:
    """Do the upgrade while check-ins open and people answer, and look what became of it all."""
    with tempfile.TemporaryDirectory(prefix="cadence-upgrade-") as name, own_bound_postgres() as (url, superuser):
        folder = Path(name)
        older.unpack(plan.revision, folder / "old")
        (folder / "logs").mkdir()
        async with _slack(plan, folder / "old" / "manifest.yaml") as sandbox:
            settings = _settings(sandbox, url)
            old = Release(folder / "old", settings, folder / "logs")
            new = Release(older.ROOT, settings, folder / "logs")
            rollout = _Rollout(plan, sandbox, old, new, Witness(superuser), say)
            try:
                await rollout.run(folder)
            finally:
                await rollout.stop()
            rollout.look()
        return rollout.found


@asynccontextmanager
async def _slack(plan: Plan, described: Path) -> AsyncIterator[SandboxServer]:
    """The workspace, with the app as the older release describes it and Slack's limits on."""
    clock = SystemClock()
    world = example_world(clock, limits=Limits(monotonic))
    manifest.install(world.app, described)
    alike.add_channels(world, plan.engagements)
    server = SandboxServer(world)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


def _settings(sandbox: SandboxServer, url: str) -> dict[str, str]:
    return {
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_APP_TOKEN": APP_TOKEN,
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "SLACK_API_URL": sandbox.api_url,
        "DATABASE_URL": url,
        "CADENCE_KEYS": KEYS,
        "HTTP_PORT": "0",
        "LOG_FORMAT": "json",
    }


class _Rollout:
    """One upgrade, from an empty database to the last process of the new release."""

    def __init__(
        self, plan: Plan, sandbox: SandboxServer, old: Release, new: Release, witness: Witness, say: Say
    ) -> None:
        self._plan, self._sandbox, self._old, self._new = plan, sandbox, old, new
        self._witness, self._say = witness, say
        self._clock = SystemClock()
        self._crowd = Crowd(sandbox, plan.engagements, 40 / plan.engagements, plan.seed)
        self._crew: list[Running] = []
        address, keys = old.settings["DATABASE_URL"], Vault(parse_keys(KEYS))
        self._db = Database(address, self._clock, keys)
        self.found = Findings()

    async def run(self, folder: Path) -> None:
        """Lay down, start the old release, let the waves come, and do one step of the upgrade in each."""
        began = monotonic()
        first = await self._lay_down(folder)
        for number in range(_OLD):
            await self._start(self._old, f"old-{number + 1}")
        if self._clock.now() > first - timedelta(seconds=5):
            raise RolloutError("Laying down took longer than was reckoned: this machine is too busy just now.")
        people = asyncio.create_task(self._crowd.answer(self._plan.checkins))
        try:
            for number, step in enumerate((self._bring, self._replace, self._kill, self._finish)):
                await self._in_the_midst(first + timedelta(minutes=number))
                await step()
                self._look_after()
            await self._settle(people)
        finally:
            people.cancel()
        await self._refuse_old()
        self.found.seconds = monotonic() - began

    # -- before -------------------------------------------------------------------------------------------------

    async def _lay_down(self, folder: Path) -> datetime:
        """The schema and the engagements, by the old release; when the first check-ins open."""
        await self._command(self._old, "migrate")
        self._witness.watch()
        self.found.before = self._witness.revision()
        began = monotonic()
        await self._command(self._old, "migrate", "--check")
        needed = timedelta(seconds=(monotonic() - began) * self._plan.engagements * _RESERVE)
        first = (self._clock.now() + needed + _START).replace(second=0, microsecond=0) + timedelta(minutes=1)
        turns = asyncio.Semaphore(_AT_ONCE)

        async def apply(number: int) -> None:
            file = folder / f"e{number}.yaml"
            file.write_text(engagement(number, first))
            async with turns:
                await self._command(self._old, "engagement", "apply", str(file), "--yes")

        await apply(0)  # alone: it makes the workspace and its people
        await asyncio.gather(*(apply(number) for number in range(1, self._plan.engagements)))
        self._say(f"{self._plan.engagements} engagements are laid down; the first check-ins open at {first:%H:%M} UTC")
        return first

    async def _command(self, release: Release, *words: str) -> None:
        code, said = await release.command(*words)
        if code:
            raise RolloutError(f"cadence {' '.join(words)} failed:\n{said}")

    async def _start(self, release: Release, name: str) -> None:
        self._crew.append(await release.start(name))

    # -- the upgrade --------------------------------------------------------------------------------------------

    async def _in_the_midst(self, opening: datetime) -> None:
        """Wait until a wave has begun and a good part of its messages is out."""
        await asyncio.sleep(max(0.0, (opening - self._clock.now()).total_seconds()))
        until = self._posted() + self._plan.engagements
        patience = monotonic() + 45
        while self._posted() < until and monotonic() < patience:
            await asyncio.sleep(0.5)
        self._look_after()

    async def _bring(self) -> None:
        """The first process of the new release brings its schema; all of the old one are at work."""
        await self._start(self._new, "new-1")
        self.found.after = await asyncio.to_thread(self._witness.revision)
        self._tell(f"new-1 has brought the schema from {self.found.before} to {self.found.after}")
        if self.found.before == self.found.after:
            raise RolloutError(f"The older revision has the schema {self.found.after} already: nothing to upgrade.")

    async def _replace(self) -> None:
        await self._end("old-1", signal.SIGTERM)
        await self._start(self._new, "new-2")
        self._tell("old-1 was stopped, new-2 took its place")

    async def _kill(self) -> None:
        await self._end("old-2", signal.SIGKILL)
        await self._start(self._new, "new-3")
        self._tell("old-2 was killed, new-3 took its place")

    async def _finish(self) -> None:
        await self._end("old-3", signal.SIGTERM)
        self._tell("old-3, the last one, was stopped")

    async def _end(self, name: str, sign: int) -> None:
        one = next(running for running in self._crew if running.name == name)
        code = await one.strike(sign)
        if sign == signal.SIGTERM and code:
            self.found.wrong.append(f"{name} ended with {code} when it was stopped")

    def _look_after(self) -> None:
        for running in self._crew:
            if running.ended_by_itself:
                raise RolloutError(f"{running.name} ended by itself:\n{running.log.read_text()[-2000:]}")

    def _posted(self) -> int:
        return sum(call.method == "chat.postMessage" and call.ok for call in self._sandbox.calls)

    def _tell(self, what: str) -> None:
        self._say(f"{what}; {self._posted():,} messages are sent, {len(self._crowd.said):,} answers given")

    # -- the end ------------------------------------------------------------------------------------------------

    async def _settle(self, people: "asyncio.Task[None]") -> None:
        """Wait until everybody has answered and nothing is left to be said."""
        until = monotonic() + self._plan.patience
        while not (people.done() and await self._is_all_taken() and await asyncio.to_thread(self._is_at_rest)):
            if monotonic() > until:
                self.found.wrong.append(f"not settled {self._plan.patience:.0f} s after the last step")
                return
            await asyncio.sleep(2)
            self._look_after()
        await people

    async def _is_all_taken(self) -> bool:
        """Whether Slack has nothing left that it brings again."""
        with suppress(TimeoutError):
            await self._sandbox.settled(0.1)
            return True
        return False

    def _is_at_rest(self) -> bool:
        with self._db.read(SYSTEM) as tx:
            return counted.opened(tx) == self._plan.checkins and counted.waiting(tx) == 0

    async def _refuse_old(self) -> None:
        """An old process that is started now is refused, with the reason."""
        code, said = await self._old.command("run")
        if not code or "newer version" not in said:
            self.found.wrong.append(f"an old process was not refused after the upgrade ({code}): {said}")

    async def stop(self) -> None:
        """Stop whoever is left."""
        for running in self._crew:
            if running.process.poll() is None and (code := await running.stop()):
                self.found.wrong.append(f"{running.name} ended with {code} when it was stopped")

    def look(self) -> None:
        """Compare what happened with what was to happen."""
        with self._db.read(SYSTEM) as tx:
            self.found.look(tx, self._sandbox, self._plan.checkins)
            self.found.listen(tx, self._crowd)
        self._db.close()
        self.found.read(self._crew, self._witness)


def engagement(number: int, first: datetime) -> str:
    """An engagement that opens a check-in in each wave, wherever it is morning then, on any day of the week."""
    hours = (_HOUR - first.hour + 12) % 24 - 12
    zone = f"Etc/GMT{-hours:+d}"  # the sign of these zones is the other way round
    cadences = []
    for wave in range(WAVES):
        at = first + timedelta(hours=hours, minutes=wave)
        when = f'repeats: every day, at: "{at:%H:%M}", zone: {zone}, window: 8h, reminder: none'
        cadences.append(f"wave{wave}: {{kind: daily, title: Round {wave + 1}, {when}}}")
    return alike.engagement(HOME, number, cadences, zone=zone, workdays="mon-sun")

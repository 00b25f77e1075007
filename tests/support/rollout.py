"""A rolling upgrade from the code of an older revision to this one, process by process, while everybody works."""

import asyncio
import signal
import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from models.access import SYSTEM
from tests.support import morning, older
from tests.support.databases import own_bound_postgres
from tests.support.morning import Morning, Say
from tests.support.processes import Release, RolloutError
from tests.support.rolled import Rolled
from tests.support.witness import Witness

WAVES = 4
"""Minutes in which check-ins open, one of each engagement: the old code alone, three old processes and one new, two and
two, one and three. In the midst of each the next step of the upgrade is done."""
_OLD = 3


@dataclass(frozen=True)
class Plan:
    """The older revision, and how many engagements there are (each opens a check-in in every wave)."""

    revision: str
    engagements: int
    seed: int = 1


async def play(plan: Plan, say: Say = lambda _: None) -> Rolled:
    """Do the upgrade while check-ins open and people answer, and look what became of it all."""
    with tempfile.TemporaryDirectory(prefix="cadence-upgrade-") as name, own_bound_postgres() as (url, superuser):
        folder = Path(name)
        older.unpack(plan.revision, folder / "old")
        (folder / "logs").mkdir()
        async with morning.slack(plan.engagements, folder / "old" / "manifest.yaml") as sandbox:
            settings = morning.settings(sandbox, url)
            old = Release(folder / "old", settings, folder / "logs")
            new = Release(older.ROOT, settings, folder / "logs")
            day = Morning(sandbox, url, plan.engagements, WAVES, plan.seed, say)
            rollout = _Rollout(day, old, new, Witness(superuser))
            try:
                await rollout.run(folder)
            finally:
                await day.stop()
            rollout.look()
        return rollout.found


class _Rollout:
    """One upgrade, from an empty database to the last process of the new release."""

    def __init__(self, day: Morning, old: Release, new: Release, witness: Witness) -> None:
        self._day, self._old, self._new, self._witness = day, old, new, witness
        self.found = Rolled()

    async def run(self, folder: Path) -> None:
        """Lay down, start the old release, let the waves come, and do one step of the upgrade in each."""
        began = monotonic()
        await morning.command(self._old, "migrate")
        self._witness.watch()
        self.found.before = self._witness.revision()
        first = await self._day.lay_down(self._old, folder)
        for number in range(_OLD):
            await self._day.start(self._old, f"old-{number + 1}")
        await self._day.go(first, (self._bring, self._replace, self._kill, self._finish))
        await self._refuse_old()
        self.found.seconds = monotonic() - began

    async def _bring(self) -> None:
        """The first process of the new release brings its schema; all of the old one are at work."""
        await self._day.start(self._new, "new-1")
        self.found.after = await asyncio.to_thread(self._witness.revision)
        self._day.tell(f"new-1 has brought the schema from {self.found.before} to {self.found.after}")
        if self.found.before == self.found.after:
            raise RolloutError(f"The older revision has the schema {self.found.after} already: nothing to upgrade.")

    async def _replace(self) -> None:
        await self._end("old-1", signal.SIGTERM)
        await self._day.start(self._new, "new-2")
        self._day.tell("old-1 was stopped, new-2 took its place")

    async def _kill(self) -> None:
        await self._end("old-2", signal.SIGKILL)
        await self._day.start(self._new, "new-3")
        self._day.tell("old-2 was killed, new-3 took its place")

    async def _finish(self) -> None:
        await self._end("old-3", signal.SIGTERM)
        self._day.tell("old-3, the last one, was stopped")

    async def _end(self, name: str, sign: int) -> None:
        one = next(running for running in self._day.crew if running.name == name)
        code = await one.strike(sign)
        if sign == signal.SIGTERM and code:
            self.found.wrong.append(f"{name} ended with {code} when it was stopped")

    async def _refuse_old(self) -> None:
        """An old process that is started now is refused, with the reason."""
        code, said = await self._old.command("run")
        if not code or "newer version" not in said:
            self.found.wrong.append(f"an old process was not refused after the upgrade ({code}): {said}")

    def look(self) -> None:
        """Compare what happened with what was to happen."""
        with self._day.db.read(SYSTEM) as tx:
            self.found.look(tx, self._day)
        self._day.db.close()
        self.found.read(self._day.crew, self._witness)

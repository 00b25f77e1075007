"""Hosts that lose the database, Slack or both for a while, without a word, while everybody works.

Each process runs on a host of its own (`tests.support.hosts`). A cable is pulled in the midst of a wave of check-ins
and plugged in again later; nothing tells anybody that connections are gone, and some of them hang in what they were
doing.
"""

import asyncio
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from time import monotonic

from models.access import SYSTEM
from tests.support import hosts, morning, older
from tests.support.cable import Weather
from tests.support.databases import own_postgres_at
from tests.support.found import Findings
from tests.support.hosts import DATABASE, SLACK, Host
from tests.support.morning import Morning, Say
from tests.support.processes import Release

_PORT = "8080"
_ASKED_EVERY = 1.0
_WELL_WITHIN = 90.0
_START_IN_BAD_WEATHER = timedelta(minutes=4)
"""A start asks the database hundreds of things, one after the other."""


@dataclass(frozen=True)
class Cut:
    """Which cables of which hosts, by their numbers from 0, are pulled for so many seconds.

    If only `answers` are lost, what the hosts send still arrives.
    """

    hosts: tuple[int, ...]
    cables: tuple[str, ...]
    seconds: float
    answers: bool = False

    def __str__(self) -> str:
        names = "+".join(str(one + 1) for one in self.hosts)
        what = f"{'answers of ' if self.answers else ''}{' and '.join(self.cables)}"
        return f"host {names} without {what} for {self.seconds:.0f} s"


CUTS = (
    Cut((0,), (DATABASE,), 25),
    Cut((1,), (SLACK,), 25),
    Cut((0,), (SLACK,), 25, answers=True),
    Cut((2,), (DATABASE, SLACK), 80),
    Cut((0, 1, 2), (DATABASE,), 20),
)
"""The fourth is longer than a lease; in the last nobody has a database."""


@dataclass(frozen=True)
class Plan:
    """How many engagements there are, each with a check-in for every cut, and the cuts."""

    engagements: int
    cuts: Sequence[Cut] = CUTS
    hosts: int = 3
    seed: int = 1
    weather: Weather | None = None
    """Of all cables, all the time."""


@dataclass
class CutOff:
    """What a host said of itself at `/readyz`, in seconds: after the cut until it was unwell, after the end of it until
    it was well again; none if that never came."""

    cut: Cut
    host: int
    noticed: float | None = None
    well: float | None = None


@dataclass
class Played(Findings):
    """What was found at the end of a morning with cuts."""

    cut_off: list[CutOff] = field(default_factory=list)


async def play(plan: Plan, say: Say = lambda _: None) -> Played:
    """Let check-ins open and people answer while cables are pulled, and look what became of it all.

    Raises NoHostsError and RolloutError.
    """
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cadence-hosts-")))
        made = stack.enter_context(hosts.hosts(plan.hosts, plan.weather))
        url = stack.enter_context(own_postgres_at(hosts.address(DATABASE)))
        described = older.ROOT / "manifest.yaml"
        sandbox = await stack.enter_async_context(morning.slack(plan.engagements, described, hosts.address(SLACK)))
        sandbox.workspace.base_url = sandbox.base_url.replace(hosts.address(SLACK), "localhost")
        settings = morning.settings(sandbox, url) | {"HTTP_PORT": _PORT}
        day = Morning(sandbox, url, plan.engagements, len(plan.cuts), plan.seed, say)
        releases = [Release(older.ROOT, settings, folder, host.inside) for host in made]
        cuts = _CutOff(plan, day, made, releases)
        try:
            await cuts.run(Release(older.ROOT, settings, folder))
        finally:
            await day.stop()
        return cuts.look()


class _CutOff:
    def __init__(self, plan: Plan, day: Morning, made: Sequence[Host], releases: Sequence[Release]) -> None:
        self._plan, self._day, self._hosts, self._releases = plan, day, made, releases
        self._found = Played()

    async def run(self, near: Release) -> None:
        """Lay down by commands `near` the database, start, and pull the cables of one cut in each wave."""
        began = monotonic()
        await morning.command(near, "migrate")
        starting = _START_IN_BAD_WEATHER if self._plan.weather else morning.START
        first = await self._day.lay_down(near, near.logs, starting)
        for number, release in enumerate(self._releases, start=1):
            await self._day.start(release, f"host-{number}")
        await self._day.go(first, [lambda cut=cut: self._play(cut) for cut in self._plan.cuts])  # type: ignore[misc]
        self._found.seconds = monotonic() - began

    async def _play(self, cut: Cut) -> None:
        for number in cut.hosts:
            host = self._hosts[number]
            (host.deafen if cut.answers else host.pull)(*cut.cables)
        self._day.tell(f"pulled: {cut}")
        noticed = await asyncio.gather(*(self._seconds_until(number, False, cut.seconds) for number in cut.hosts))
        await asyncio.sleep(max(0.0, cut.seconds - max(one or cut.seconds for one in noticed)))
        for number in cut.hosts:
            self._hosts[number].plug(*cut.cables)
        self._day.tell("plugged in")
        well = await asyncio.gather(*(self._seconds_until(number, True, _WELL_WITHIN) for number in cut.hosts))
        self._found.cut_off += [CutOff(cut, *of) for of in zip(cut.hosts, noticed, well, strict=True)]

    async def _seconds_until(self, number: int, is_well: bool, most: float) -> float | None:
        """How long it takes until a host's own `/readyz` says so; none if it does not within `most` seconds."""
        began = monotonic()
        while monotonic() - began < most:
            code, _ = await self._releases[number].command("healthcheck")
            if (code == 0) is is_well:
                return monotonic() - began
            await asyncio.sleep(_ASKED_EVERY)
        return None

    def look(self) -> Played:
        """Compare what happened with what was to happen."""
        with self._day.db.read(SYSTEM) as tx:
            self._found.look(tx, self._day)
        self._day.db.close()
        for one in self._found.cut_off:
            if one.well is None:
                self._found.wrong.append(f"host {one.host + 1} was not well again: {one.cut}")
        for running in self._day.crew:
            self._found.warnings.update(running.warnings())
        return self._found

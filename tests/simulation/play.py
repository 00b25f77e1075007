"""One seed, played: days of people's doings and of trouble, hopping from due time to due time, everything checked."""

import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from models.access import SYSTEM
from models.db import Database
from models.engines import connect
from models.setup import service as setup
from models.setup.reading import read
from tests.simulation.books import Books
from tests.simulation.evidence import Evidence
from tests.simulation.history import History
from tests.simulation.invariants import Checker, Violation
from tests.simulation.ledger import Ledger
from tests.simulation.people import People
from tests.simulation.plans import NEIGHBOUR, Character, Plan, engagement_file
from tests.simulation.trouble import Trouble
from tests.support.databases import fresh_database
from tests.support.determined import ids_of, without_threads
from tests.support.engines import redirect
from tests.support.stage import AT_ONCE, Stage, stage

Deed = Callable[[], Awaitable[None]]
Json = dict[str, Any]
_DAY = timedelta(days=1)
_MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 (a folder of random name in it)
"""Where the databases lie: nothing here is about the disk, so nothing waits for one where that can be helped."""


@dataclass
class Outcome:
    """How a seed ended: what was wrong, and everything that happened."""

    plan: Plan
    wrong: list[Violation] = field(default_factory=list)
    transcript: list[str] = field(default_factory=list)
    checks: int = 0
    calls: int = 0


class Play:
    """A plan on its stage."""

    def __init__(self, plan: Plan, stage: Stage, path: str) -> None:
        self.plan = plan
        self.stage = stage
        self.books = Books(path)
        self.history = History(stage.sandbox.workspace, stage.clock)
        self.ledger = Ledger()
        self.evidence = Evidence(plan, stage.sandbox.workspace, self.history, self.books, self.ledger)
        self.checker = Checker(stage.sandbox, self.evidence)
        self._rng = Random(plan.seed * 7919 + 1)
        self.people = People(stage, plan, self.books, self.ledger, self._rng)
        self.trouble = Trouble(stage, plan, self.people, self._rng)
        self._at_rest: tuple[object, int] | None = None
        self._coming: datetime | None = None

    async def run(self) -> list[Violation]:
        """Play until the end, or until something is wrong."""
        day = self.plan.start
        while day < self.plan.end and not self.checker.wrong:
            for moment, deed in sorted(self._day(day), key=lambda one: one[0]):
                await self.until(moment)
                if self.checker.wrong:
                    break
                await deed()
                await self.settle()
            day += _DAY
        await self.until(self.plan.end + timedelta(hours=12))
        await self.stage.settle()
        self.checker.look(is_last=True)
        return self.checker.wrong

    async def until(self, moment: datetime) -> None:
        """Let time pass, from due time to due time, and check at each."""
        coming = await self.settle()
        while coming is not None and coming <= moment and not self.checker.wrong:
            self.stage.clock.set(max(coming, self.stage.clock.now()))
            coming = await self.settle()
        self.stage.clock.set(max(moment, self.stage.clock.now()))

    async def settle(self) -> datetime | None:
        """Let everything happen that is to happen now, and check; when there will be more.

        Where nothing has been written since, and nothing is due yet, there is nothing to do and to look at.
        """
        await self.stage.sandbox.settled(self.stage.settles_within)
        is_due = self._coming is not None and self._coming <= self.stage.clock.now() + AT_ONCE
        if is_due or self._at_rest != (self.stage.app, self.books.version):
            self._coming = await self.stage.settle()
            self._at_rest = self.stage.app, self.books.version
            self.checker.look()
        return self._coming

    def _day(self, day: datetime) -> Iterator[tuple[datetime, Deed]]:
        """What people do, and what breaks, within a day."""
        for who in self.plan.cast:
            yield from self._of(who, day)
        yield from self.trouble.of(day)

    def _of(self, who: Character, day: datetime) -> Iterator[tuple[datetime, Deed]]:
        people, rng = self.people, self._rng
        asked_at = datetime.combine(day.date(), self.plan.at, ZoneInfo(who.zone))

        def at(hours: float, doing: Callable[[Character], Awaitable[None]]) -> tuple[datetime, Deed]:
            return asked_at + timedelta(hours=hours), lambda: doing(who)

        if day.weekday() in self.plan.weekdays:
            if rng.random() < who.answers:
                yield at(rng.uniform(0.1, 3.9), people.answers)
            elif rng.random() < 0.3:
                yield at(rng.uniform(5, 20), people.answers)
            elif rng.random() < 0.3:
                yield at(rng.uniform(0.1, 3.5), people.skips)
        chances = (
            (who.is_sloppy, people.edits),
            (who.is_sloppy / 2, people.deletes),
            (who.is_sloppy / 2, people.presses_an_old_button),
            (who.is_sloppy / 3, people.presses_twice),
            (0.1, people.answers_late),
            (0.2, people.talks),
            (0.03, people.goes_away),
            (0.03, people.comes_back),
            (0.04, people.is_blocked),
            (0.1, people.works_on_a_card),
            (0.4, people.tidies_up),
            (0.05, people.notes_privately),
            (0.03, people.asks),
            (0.15, people.answers_a_question),
            (0.01, people.opens_home),
            (0.02, people.a_stranger_presses),
        )
        for chance, doing in chances:
            if rng.random() < chance * self.plan.bustle:
                yield at(rng.uniform(0.2, 9), doing)


_LIES_AT = [""]
"""Where the database is that is played on."""


@cache
def _engine() -> Engine:
    """One engine for all plays of a process: preparing its statements is a good part of a short play."""
    engine = connect("sqlite:///elsewhere.db")
    redirect(engine, lambda: _LIES_AT[0])
    return engine


def _fit(db: Database) -> None:
    db.engine = _engine()
    without_threads(db)


@asynccontextmanager
async def playing(plan: Plan) -> AsyncIterator[Play]:
    """A plan, ready to be played on a database of its own."""
    with (
        TemporaryDirectory(prefix="simulation-", dir=_MEMORY) as folder,
        fresh_database("sqlite", Path(folder)) as url,
        ids_of(plan.seed),
    ):
        _LIES_AT[0] = url
        options: Json = {"limits": True, "patient": True, "http": plan.by_http, "fit": _fit}
        async with stage(url, plan.start, engagement=engagement_file(plan), **options) as made:
            if plan.has_neighbour:
                await made.app.db.run(SYSTEM, setup.apply, "T0NEIGHBOUR", read(NEIGHBOUR.encode(), "neighbour.yaml"))
            for slack in plan.only_writes:
                made.person(slack).user.post_only = True
            for slack in plan.unreachable:
                made.person(slack).user.dm_error = "cannot_dm_bot"
            play = Play(plan, made, url.removeprefix("sqlite:///"))
            try:
                yield play
            finally:
                play.books.close()


async def played(plan: Plan) -> Outcome:
    """How a plan ends."""
    async with playing(plan) as play:
        try:
            wrong = await play.run()
        except Exception:  # a seed that cannot be played to its end has to be told like any other
            wrong = [Violation("end", traceback.format_exc(limit=-6), play.stage.clock.now())]
        lines = [*play.stage.transcript]
        return Outcome(plan, wrong, lines, play.checker.steps, len(play.stage.sandbox.calls))

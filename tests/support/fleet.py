"""Many check-ins of many workspaces, opened by several processes that are killed at random, as PostgreSQL itself is.

All of it is real: the application with its jobs, PostgreSQL, HTTP to a sandbox of many workspaces, SIGKILL. What is
found is read from what Slack saw, beside what the database says.
"""

import asyncio
import os
import random
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing.context import ForkServerProcess
from multiprocessing.sharedctypes import Synchronized
from time import monotonic

from sqlmodel import select

from bot.app import build
from bot.settings import LogLevel, Settings
from models.access import SYSTEM
from models.checkins.rules import CheckInState, PromptState
from models.checkins.tables import CheckIn, Prompt
from models.clock import SystemClock
from models.db import Database
from models.outbox.rules import Operation, OutboxState
from models.outbox.tables import OutboxMessage
from models.setup import service as setup
from models.setup.reading import read
from models.vault import Vault, parse_keys
from sandbox.server import SandboxServer
from tests.support import alike, counted
from tests.support.delivery_worker import ShiftedClock, context
from tests.support.many import Browser, mirror, settings_for
from tests.support.stage import KEYS

Say = Callable[[str], None]

OPENING = datetime(2026, 11, 30, 9, tzinfo=UTC)
"""A Monday."""
_DAILY = ("daily: {title: Daily stand-up, repeats: weekdays, at: 09:00, zone: UTC, window: 8h, reminder: none}",)


@dataclass(frozen=True)
class Plan:
    """Workspaces, engagements of each (every one opens one check-in), processes, and how many of them are killed."""

    workspaces: int
    engagements: int
    replicas: int
    kills: int
    seed: int
    patience: float = 900.0
    """Seconds after which what is not settled counts as lost."""
    restarts: int = 0
    """How often PostgreSQL is killed and started again."""

    @property
    def checkins(self) -> int:
        """All check-ins."""
        return self.workspaces * self.engagements


@dataclass
class Findings:
    """What was found at the end. `wrong` is empty if everything happened exactly once, or is shown as unclear."""

    opened: int
    posts: int
    unclear: int
    wrong: list[str]
    kills: int = 0
    restarts: int = 0
    seconds: float = 0.0


async def play(url: str, plan: Plan, say: Say = lambda _: None, restart: Callable[[], None] = lambda: None) -> Findings:
    """Set everything up, let the moment come, kill until enough are killed, wait until all is settled, and look.

    `restart` kills PostgreSQL and starts it again.
    """
    shift = context(__name__).Value("d", _seconds_until(OPENING - timedelta(hours=1)))
    clock = ShiftedClock(shift)
    async with _sandbox(plan, clock) as sandbox:
        settings = settings_for(sandbox, url).model_copy(update={"log_level": LogLevel.ERROR})
        await _set_up(sandbox, settings, plan, clock)
        say(f"{plan.checkins:,} check-ins of {plan.workspaces} workspaces are laid down")
        shift.value = _seconds_until(OPENING - timedelta(seconds=3))
        db = Database(url, clock, Vault(parse_keys(KEYS)))
        another = partial(_start, settings, shift)
        crew = [another() for _ in range(plan.replicas)]
        began = monotonic()
        try:
            struck = await _strike(crew, another, plan, db, restart, say)
            is_settled = await _settle(crew, another, db, plan, began, say)
            seconds = monotonic() - began
        finally:
            await _stop(crew)
        found = _look(db, sandbox, plan)
        db.close()
    found.seconds, found.kills, found.restarts = seconds, struck["kill"], struck["restart"]
    if struck.total() < plan.kills + plan.restarts:
        found.wrong.append(f"all was over after {found.kills} kills and {found.restarts} restarts")
    if not is_settled:
        found.wrong.append(f"not settled after {plan.patience:.0f} s")
    return found


def _seconds_until(moment: datetime) -> float:
    return (moment - SystemClock().now()).total_seconds()


@asynccontextmanager
async def _sandbox(plan: Plan, clock: ShiftedClock) -> AsyncIterator[SandboxServer]:
    worlds = [mirror(clock, f"T0W{number:05}", f"w{number}") for number in range(plan.workspaces)]
    for world in worlds:
        alike.add_channels(world, plan.engagements)
    server = SandboxServer(worlds[0], request_url="http://127.0.0.1:1/slack/events", others=worlds[1:])
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


async def _set_up(sandbox: SandboxServer, settings: Settings, plan: Plan, clock: ShiftedClock) -> None:
    """Every workspace installs the app and has its engagements, with the next check-in of each laid down."""
    app = build(settings, clock=clock)
    await app.start(with_jobs=False)
    for world in sandbox.installs.workspaces:
        status, page = await Browser(app.http_url).install(world.home.id)
        assert status == 200, page
        for number in range(plan.engagements):
            text = alike.engagement(world.home.id, number, _DAILY)
            await app.db.run(SYSTEM, setup.apply, world.home.id, read(text.encode(), "engagement.yaml"))
    while await app.db.work(app.due.run):
        pass
    await app.stop()


def _start(settings: Settings, shift: "Synchronized[float]") -> ForkServerProcess:
    process = context(__name__).Process(target=_serve, args=(settings, shift), daemon=True)
    process.start()
    return process


def _serve(settings: Settings, shift: "Synchronized[float]") -> None:
    sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115 (as long as the process lives)
    asyncio.run(build(settings, clock=ShiftedClock(shift)).run())


Crew = list[ForkServerProcess]
Another = Callable[[], ForkServerProcess]


async def _strike(
    crew: Crew, another: Another, plan: Plan, db: Database, restart: Callable[[], None], say: Say
) -> Counter[str]:
    """Kill one process after the other, at random, and PostgreSQL now and then, as long as there is work.

    Each process is followed by a new one.
    """
    chance = random.Random(plan.seed)
    blows = ["kill"] * plan.kills + ["restart"] * plan.restarts
    chance.shuffle(blows)
    struck: Counter[str] = Counter()
    await asyncio.sleep(3)
    for blow in blows:
        if struck and _is_done(db, plan):
            break
        await asyncio.sleep(chance.uniform(0.5, 5.0))
        _look_after(crew, another, plan)
        if blow == "restart":
            await asyncio.to_thread(restart)
        else:
            victim = chance.randrange(len(crew))
            crew[victim].kill()
            await asyncio.to_thread(crew[victim].join)
            crew[victim] = another()
        struck[blow] += 1
        say(f"{blow} {struck[blow]}; {_sent(db):,} messages are sent")
    return struck


def _look_after(crew: Crew, another: Another, plan: Plan) -> None:
    """A process that ended by itself proves nothing, and would go unnoticed.

    Only one that was just starting while PostgreSQL was away may end: whoever looks after it starts it again.
    """
    for place, process in enumerate(crew):
        if process.exitcode is not None:
            assert plan.restarts, f"a process ended by itself: {process.exitcode}"
            crew[place] = another()


async def _settle(crew: Crew, another: Another, db: Database, plan: Plan, began: float, say: Say) -> bool:
    while not _is_done(db, plan):
        if monotonic() - began > plan.patience:
            return False
        await asyncio.sleep(2)
        _look_after(crew, another, plan)
        say(f"{monotonic() - began:4.0f} s; {_sent(db):,} messages are sent")
    _look_after(crew, another, plan)
    return True


async def _stop(crew: Crew) -> None:
    for process in crew:
        process.terminate()
    for process in crew:
        await asyncio.to_thread(process.join, 20)
        process.kill()


def _is_done(db: Database, plan: Plan) -> bool:
    """Every check-in is open, and nothing waits that could still be sent or settled."""
    with db.read(SYSTEM) as tx:
        return counted.opened(tx) == plan.checkins and counted.waiting(tx) == 0


def _sent(db: Database) -> int:
    with db.read(SYSTEM) as tx:
        return counted.sent(tx)


def _look(db: Database, sandbox: SandboxServer, plan: Plan) -> Findings:
    """Compare what Slack was told and shows with what was to happen."""
    with db.read(SYSTEM) as tx:
        posts = tx.session.exec(select(OutboxMessage).where(OutboxMessage.operation == Operation.POST)).all()
        prompts = tx.session.exec(select(Prompt).where(Prompt.state == PromptState.ASKED)).all()
        checkins = tx.session.exec(select(CheckIn).where(CheckIn.state == CheckInState.OPEN)).all()
    wanted = {("checkin.board", row.id) for row in checkins} | {("checkin.prompt", row.id) for row in prompts}
    wrong = []
    if len(checkins) != plan.checkins or len(prompts) != plan.checkins * len(alike.PEOPLE):
        wrong.append(f"{len(checkins)} check-ins are open and {len(prompts)} people asked")
    wrong += counted.miswritten(posts, wanted)
    for world in sandbox.installs.workspaces:
        wrong += [f"{world.home.id}: {what}" for what in counted.miscounted(posts, sandbox, world)]
    return Findings(len(checkins), len(posts), sum(row.state is OutboxState.UNSURE for row in posts), wrong)

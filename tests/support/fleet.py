"""Many check-ins of many workspaces, opened by several processes that are killed at random, as PostgreSQL itself is.

All of it is real: the application with its jobs, PostgreSQL, HTTP to a sandbox of many workspaces, SIGKILL. What is
found is read from what Slack saw, beside what the database says.
"""

import asyncio
import os
import random
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing.context import ForkServerProcess
from multiprocessing.sharedctypes import Synchronized
from time import monotonic

from sqlmodel import col, func, select

from bot.app import build
from bot.settings import LogLevel, Settings
from models.access import SYSTEM
from models.checkins.rules import CheckInState, PromptState
from models.checkins.tables import CheckIn, Prompt
from models.clock import SystemClock
from models.db import Database, Tx
from models.outbox.rules import Operation, OutboxState
from models.outbox.tables import OutboxMessage
from models.setup import service as setup
from models.setup.reading import read
from models.vault import Vault, parse_keys
from sandbox.seed import BOT, INES, OLAF, VERA
from sandbox.server import SandboxServer
from sandbox.workspace import Workspace
from tests.support.delivery_worker import ShiftedClock, context
from tests.support.many import Browser, mirror, settings_for
from tests.support.posted import key_of, standing
from tests.support.stage import KEYS

Say = Callable[[str], None]

OPENING = datetime(2026, 11, 30, 9, tzinfo=UTC)
"""A Monday."""
ASKED = 3
"""People of an engagement."""
_ENGAGEMENT = """
workspace: {workspace}
engagement: e{number}
company: Northwind Retail
vendor: Brightlane Systems
channel: C0E{number:05}
zone: UTC
people:
  inhouse:
    - {{name: Ines Moreau, slack: U0INES, role: owner}}
    - {{name: Olaf Lindqvist, slack: U0OLAF, role: lead}}
  vendor:
    - {{name: Vera Iyer, slack: U0VERA, role: lead, team: T0BRIGHTLANE}}
cadences:
  daily: {{title: Daily stand-up, repeats: weekdays, at: 09:00, zone: UTC, window: 8h, reminder: none}}
"""
_SETTLED = frozenset({OutboxState.SENT, OutboxState.DROPPED, OutboxState.DEAD})


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
        for number in range(plan.engagements):
            world.add_channel(f"C0E{number:05}", f"e{number}", "channel", [INES, OLAF, VERA, BOT])
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
            text = _ENGAGEMENT.format(workspace=world.home.id, number=number)
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
        return _opened(tx) == plan.checkins and _count(tx, col(OutboxMessage.state).not_in(_SETTLED)) == 0


def _sent(db: Database) -> int:
    with db.read(SYSTEM) as tx:
        return _count(tx, col(OutboxMessage.state) == OutboxState.SENT)


def _opened(tx: Tx) -> int:
    return int(tx.session.exec(select(func.count()).where(CheckIn.state == CheckInState.OPEN)).one())


def _count(tx: Tx, where: object) -> int:
    return int(tx.session.exec(select(func.count()).select_from(OutboxMessage).where(where)).one())  # type: ignore[arg-type]


def _look(db: Database, sandbox: SandboxServer, plan: Plan) -> Findings:
    """Compare what Slack was told and shows with what was to happen."""
    with db.read(SYSTEM) as tx:
        posts = tx.session.exec(select(OutboxMessage).where(OutboxMessage.operation == Operation.POST)).all()
        prompts = tx.session.exec(select(Prompt).where(Prompt.state == PromptState.ASKED)).all()
        checkins = tx.session.exec(select(CheckIn).where(CheckIn.state == CheckInState.OPEN)).all()
    wanted = {("checkin.board", row.id) for row in checkins} | {("checkin.prompt", row.id) for row in prompts}
    wrong = []
    if len(checkins) != plan.checkins or len(prompts) != plan.checkins * ASKED:
        wrong.append(f"{len(checkins)} check-ins are open and {len(prompts)} people asked")
    subjects = Counter((row.kind, row.subject_id) for row in posts)
    wrong += [f"{kind} of {row_id} was never written" for kind, row_id in wanted - subjects.keys()]
    wrong += [
        f"{kind} of {row_id} was written {count} times" for (kind, row_id), count in subjects.items() if count > 1
    ]
    for world in sandbox.installs.workspaces:
        own = [row for row in posts if row.workspace_id == world.home.id]
        wrong += [f"{world.home.id}: {what}" for what in _miscounted(own, _told(sandbox, world), _seen(world))]
    return Findings(len(checkins), len(posts), sum(row.state is OutboxState.UNSURE for row in posts), wrong)


def _miscounted(own: Sequence[OutboxMessage], told: Counter[str], seen: Counter[str]) -> list[str]:
    """Messages that Slack was not told exactly once, or that do not stand there exactly once.

    One of which nobody knows is shown as unclear; nobody answers here, so that none is dropped and none given up.
    """
    wrong = []
    for row in own:
        calls, times = told.pop(row.id.hex, 0), seen.pop(row.id.hex, 0)
        if row.state is OutboxState.UNSURE:
            continue
        if calls > 1 or times > 1:
            wrong.append(f"doubled: {row.key} was told {calls} times and stands there {times} times")
        elif not calls or not times or row.state is not OutboxState.SENT:
            wrong.append(f"lost: {row.key} is {row.state}, told {calls} times, and stands there {times} times")
    return wrong + [f"nobody’s: {key}" for key in (told + seen)]


def _told(sandbox: SandboxServer, world: Workspace) -> Counter[str]:
    """How often Slack took a message with each key, whatever became of it afterwards."""
    taken = [
        call
        for call in sandbox.calls
        if call.method == "chat.postMessage" and call.team_id == world.home.id and (call.result or {}).get("ok")
    ]
    return Counter(key_of(call.args) for call in taken)


def _seen(world: Workspace) -> Counter[str]:
    """How many messages with each key stand in a workspace."""
    return Counter(key for _, _, key in standing(world))

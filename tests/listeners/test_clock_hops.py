"""The machine wakes up in another week or year and comes back: nothing falls due early, and nothing is erased."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app import Application, build
from bot.settings import Settings
from models.access import SYSTEM
from models.checkins.tables import CheckIn
from models.clock import Clock, SystemClock
from models.db import select
from models.engagements.tables import Engagement, Workspace
from models.installations.service import GRACE
from models.outbox import service as outbox
from models.setup import service as setup
from models.setup.reading import read
from models.shared_clock import SharedClock
from sandbox.faults import Fault, Kind
from sandbox.seed import APP_TOKEN, BOT_TOKEN, HOME
from sandbox.server import SandboxServer
from tests.conftest import TEST_KEYS
from tests.support.clocks import Off

EXAMPLE = Path("examples/northwind-brightlane.yaml")
LEFT = "T0LEFT"
HOPS = [timedelta(days=days) for days in (-400, -7, 1, 7, 400)]
NEAR = timedelta(seconds=10)


@pytest.fixture
async def make(sandbox: SandboxServer, tmp_path: Path) -> AsyncIterator[Callable[[Clock], Application]]:
    """Makes applications on one SQLite file, and stops them."""
    made: list[Application] = []

    def one(clock: Clock) -> Application:
        given = {
            "slack_bot_token": BOT_TOKEN,
            "slack_app_token": APP_TOKEN,
            "slack_api_url": sandbox.api_url,
            "database_url": f"sqlite:///{tmp_path}/app.db",
            "cadence_keys": TEST_KEYS,
            "http_port": 0,
        }
        made.append(build(Settings.model_validate(given), clock=clock, wall=clock))
        return made[-1]

    yield one
    for app in made:
        await app.stop()


async def lives(app: Application) -> list[tuple[object, ...]]:
    """Start; an engagement whose stand-ups are to come, and a workspace that has just removed the app."""
    await app.start(with_jobs=False)
    now = SystemClock().now()
    with app.db.transaction(SYSTEM) as tx:
        setup.apply(tx, HOME, read(EXAMPLE.read_bytes(), EXAMPLE.name))
        tx.add(Workspace(workspace_id=LEFT, stopped_at=now, erase_at=now + GRACE))
    app.due.run()
    return stored(app)


async def goes_on(app: Application) -> list[tuple[object, ...]]:
    """What the jobs do now; what is stored then."""
    jobs = {job.name: job.run for job in app._jobs()}
    for name in ("clock", *["advance"] * 5, "erase", "tidy"):
        await jobs[name]()
    return stored(app)


def stored(app: Application) -> list[tuple[object, ...]]:
    with app.db.read(SYSTEM) as tx:
        checkins = tx.session.exec(select(CheckIn).order_by(CheckIn.id)).all()
        kept = tx.session.get(Workspace, LEFT)
        return [*((row.local_date, row.state) for row in checkins), ("kept", kept is not None)]


@pytest.mark.parametrize("hop", HOPS, ids=str)
async def test_a_clock_that_hops_while_it_runs_is_not_followed(
    make: Callable[[Clock], Application], hop: timedelta
) -> None:
    machine = Off()
    app = make(SharedClock(machine))
    before = await lives(app)

    machine.by = hop
    during = [await goes_on(app) for _ in range(2)]
    machine.by = timedelta(0)

    assert [*during, await goes_on(app)] == [before] * 3
    assert abs(app.db.clock.now() - SystemClock().now()) < NEAR


@pytest.mark.parametrize("hop", HOPS, ids=str)
async def test_a_start_with_a_wrong_clock_goes_by_slacks(make: Callable[[Clock], Application], hop: timedelta) -> None:
    before = await lives(first := make(SharedClock(Off())))
    await first.stop()

    app = make(SharedClock(Off(hop)))
    await app.start(with_jobs=False)

    assert await goes_on(app) == before
    assert abs(app.db.clock.now() - SystemClock().now()) < NEAR


async def test_without_slack_it_goes_on_by_its_own_count(
    make: Callable[[Clock], Application], sandbox: SandboxServer
) -> None:
    machine = Off()
    app = make(SharedClock(machine))
    before = await lives(app)
    sandbox.faults.add(Fault("api.test", 1, Kind.HTTP_500))

    machine.by = timedelta(days=400)

    assert await goes_on(app) == before


async def test_a_start_with_a_wrong_clock_and_without_slack_changes_nothing(
    make: Callable[[Clock], Application], sandbox: SandboxServer
) -> None:
    """A machine that was off for long often has neither its time nor its network at first."""
    before = await lives(first := make(SharedClock(Off())))
    await first.stop()
    put_off(make(SharedClock(Off())))
    said = posts(sandbox)
    faults = [Fault(method, 0, Kind.HTTP_500) for method in ("api.test", "chat.postMessage", "conversations.info")]
    sandbox.faults.add(*faults)

    app = make(SharedClock(machine := Off(timedelta(days=400))))
    await app.start(with_jobs=False)
    await deliver(app)
    assert await goes_on(app) == before
    assert posts(sandbox) == said

    sandbox.faults.clear()
    machine.by = timedelta(0)
    assert await goes_on(app) == before
    assert abs(app.db.clock.now() - SystemClock().now()) < NEAR
    await deliver(app)
    assert posts(sandbox) == said + 1


async def test_a_slack_that_answers_without_telling_holds_nothing_up(
    make: Callable[[Clock], Application], sandbox: SandboxServer
) -> None:
    sandbox.faults.add(Fault("api.test", 0, Kind.ERROR, code="unknown_method"))
    app = make(SharedClock(Off()))
    await app.start(with_jobs=False)
    with app.db.transaction(SYSTEM) as tx:
        setup.apply(tx, HOME, read(EXAMPLE.read_bytes(), EXAMPLE.name))
    put_off(app)

    await deliver(app)

    assert posts(sandbox) >= 1


def posts(sandbox: SandboxServer) -> int:
    return len([call for call in sandbox.calls if call.method == "chat.postMessage"])


def put_off(app: Application) -> None:
    """Something waits to be posted."""
    with app.db.transaction(SYSTEM) as tx:
        engagement = tx.session.exec(select(Engagement)).one()
        outbox.post(tx, engagement, "greeting.shared", engagement.id, key="waits")


async def deliver(app: Application) -> None:
    await {job.name: job.run for job in app._jobs()}["deliver"]()


async def test_a_machine_that_slept_and_is_right_is_followed(make: Callable[[Clock], Application]) -> None:
    """What the process counted stood still meanwhile: its count is off, not the clock."""
    machine = Off(timedelta(days=-3))
    clock = SharedClock(machine)
    app = make(clock)
    clock.ask(app.db)  # as it was before it slept

    machine.by = timedelta(0)
    await app.ask_time()

    assert abs(clock.now() - SystemClock().now()) < NEAR


async def test_an_application_goes_by_such_a_clock_unless_told_otherwise(
    sandbox: SandboxServer, tmp_path: Path
) -> None:
    given = {"slack_bot_token": BOT_TOKEN, "slack_app_token": APP_TOKEN, "cadence_keys": TEST_KEYS}
    app = build(Settings.model_validate(given | {"database_url": f"sqlite:///{tmp_path}/app.db"}))

    assert isinstance(app.db.clock, SharedClock)
    assert app.db.wall is app.db.clock
    await app.stop()

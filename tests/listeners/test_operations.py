"""What the operator's tools see of a running application: health, metrics, the heartbeat, roles."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from aiohttp import ClientSession, web
from prometheus_client import generate_latest
from pydantic import SecretStr
from sqlalchemy import text

from bot import metrics
from bot.app import EVERYTHING, Application, Roles, build
from bot.heartbeat import WHOLE_EVERY, Heartbeat, Pulse
from bot.settings import Settings
from models.access import SYSTEM
from models.cadences.tables import Cadence
from models.checkins.tables import CheckIn
from models.clock import ManualClock, SystemClock
from models.db import Database, select
from models.engagements.tables import Engagement, Person
from models.engines import POOL
from models.marks import service as marks
from models.outbox import service as outbox
from models.outbox.rules import OutboxState
from models.outbox.tables import OutboxMessage, Post
from models.setup import service as setup
from models.setup.reading import read
from sandbox.seed import APP_TOKEN, BOT_TOKEN, HOME, SHARED, SIGNING_SECRET, example_world
from sandbox.server import SandboxServer
from scheduler.due import DueQueue
from scheduler.steps import STEPS
from tests.conftest import TEST_KEYS

EXAMPLE = Path("examples/northwind-brightlane.yaml")
Make = Callable[..., Application]


@pytest.fixture
async def sandbox() -> AsyncIterator[SandboxServer]:
    server = SandboxServer(example_world())
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def make(sandbox: SandboxServer, database_address: str) -> AsyncIterator[Make]:
    """Makes applications on one database, and stops them."""
    made: list[Application] = []

    def one(roles: Roles = EVERYTHING, **more: object) -> Application:
        given: dict[str, object] = {
            "slack_bot_token": BOT_TOKEN,
            "slack_app_token": APP_TOKEN,
            "slack_signing_secret": SIGNING_SECRET,
            "slack_api_url": sandbox.api_url,
            "database_url": database_address,
            "cadence_keys": TEST_KEYS,
            "http_port": 0,
        }
        made.append(build(Settings.model_validate(given | more), roles=roles))
        return made[-1]

    yield one
    for app in made:
        await app.stop()


async def get(url: str, **headers: str) -> tuple[int, str]:
    async with ClientSession() as session, session.get(url, headers=headers) as answer:
        return answer.status, await answer.text()


async def until(is_true: Callable[[], object]) -> None:
    """Wait for what happens by itself; another task does it at its own pace."""
    async with asyncio.timeout(20):
        while not is_true():
            await asyncio.sleep(0.02)


def rows(app: Application, table: type[object]) -> list[object]:
    with app.db.read(SYSTEM) as tx:
        return list(tx.session.exec(select(table)).all())


# -- readiness --------------------------------------------------------------------------------------------------------


async def test_ready_only_while_it_serves(make: Make) -> None:
    app = make()
    assert "intake" in await app.health.ready()

    await app.start()
    assert (await get(f"{app.http_url}/readyz"))[0] == 200

    app.health.is_serving = False
    status, body = await get(f"{app.http_url}/readyz")
    assert (status, "is not open" in body) == (503, True)


async def test_not_ready_with_the_keys_of_another_database(make: Make) -> None:
    app = make()
    await app.start(with_jobs=False)
    with app.db.engine.begin() as connection:
        connection.execute(text("UPDATE upkeep_mark SET canary = 'v1|test|AAAA' WHERE name = 'key:test'"))

    assert (await app.health.ready()).get("keys") == "are not those of this database"


async def test_not_ready_when_the_database_cannot_be_written(make: Make) -> None:
    app = make()
    await app.start(with_jobs=False)
    with app.db.engine.begin() as connection:
        connection.execute(text("DROP TABLE upkeep_mark"))

    assert "database" in await app.health.ready()


async def test_a_silent_database_keeps_nobody_waiting(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.health._ANSWER_SECONDS", 0.05)
    app = make()
    await app.start(with_jobs=False)
    lets_go = Event()
    stuck = [asyncio.create_task(app.db.work(lets_go.wait)) for _ in range(POOL)]

    said = [await app.health.ready() for _ in range(POOL + 1)]

    assert [one.get("database") for one in said] == ["does not answer"] * len(said)
    assert app.db._writers._work_queue.qsize() <= POOL, "one look waits for the database, however often somebody asks"
    lets_go.set()
    await asyncio.gather(*stuck)
    monkeypatch.undo()
    assert "database" not in await app.health.ready()


async def test_not_ready_while_slack_refuses_the_token(make: Make, sandbox: SandboxServer) -> None:
    app = make()
    await app.start(with_jobs=False)
    await app.db.run(SYSTEM, setup.apply, HOME, read(EXAMPLE.read_bytes(), "x.yaml"))
    app.dispatcher._troubled.add(HOME)

    assert (await app.health.ready()).get("slack") == "refuses the token"


async def test_details_are_for_this_machine_alone(make: Make) -> None:
    app = make()
    await app.start(with_jobs=False)
    app.health.is_serving = False

    assert "problems" in (await get(f"{app.http_url}/readyz"))[1]
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP"):
        status, body = await get(f"{app.http_url}/readyz", **{header: "203.0.113.9"})
        assert (status, "problems" in body) == (503, False)


# -- metrics ----------------------------------------------------------------------------------------------------------


async def test_metrics_tell_what_was_done_without_names(make: Make) -> None:
    app = make()
    await app.start(with_jobs=False)
    await app.db.run(SYSTEM, setup.apply, HOME, read(EXAMPLE.read_bytes(), "x.yaml"))
    await app.db.work(app.due.run)
    await app.dispatcher.drain()

    status, body = await get(f"{app.http_url}/metrics")

    assert status == 200
    assert _value(body, 'cadence_occurrences_total{kind="plan",outcome="done"}') > 0
    assert _value(body, 'cadence_slack_requests_total{method="auth.test",outcome="ok"}') > 0
    assert _value(body, "cadence_db_size_bytes") > 0
    assert _value(body, 'cadence_outbox_messages{state="unsure"}') == 0
    assert "cadence_build_info{version=" in body
    with app.db.read(SYSTEM) as tx:
        names = {person.name for person in tx.session.exec(select(Person))}
        names |= {word for one in tx.session.exec(select(Engagement)) for word in (one.key, one.company, one.vendor)}
    assert names
    assert [name for name in {*names, HOME, SHARED, BOT_TOKEN} if name in body] == []


def _value(body: str, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", body, re.MULTILINE)
    assert found, name
    return float(found[1])


async def test_who_may_read_the_metrics(make: Make) -> None:
    app = make(metrics_token="a-long-enough-word")
    await app.start(with_jobs=False)
    url = f"{app.http_url}/metrics"

    assert (await get(url))[0] == 403
    assert (await get(url, Authorization="Bearer another"))[0] == 403
    assert (await get(url, Authorization="Bearer a-long-enough-word"))[0] == 200


async def test_without_a_token_the_metrics_are_for_this_machine_alone(make: Make) -> None:
    app = make()
    await app.start(with_jobs=False)

    assert (await get(f"{app.http_url}/metrics"))[0] == 200
    assert (await get(f"{app.http_url}/metrics", **{"X-Forwarded-For": "203.0.113.9"}))[0] == 403


async def test_a_refused_request_is_counted_by_its_reason(make: Make) -> None:
    app = make(slack_app_token=None)
    await app.start(with_jobs=False)
    before = metrics.REJECTIONS.labels("unsigned")._value.get()

    async with ClientSession() as session:
        await session.post(f"{app.http_url}/slack/events", json={})

    assert metrics.REJECTIONS.labels("unsigned")._value.get() == before + 1


# -- heartbeat --------------------------------------------------------------------------------------------------------


class Listener:
    """Somebody outside who waits for the heartbeat."""

    def __init__(self, status: int = 200, location: str = "") -> None:
        self.heard: list[str] = []
        self._answer = (status, {"Location": location} if location else {})
        self._runner: web.AppRunner | None = None

    async def start(self) -> str:
        app = web.Application()
        app.router.add_get("/{rest:.*}", self._hear)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def _hear(self, request: web.Request) -> web.Response:
        self.heard.append(request.path)
        status, headers = self._answer
        return web.Response(status=status, headers=headers)

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()


@pytest.fixture
async def outside() -> AsyncIterator[tuple[Listener, str]]:
    listener = Listener()
    url = await listener.start()
    yield listener, url
    await listener.stop()


async def test_the_heartbeat_is_heard_only_after_a_clean_look(
    db: Database, clock: ManualClock, outside: tuple[Listener, str]
) -> None:
    listener, url = outside
    pulse = Pulse(db, SecretStr(f"{url}/beat"))

    assert await pulse.look() == []
    assert listener.heard == ["/beat"]

    with db.transaction(SYSTEM) as tx:
        setup.apply(tx, HOME, read(EXAMPLE.read_bytes(), "x.yaml"))
    clock.advance(timedelta(hours=1))

    assert [one.what for one in await pulse.look()] == ["overdue"]
    assert listener.heard == ["/beat"]
    with db.read(SYSTEM) as tx:
        mark = marks.mark(tx, marks.AUDIT)
    assert mark is not None
    assert mark.at < db.clock.now()


async def test_a_whole_look_is_rare_and_goes_on_while_it_finds_something(
    db: Database, clock: ManualClock, outside: tuple[Listener, str]
) -> None:
    listener, url = outside
    pulse = Pulse(db, SecretStr(f"{url}/beat"))
    with db.transaction(SYSTEM) as tx:
        setup.apply(tx, HOME, read(EXAMPLE.read_bytes(), "x.yaml"))
    DueQueue(db, STEPS).run()
    assert await pulse.look() == []
    with db.transaction(SYSTEM) as tx:
        cadence = next(row for row in tx.session.exec(select(Cadence)) if row.due_at)
        due_at, cadence.due_at = cadence.due_at, None

    clock.advance(WHOLE_EVERY - timedelta(minutes=1))
    DueQueue(db, STEPS).run()  # a night look may fall due meanwhile: each channel has its own minute
    assert await pulse.look() == [], "a quick look"
    for _ in range(2):
        clock.advance(timedelta(minutes=1))
        assert [one.what for one in await pulse.look()] == ["silent_cadence"]
        assert b'cadence_invariant_violations{what="silent_cadence"} 1.0' in generate_latest(metrics.REGISTRY)
    assert len(listener.heard) == 2

    with db.transaction(SYSTEM) as tx:
        tx.one(Cadence, HOME, cadence.id).due_at = due_at
    assert await pulse.look() == []
    assert len(listener.heard) == 3


async def test_a_redirect_is_not_followed() -> None:
    inside = Listener()
    secret_place = await inside.start()
    moved = Listener(302, f"{secret_place}/latest/meta-data")
    url = await moved.start()

    assert await Heartbeat(url).beat() is False

    assert (moved.heard, inside.heard) == (["/"], [])
    await moved.stop()
    await inside.stop()


async def test_nobody_outside_is_no_harm() -> None:
    assert await Heartbeat("http://127.0.0.1:9/x").beat() is False


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://a/b", "gopher://a", "//a/b", "https://me:pw@a/b", "x"])
def test_only_plain_web_addresses_are_taken(url: str) -> None:
    with pytest.raises(ValueError, match="begins with https"):
        Settings.model_validate(
            {
                "slack_bot_token": BOT_TOKEN,
                "slack_app_token": APP_TOKEN,
                "slack_signing_secret": SIGNING_SECRET,
                "cadence_keys": TEST_KEYS,
                "heartbeat_url": url,
            }
        )


# -- retention --------------------------------------------------------------------------------------------------------


async def test_the_settings_say_for_how_long_what_is_done_is_kept(make: Make) -> None:
    app = make(keep_deliveries_days=3)
    await app.start(with_jobs=False)
    with app.db.transaction(SYSTEM) as tx:
        setup.apply(tx, HOME, read(EXAMPLE.read_bytes(), "x.yaml"))
        engagement = tx.session.exec(select(Engagement)).one()
        outbox.post(tx, engagement, "checkin.board", engagement.id, key="board:1")
        board = tx.session.exec(select(OutboxMessage).where(OutboxMessage.key == "board:1")).one()
        board.state = OutboxState.SENT
    for days in (2, 4):
        with app.db.transaction(SYSTEM) as tx:
            outbox.refresh(tx, HOME, "board:1")
            row = tx.session.exec(
                select(OutboxMessage).where(OutboxMessage.post_key == "board:1", OutboxMessage.state == "ready")
            ).one()
            row.state, row.written_at = OutboxState.DROPPED, tx.now - timedelta(days=days)

    assert [await app.tidy(), await app.tidy()] == [1, 0]


# -- roles ------------------------------------------------------------------------------------------------------------


async def test_three_replicas_with_a_role_each_do_everything_together(make: Make, sandbox: SandboxServer) -> None:
    """One takes requests, one does what falls due, one posts."""
    door = make(Roles(advances=False, delivers=False))
    clockwork = make(Roles(takes_requests=False, delivers=False))
    post = make(Roles(takes_requests=False, advances=False))
    for app in (door, clockwork, post):
        await app.start()
    await door.db.run(SYSTEM, setup.apply, HOME, read(EXAMPLE.read_bytes(), "x.yaml"))

    await until(lambda: rows(door, CheckIn))  # what fell due was done
    with door.db.transaction(SYSTEM) as tx:
        checkin = tx.session.exec(select(CheckIn)).all()[0]
        work = tx.session.exec(select(Engagement)).one()
        outbox.post(tx, work, "checkin.board", checkin.id, key=f"board:{checkin.id}")
    await until(lambda: rows(door, Post))  # what waited was posted

    assert len(sandbox.workspace.channel(SHARED).messages) == 1
    assert [app._socket is not None for app in (door, clockwork, post)] == [True, False, False]
    for app in (door, clockwork, post):
        assert await app.health.ready() == {}


def test_every_role_has_its_jobs_and_together_they_have_all(make: Make) -> None:
    names = [
        {job.name for job in make(roles)._jobs()}
        for roles in (
            Roles(advances=False, delivers=False),
            Roles(takes_requests=False, delivers=False),
            Roles(takes_requests=False, advances=False),
            EVERYTHING,
        )
    ]

    clockwork = {"advance", "audit", "erase", "statistics", "tidy"}
    always = {"clock", "renew", "present"}
    posting = {"deliver", "look"}
    assert names == [always, always | clockwork, always | posting, always | posting | clockwork]


async def test_over_http_a_replica_without_requests_has_no_door_for_them(make: Make) -> None:
    app = make(Roles(takes_requests=False), slack_app_token=None)
    await app.start(with_jobs=False)

    async with ClientSession() as session, session.post(f"{app.http_url}/slack/events", json={}) as answer:
        assert answer.status == 404
    assert (await get(f"{app.http_url}/healthz"))[0] == 200


# -- stopping ---------------------------------------------------------------------------------------------------------


async def test_after_a_stop_everything_stands_in_the_database_file(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "alone.db"
    app = make(database_url=f"sqlite:///{path}")
    await app.start()
    await app.db.run(SYSTEM, setup.apply, HOME, read(EXAMPLE.read_bytes(), "x.yaml"))
    other = Database(f"sqlite:///{path}", SystemClock(), app.db.vault)
    with other.read(SYSTEM) as tx:
        tx.session.exec(select(Engagement)).all()  # somebody else has it open: closing alone would not do it

    await app.stop()

    assert path.with_name(path.name + "-wal").stat().st_size == 0
    other.close()


async def test_while_it_stops_it_is_not_ready_but_what_came_in_is_finished(make: Make) -> None:
    app = make()
    await app.start()
    told: list[tuple[int, str]] = []
    assert app._socket is not None
    stop_socket = app._socket.stop

    async def stop_and_look() -> None:
        told.append(await get(f"{app.http_url}/readyz"))
        await stop_socket()

    app._socket.stop = stop_and_look  # type: ignore[method-assign]
    await app.stop()

    assert [(status, "intake" in body) for status, body in told] == [(503, True)]

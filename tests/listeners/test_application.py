"""The whole application, composed as in production, before the sandbox: over Socket Mode and over signed HTTP."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession
from sqlmodel import select

from bot.app import Application, build
from bot.gateway import SlackFailure
from bot.settings import Settings
from bot.web import SLACK_PATH
from models.access import SYSTEM
from models.checkins.tables import Response
from models.clock import ManualClock
from models.engagements.tables import Workspace
from sandbox.seed import APP_TOKEN, BOT_TOKEN, INES, SHARED, SIGNING_SECRET, VERA, example_world
from sandbox.server import SandboxServer
from tests.conftest import TEST_KEYS
from tests.listeners.test_checkins import FILLED
from tests.support import world as worlds
from tests.support.logging_state import restored


@pytest.fixture(params=["socket", "http"])
async def sandbox(request: pytest.FixtureRequest) -> AsyncIterator[SandboxServer]:
    """Delivers as the application of the same test is reached."""
    server = SandboxServer(example_world(), request_url="http://127.0.0.1:9" if request.param == "http" else "")
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def app(sandbox: SandboxServer, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Application]:
    """Not started; stopped at the end."""
    settings = Settings(
        slack_bot_token=BOT_TOKEN,
        slack_app_token=None if sandbox.http else APP_TOKEN,
        slack_signing_secret=SIGNING_SECRET,
        slack_api_url=sandbox.api_url,
        database_url=f"sqlite:///{tmp_path}/app.db",
        cadence_keys=TEST_KEYS,
        http_port=0,
    )
    app = build(settings, clock=clock)
    yield app
    await app.stop()


async def start(app: Application, sandbox: SandboxServer, clock: ManualClock) -> None:
    """Start without jobs, with the world, on Tuesday while the stand-up is open; what is to be posted is posted."""
    await app.start(with_jobs=False)
    if sandbox.http:
        sandbox.http.request_url = app.http_url + SLACK_PATH
        assert await sandbox.http.verify_url()
    await asyncio.to_thread(worlds.build, app.db, clock)
    for moment in (clock.now(), clock.now().replace(day=24, hour=8, minute=45)):
        clock.set(moment)
        while await app.db.work(app.due.run):
            pass
    await app.dispatcher.drain()


async def test_a_press_a_form_and_an_answer_through_the_network(
    app: Application, sandbox: SandboxServer, clock: ManualClock
) -> None:
    await start(app, sandbox, clock)
    for user in (INES, VERA):
        person = sandbox.person(user)
        board = next(shown for shown in person.messages(SHARED) if "Tue 24 Nov" in shown["text"])

        await person.clicks(board | {"channel": SHARED}, "Answer")
        (form,) = person.open_views
        assert await person.submits_state(form, FILLED) == {}
        assert not person.open_views

    with app.db.read(SYSTEM) as tx:
        assert len(tx.session.exec(select(Response)).all()) == 2


async def test_health_follows_the_life_of_the_application(
    app: Application, sandbox: SandboxServer, clock: ManualClock
) -> None:
    assert await app.health.ready() != {}
    await start(app, sandbox, clock)

    async with ClientSession() as http:
        for path in ("/healthz", "/readyz"):
            async with http.get(app.http_url + path) as answer:
                assert (answer.status, await answer.json()) == (200, {"status": "ok"})
        if not sandbox.http:
            async with http.post(app.http_url + SLACK_PATH, data=b"{}") as answer:
                assert answer.status == 404


async def test_the_workspace_is_remembered(app: Application, sandbox: SandboxServer, clock: ManualClock) -> None:
    await start(app, sandbox, clock)

    with app.db.read(SYSTEM) as tx:
        row = tx.session.get(Workspace, sandbox.workspace.home.id)
    assert row is not None
    assert (row.name, row.bot_user_id) == ("Northwind Retail", sandbox.workspace.app.bot_user_id)


async def test_a_refused_token_stops_the_start_with_slacks_word(app: Application, sandbox: SandboxServer) -> None:
    sandbox.workspace.app.token_error = "account_inactive"

    with pytest.raises(SlackFailure, match="account_inactive"):
        await app.start()


async def test_a_start_warns_of_nothing(
    app: Application, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Nor does Slack's library, which looks for the token in the environment itself."""
    monkeypatch.setenv("SLACK_BOT_TOKEN", BOT_TOKEN)

    await app.start(with_jobs=False)

    assert [record.getMessage() for record in caplog.records if record.levelname != "INFO"] == []


async def test_a_signal_ends_it_in_order(app: Application, sandbox: SandboxServer) -> None:
    with restored():
        running = asyncio.create_task(app.run())
        while not app.health.is_serving:
            await asyncio.sleep(0.01)
            assert not running.done(), running.exception()

        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(running, 10)

    assert not app.health.is_serving

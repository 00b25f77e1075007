"""The composition root: settings in, a running application out. Nobody else knows all the parts."""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import structlog
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_bolt.logger.messages import warning_client_prioritized_and_token_skipped
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.exc import SQLAlchemyError

from bot import listeners, logs, metrics, pauses, tidying
from bot.delivery import messages
from bot.delivery.dispatcher import Dispatcher
from bot.errors import on_error
from bot.health import Health
from bot.heartbeat import Pulse
from bot.identity import NoToken, identify
from bot.line import Line
from bot.rounds import Rounds
from bot.served import Served, open_served
from bot.settings import Settings
from bot.slack_errors import SlackFailure
from bot.socket import SocketIntake
from bot.tenants import Tenants
from bot.verifier import FloodGuard, ReplayMemory, Verifier
from bot.web import SlackDoor, web_app
from models import schema, statistics
from models.access import SYSTEM
from models.base import new_id
from models.clock import Clock, SystemClock
from models.db import Database
from models.marks import service as marks
from models.marks.tables import UpkeepMark
from models.outbox import delivery, homes
from models.shared_clock import EVERY_SECONDS, SharedClock
from models.upkeep import erasing, keys
from models.vault import Vault, parse_keys
from scheduler.due import DueQueue
from scheduler.engine import Engine, Job
from scheduler.steps import STEPS

ADVANCE_SECONDS = 1.0
AUDIT_SECONDS = 60.0
DELIVER_SECONDS = 1.0
LOOK_SECONDS = 30.0
RENEW_SECONDS = 30.0
ERASE_SECONDS = 3600.0
TIDY_SECONDS = 3600.0
_FINISH_SECONDS = 10.0
_LAST_SECONDS = 5.0
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Roles:
    """What this process does. Any replica may do any of it; together they must do all."""

    takes_requests: bool = True
    """Slack's requests come in here: by Socket Mode, or over HTTP."""
    advances: bool = True
    """It does what falls due."""
    delivers: bool = True
    """It posts what waits."""


EVERYTHING = Roles()


def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    wall: Clock | None = None,
    roles: Roles = EVERYTHING,
    flood: FloodGuard | None = None,
) -> "Application":
    """The application of these settings; nothing is opened yet.

    `clock` is the domain's time, `wall` that of leases and back-off; unless given, both go by `models.shared_clock`.
    `flood` counts the machine's seconds always: whoever lets weeks pass in seconds gives one that lets more in.
    """
    usual = SharedClock()
    return Application(settings, clock or usual, wall or usual, roles, flood or FloodGuard())


class Application:
    """Everything, wired. `start` and `stop` once each; `run` does both around a signal."""

    def __init__(self, settings: Settings, clock: Clock, wall: Clock, roles: Roles, flood: FloodGuard) -> None:
        self.settings = settings
        self._flood = flood
        self._roles = roles
        vault = Vault(parse_keys(settings.cadence_keys.get_secret_value()))
        self.db = Database(settings.database_url.get_secret_value(), clock, vault, wall)
        homes.watch(self.db)
        self.due = DueQueue(self.db, STEPS, _observe)
        self._line = Line(settings.slack_api_url)
        self._pulse = Pulse(self.db, settings.heartbeat_url)
        self.engine = Engine(self._jobs())
        self.health = Health(self.db, lambda: self.engine.silent_for)
        self.http_url = ""
        """Where the web server listens, once started."""
        self._wall = wall
        self._is_stopped = False
        self._is_present = False
        self._process_id = str(new_id())
        self._dispatcher: Dispatcher | None = None
        self._rounds: Rounds | None = None
        self._socket: SocketIntake | None = None
        self._server: web.AppRunner | None = None
        self._served: Served | None = None

    @property
    def dispatcher(self) -> Dispatcher:
        """What sends the messages. There from the start on."""
        assert self._dispatcher is not None, "not started"  # noqa: S101 (a mistake of the caller's)
        return self._dispatcher

    async def start(self, *, with_jobs: bool = True) -> None:
        """Schema, keys, `auth.test`, jobs, intake, in this order.

        Raises SchemaError, VaultError, SlackFailure or OSError.

        Without jobs nothing happens by itself: the caller runs `due` and `dispatcher`, as tests do that move time.
        """
        await self.ask_time()
        await self.db.work(prepare, self.db)
        served = self._served = await open_served(self.settings, self.db, self._line, self._wall)
        self._dispatcher = Dispatcher(
            self.db, served.tenants.door, messages.render, self._wall, workspace_id=served.only
        )
        self._rounds = Rounds(self.db, served.tenants, self._wall, served.only)
        await self.renew()
        self.health.is_refused = lambda: self.dispatcher.is_refused
        if with_jobs:
            await self._say_present()
            self.db.after_commit.append(self.engine.wake)
            self.engine.start()
        bolt = bolt_app(self.db, served.tenants, self._wall, self.settings.slack_api_url, self._flood)
        await self._open_intake(bolt)
        self.health.is_serving = True
        _log.info("started", workspace=served.only or "all", mode="socket" if self._socket else "http")

    async def stop(self) -> None:
        """Stop intake, finish what has come in, let the last messages go, stop the jobs, close.

        Safe at any point, and more than once.
        """
        if self._is_stopped:
            return
        self._is_stopped, self.health.is_serving = True, False
        if self._socket is not None:
            await self._socket.stop()
        if self._server is not None:
            await self._server.cleanup()
        if self._dispatcher is not None:
            if self._roles.delivers:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._dispatcher.drain(), _LAST_SECONDS)
            await self._dispatcher.stop()
        await self.engine.stop()
        await self._say_gone()
        await self._line.close()
        await asyncio.to_thread(self.db.close)
        _log.info("stopped")

    async def run(self) -> None:
        """Start, serve until SIGINT or SIGTERM, stop."""
        logs.configure(self.settings.log_format, self.settings.log_level)
        asked = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, asked.set)
        try:
            await self.start()
            pauses.shorten()
            await asked.wait()
        finally:
            await self.stop()

    def _jobs(self) -> tuple[Job, ...]:
        sure = self._when_sure_of_time
        jobs = [
            Job("clock", EVERY_SECONDS, self.ask_time),
            Job("present", marks.PRESENT_EVERY.total_seconds(), self._say_present),
            Job("renew", RENEW_SECONDS, sure(self.renew)),
        ]
        if self._roles.advances:
            jobs.append(Job("advance", ADVANCE_SECONDS, sure(partial(self.db.work, self.due.run))))
            jobs.append(Job("audit", AUDIT_SECONDS, self._pulse.look))
            jobs.append(Job("erase", ERASE_SECONDS, sure(self.erase)))
            jobs.append(Job("tidy", TIDY_SECONDS, sure(self.tidy)))
            jobs.append(Job("statistics", statistics.EVERY_SECONDS, partial(self.db.work, statistics.take, self.db)))
        if self._roles.delivers:
            jobs.append(Job("look", LOOK_SECONDS, sure(self.look_around)))
            jobs.append(Job("deliver", DELIVER_SECONDS, sure(self._deliver), on_wake=True))
        return tuple(jobs)

    def _when_sure_of_time(self, doing: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[None]]:
        """A machine that starts in another year, before its network is there, would close, put off and erase by it."""

        async def do() -> None:
            if not isinstance(self.db.clock, SharedClock) or self.db.clock.is_judged:
                await doing()

        return do

    async def figures(self) -> bytes:
        """All metrics, in Prometheus' text form."""
        found = await self.db.look(SYSTEM, metrics.stored)
        return metrics.exposition(found, SystemClock().now().timestamp() - self.engine.silent_for)

    async def _deliver(self) -> None:
        await self.dispatcher.keep_up()

    async def ask_time(self) -> None:
        """Put the clock right, where it is not one that somebody moves. Slack's is asked where that one is in doubt."""
        if isinstance(self._wall, SharedClock) and await self.db.work(self._wall.ask, self.db):
            try:
                self._wall.judge(await self._line.time())
            except SlackFailure:
                self._wall.go_on()

    async def renew(self) -> None:
        """Renew the tokens that expire before long."""
        if self._served is not None and self._served.renewal is not None:
            await self._served.renewal.run()

    async def look_around(self) -> int:
        """Look at the channels and people whose nightly look is wanted. How many turns were taken."""
        return await self._rounds.run() if self._rounds is not None else 0

    async def erase(self) -> None:
        """Erase what is kept of workspaces from which the app was removed long enough ago."""
        for workspace_id in await self.db.look(SYSTEM, erasing.due):
            if await self.db.run(SYSTEM, erasing.erase, workspace_id):
                _log.warning("erased", workspace=workspace_id)

    async def tidy(self) -> int:
        """Remove what is older than it is kept; how many rows."""
        return await tidying.tidy(self.db, self.settings, lambda: self._is_stopped)

    async def _say_present(self) -> None:
        self._is_present = True
        await self.db.run(SYSTEM, keys.say_present, self.db.vault, self._process_id)

    async def _say_gone(self) -> None:
        if self._is_present:
            with suppress(SQLAlchemyError):
                await self.db.run(SYSTEM, marks.leave, self._process_id)

    async def _open_intake(self, bolt: AsyncApp) -> None:
        door = None
        if not self.settings.uses_socket and self._roles.takes_requests:
            # Freshness of a signature is about real time, whatever the other clocks show.
            verifier = Verifier(self.settings.signing_secrets, SystemClock())
            door = SlackDoor(bolt, verifier, ReplayMemory())
        self._server = web.AppRunner(
            web_app(
                live=self.health.live,
                ready=self.health.ready,
                slack=door,
                install=self._served.install if self._served else None,
                figures=self.figures,
                metrics_token=self.settings.metrics_token.get_secret_value() if self.settings.metrics_token else "",
            ),
            access_log=None,
            shutdown_timeout=_FINISH_SECONDS,
        )
        await self._server.setup()
        await web.TCPSite(self._server, self.settings.http_host, self.settings.http_port).start()
        host, port = self._server.addresses[0][:2]
        self.http_url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        if self._roles.takes_requests and self.settings.uses_socket and self.settings.slack_app_token:
            self._socket = SocketIntake(bolt, self.settings.slack_app_token.get_secret_value())
            self.health.socket = self._socket.is_connected
            await self._socket.start()


def _observe(step: str, is_done: bool, late: Sequence[float]) -> None:
    metrics.STEPS.labels(step, "done" if is_done else "failed").inc(len(late))
    for seconds in late:
        metrics.LATENESS.observe(seconds)


def prepare(db: Database) -> None:
    """The schema this code needs, and the keys proved: with wrong ones nothing is changed.

    Raises SchemaError or VaultError.
    """
    if schema.has(db, UpkeepMark.__tablename__):
        with db.read(SYSTEM) as tx:
            keys.prove(tx, db.vault)
    schema.upgrade(db)
    with db.transaction(SYSTEM) as tx:
        keys.enrol(tx, db.vault)
        delivery.end_overlong(tx, tx.wall)
    statistics.take(db)


def _is_of_use(record: logging.LogRecord) -> bool:
    """Bolt finds the token in the environment by itself, and would warn at each start that it leaves it alone."""
    return record.msg != warning_client_prioritized_and_token_skipped()


def bolt_app(db: Database, tenants: Tenants, wall: Clock, api_url: str, flood: FloodGuard) -> AsyncApp:
    """Bolt with our identity, errors and listeners. It holds no bot token and makes no calls of its own."""
    quiet = logging.getLogger("slack_bolt")
    quiet.setLevel(max(quiet.level, logging.WARNING))  # below that it writes down bodies
    quiet.addFilter(_is_of_use)
    app = AsyncApp(
        name="cadence",
        logger=quiet,
        client=AsyncWebClient(base_url=api_url, retry_handlers=[]),
        authorize=NoToken(),
        process_before_response=True,
        request_verification_enabled=False,  # `bot.verifier` stands before every route
        attaching_function_token_enabled=False,
    )
    app.middleware(identify(db, tenants, wall, flood))
    app.error(on_error())
    listeners.register_all(app)
    return app

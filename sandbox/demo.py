"""`cadence demo`: the sandbox and the bot in one process, with an example engagement, on a clock that can be moved.

The bot is the same application that `cadence run` starts; only its Slack address and its clock are others.
"""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as wall_time
from pathlib import Path

import click
from pydantic import SecretStr

from bot import logs
from bot.app import Application, build
from bot.settings import LogFormat, LogLevel, Settings
from models import schema
from models.access import SYSTEM
from models.calendars.holidays import holiday_name
from models.clock import SystemClock
from models.setup import service as setup
from models.setup.file import EngagementFile
from models.setup.reading import read
from models.vault import new_key
from sandbox import manifest, store
from sandbox.clock import AdjustableClock
from sandbox.clock_control import Control
from sandbox.limits import Limits
from sandbox.seed import APP_TOKEN, BOT_TOKEN, HOME, example_world
from sandbox.server import SandboxServer
from scheduler.agenda import agenda

EXAMPLE = Path(__file__).parent.parent / "examples" / "northwind-brightlane.yaml"
MANIFEST = Path(__file__).parent.parent / "manifest.yaml"
_FIRST_MORNING = wall_time(3, 55, tzinfo=UTC)
"""Five minutes before the provider's stand-up opens in Kolkata."""
FRIDAY = 4
_LOOK_SECONDS = 0.5


@click.command()
@click.option("--port", default=8420, show_default=True, help="Port of the page; 0 takes any free one.")
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Address to listen on. The sandbox has no passwords."
)
@click.option("--folder", default=".demo", show_default=True, type=click.Path(path_type=Path), help="Where it is kept.")
@click.option("--fresh", is_flag=True, help="Throw away what an earlier demo kept, and begin anew.")
@click.option("--verbose", is_flag=True, help="Show the bot's log.")
def demo(port: int, host: str, folder: Path, fresh: bool, verbose: bool) -> None:
    """Try it without Slack: a workspace on this machine, the bot in it, a company and its provider.

    Opens nothing by itself: it prints an address. Ctrl-C stops it, and the next start goes on where it was.
    """
    if fresh and folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    logs.configure(LogFormat.CONSOLE, LogLevel.INFO if verbose else LogLevel.ERROR)
    asyncio.run(_serve(Demo(folder), host, port))


@dataclass(frozen=True, slots=True)
class Demo:
    """What a demo keeps in its folder."""

    folder: Path

    @property
    def workspace(self) -> Path:
        """The sandbox's own memory."""
        return self.folder / "workspace.json"

    def key(self) -> str:
        """The key that seals text; made at the first start."""
        path = self.folder / "key"
        if not path.exists():
            path.write_text(f"demo:{new_key()}")
            path.chmod(0o600)
        return path.read_text()

    def clock(self, file: EngagementFile) -> AdjustableClock:
        """The clock as it stood when the demo was stopped; at first, the morning of the next working day."""
        path = self.folder / "clock.json"
        if not path.exists():
            return AdjustableClock(_first_morning(SystemClock().now(), file))
        kept = json.loads(path.read_text())
        return AdjustableClock(datetime.fromisoformat(kept["now"]), speed=kept["speed"], paused=kept["paused"])

    def keep(self, clock: AdjustableClock) -> None:
        """Write down how the clock stands."""
        kept = {"now": clock.now().isoformat(), "speed": clock.speed, "paused": clock.paused}
        (self.folder / "clock.json").write_text(json.dumps(kept))


def _first_morning(now: datetime, file: EngagementFile) -> datetime:
    """03:55 UTC of the first day from today on which both sides work."""
    day = now.date()
    while day.weekday() > FRIDAY or any(holiday_name(calendar, day) for calendar in file.holidays.values()):
        day += timedelta(days=1)
    return datetime.combine(day, _FIRST_MORNING)


async def _serve(kept: Demo, host: str, port: int) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    file = read(EXAMPLE.read_bytes(), EXAMPLE.name)
    clock = kept.clock(file)
    limits = Limits(time.monotonic)
    resumed = kept.workspace.exists()
    workspace = (
        store.load(kept.workspace, clock=clock, limits=limits) if resumed else example_world(clock, limits=limits)
    )
    manifest.install(workspace.app, MANIFEST)
    coming = Coming()
    server = SandboxServer(workspace, save_to=kept.workspace, clock_control=Control(clock, lambda: coming.item))
    await _listen(server, host, port)
    app = build(_settings(kept, server), clock=clock)
    try:
        await _begin(app, file)
        clock.on_change.append(app.engine.wake)
        await coming.look(app)
        watching = asyncio.create_task(coming.watch(app, kept, clock))
        _greet(server, resumed=resumed)
        await stop.wait()
        click.echo("\nStopping …")
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching
    finally:
        await app.stop()
        await server.stop()
        kept.keep(clock)
    click.echo("Stopped. `make demo` goes on from here; `make demo ARGS=--fresh` begins anew.")


async def _listen(server: SandboxServer, host: str, port: int) -> None:
    try:
        await server.start(host, port)
    except OSError as error:
        raise click.ClickException(
            f"The address {host}:{port} cannot be used ({os.strerror(error.errno or 0)}). Is another demo running? "
            "`--port 0` takes any free port."
        ) from error


def _settings(kept: Demo, server: SandboxServer) -> Settings:
    return Settings(
        slack_bot_token=SecretStr(BOT_TOKEN),
        slack_app_token=SecretStr(APP_TOKEN),
        slack_api_url=server.api_url,
        database_url=SecretStr(f"sqlite:///{kept.folder / 'cadence.db'}"),
        cadence_keys=SecretStr(kept.key()),
        http_port=0,
    )


async def _begin(app: Application, file: EngagementFile) -> None:
    """Schema, the example engagement, the application. Applying the same file again changes nothing."""
    await app.db.work(schema.upgrade, app.db)
    await app.db.run(SYSTEM, setup.apply, HOME, file)
    await app.start()
    await app.db.work(app.due.run)


class Coming:
    """What happens next, looked up beside the event loop so that the page's clock can always show it."""

    def __init__(self) -> None:
        self.item: tuple[datetime, str] | None = None

    async def watch(self, app: Application, kept: Demo, clock: AdjustableClock) -> None:
        """Keep looking until cancelled."""
        while True:
            if await self.look(app):
                kept.keep(clock)
                for changed in clock.on_change:
                    changed()
            await asyncio.sleep(_LOOK_SECONDS)

    async def look(self, app: Application) -> bool:
        """Look once; whether something else comes next than before."""
        items = await asyncio.to_thread(agenda, app.db, app.due, 1)
        before, self.item = self.item, (items[0].at, items[0].what) if items else None
        return self.item != before


def _greet(server: SandboxServer, *, resumed: bool) -> None:
    click.echo(
        f"\n  Vendor Cadence is running{' again' if resumed else ''}.\n\n"
        f"  Open   {server.base_url}/\n\n"
        "  Press “Go to the next event” until the stand-up opens, then act as Vera of Brightlane and answer.\n"
        "  Ctrl-C stops it.\n"
    )

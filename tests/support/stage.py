"""The whole application on the sandbox, in one process, on a clock that hops: what journeys are played on.

People act as they would in Slack (`stage.person("vera").clicks(...)`); `stage.until(...)` lets time pass from due time
to due time, advancing and delivering; `stage.transcript` reads like what happened in the channel.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from pydantic import SecretStr
from sqlmodel import select

from bot.app import Application, build
from bot.settings import Mode, Settings
from bot.verifier import FloodGuard
from models.access import SYSTEM
from models.base import Row
from models.clock import ManualClock
from models.db import Database
from models.setup import service as setup
from models.setup.reading import read
from sandbox import channels, manifest, people
from sandbox.limits import Limits
from sandbox.person import Person
from sandbox.seed import APP_TOKEN, BOT_TOKEN, HOME, INHOUSE, SHARED, SIGNING_SECRET, example_world
from sandbox.server import SandboxServer
from tests.support.engines import prepared
from tests.support.transcript import Transcript

Json = dict[str, Any]
RowT = TypeVar("RowT", bound=Row)

EXAMPLE = Path("examples/northwind-brightlane.yaml")
MANIFEST = Path("manifest.yaml")
KEYS = "test:a2V5LWZvci10ZXN0cy1vbmx5LTMyLWJ5dGVzLWxvbmc="
_ROUNDS = 200
_EAGER = 10_000
"""Requests of one person in ten real seconds, in which weeks may pass here."""
_LONG = 120.0
"""Seconds that nothing takes on any machine."""
AT_ONCE = timedelta(seconds=10)
"""What the dispatcher waits for so briefly (one message a second a channel) belongs to the present moment."""


class Stage:
    """The sandbox, the application and the clock."""

    def __init__(
        self, sandbox: SandboxServer, settings: Settings, clock: ManualClock, fit: Callable[[Database], None] = prepared
    ) -> None:
        self.sandbox = sandbox
        self.clock = clock
        self.settles_within = 20.0
        """Seconds after which something is not going to be acknowledged any more."""
        self.told = Transcript(sandbox.workspace, clock, "Europe/Paris")
        self._settings = settings
        self._fit = fit
        self.app = self._built()

    @property
    def transcript(self) -> list[str]:
        """What happened so far, a line each."""
        return self.told.lines

    def _built(self) -> Application:
        app = build(self._settings, clock=self.clock, wall=self.clock, flood=FloodGuard(burst=_EAGER))
        self._fit(app.db)
        return app

    # -- the application ----------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Start the application, on the same database and sandbox as before."""
        await self.app.start(with_jobs=False)
        if self.sandbox.http is not None:
            self.sandbox.http.request_url = f"{self.app.http_url}/slack/events"

    async def stop(self) -> None:
        """Stop the application; `restart` builds the next one. Slack's events wait meanwhile."""
        if self.sandbox.http is not None:
            self.sandbox.http.request_url = ""
        await self.app.stop()

    async def restart(self) -> None:
        """A new application object on the same database and sandbox."""
        await self.stop()
        self.app = self._built()
        await self.start()

    async def apply(self, yaml: str | bytes) -> None:
        """Apply an engagement file, as `cadence engagement apply` does."""
        data = yaml.encode() if isinstance(yaml, str) else yaml
        await self.app.db.run(SYSTEM, setup.apply, HOME, read(data, "engagement.yaml"))

    def rows(self, table: type[RowT]) -> Sequence[RowT]:
        """All rows of a table, in the order they were written."""
        with self.app.db.read(SYSTEM) as tx:
            return tx.session.exec(select(table).order_by(table.id)).all()  # type: ignore[arg-type]

    def unsealed(self, row: Row, column: str) -> str:
        """The plain text of a sealed column."""
        with self.app.db.read(SYSTEM) as tx:
            return tx.unseal(row, column)

    # -- looking ------------------------------------------------------------------------------------------------

    def person(self, name: str) -> Person:
        """Somebody by first name, or by user id."""
        return self.sandbox.person(name if name.startswith("U0") else f"U0{name.upper()}")

    def channel(self, channel: str = SHARED) -> list[Json]:
        """What stands in a channel, thread replies included."""
        found = self.sandbox.workspace.channel(channel).messages.values()
        return [{**message, "channel": channel} for message in found]

    def board(self, title: str = "", channel: str = SHARED) -> Json:
        """The newest message of the bot at the top level of a channel whose text begins with `title`."""
        return self.boards(title, channel)[-1]

    def boards(self, title: str = "", channel: str = SHARED) -> list[Json]:
        """All of them, the newest last."""
        ours = [item for item in self.channel(channel) if item.get("bot_id") and item["text"].startswith(title)]
        return [item for item in ours if item.get("thread_ts", item["ts"]) == item["ts"]]

    def thread(self, parent: Json) -> list[Json]:
        """The replies to a message."""
        return [item for item in self.channel(parent["channel"]) if item.get("thread_ts") == parent["ts"] != item["ts"]]

    def card(self, words: str, channel: str = SHARED) -> Json:
        """The newest blocker's card with these words on it."""
        cards = [item for item in self.channel(channel) if item.get("bot_id") and ". B-" in item["text"][:40]]
        return next(item for item in reversed(cards) if words in shown_in(item))

    def whispers(self, name: str) -> list[str]:
        """What the bot has told a person alone, in place."""
        found = self.sandbox.workspace.ephemerals.get(self.person(name).id, [])
        return [str(item["text"]) for item in found]

    def directs(self, name: str) -> list[str]:
        """What the bot has written to a person directly, as it stands now."""
        return [str(item["text"]) for item in self.person(name).direct_messages() if item.get("bot_id")]

    # -- time ---------------------------------------------------------------------------------------------------

    async def settle(self) -> datetime | None:
        """Let everything that is due now, and everything that is to be said now, happen; when there will be more."""
        may_look = True
        for _ in range(_ROUNDS):
            await self.sandbox.settled(self.settles_within)
            now = self.clock.now()
            due = await self.app.db.work(self.app.due.next_due)
            if due is not None and due <= now:
                await self.app.db.work(self.app.due.run)
                may_look = True  # a nightly look is wanted by the due queue alone
            if may_look:
                may_look = await self.app.look_around() > 0
            drained = await self.app.dispatcher.catch_up()
            if drained.wake is not None and drained.wake <= now + AT_ONCE:
                self.clock.set(max(drained.wake, now))
            elif not drained.tried and (due is None or due > now):
                return min((moment for moment in (due, drained.wake) if moment), default=None)
        raise AssertionError("The stage does not come to rest.")

    async def until(self, moment: datetime) -> None:
        """Let time pass, from due time to due time, up to `moment` (aware)."""
        coming = await self.settle()
        while coming is not None and coming <= moment:
            self.clock.set(max(coming, self.clock.now()))
            coming = await self.settle()
        self.clock.set(max(moment, self.clock.now()))
        await self.settle()

    # -- acting -------------------------------------------------------------------------------------------------

    async def answers(self, name: str, place: Json | None = None, **values: Any) -> None:
        """Press Answer on the board (or in `place`), fill in the form and send it: see `fills`."""
        someone = self.person(name)
        await someone.clicks(place or self.board(), "checkin.answer.open")
        await self.fills(name, values)

    async def fills(self, name: str, values: dict[str, Any]) -> None:
        """Fill in the open form and send it. Fields by their question's id, `blocked__what` for a part of one.

        `still` answers "still blocked?" for every blocker the form asks about, `became` what became of every promise.
        """
        someone = self.person(name)
        still, became = values.pop("still", None), values.pop("became", None)
        given = {f"answer.{key.replace('__', '.')}": value for key, value in values.items()}
        fields = [str(block["block_id"]) for block in someone.open_views[-1]["blocks"]]
        given |= {block_id: still for block_id in fields if still and block_id.startswith("still.")}
        given |= {block_id: became for block_id in fields if became and block_id.endswith(".verdict")}
        if given.get("answer.blocked") == "yes":
            await someone.chooses(someone.open_views[-1], "answer.blocked", "yes")
        errors = await someone.submits(someone.open_views[-1], given)
        assert not errors, errors
        await self.settle()

    async def replies(self, name: str, text: str, parent: Json | None = None) -> Json:
        """Write into the thread of the board (or of `parent`)."""
        under = parent or self.board()
        said = await self.person(name).posts(under["channel"], text, thread_ts=under["ts"])
        await self.settle()
        return said

    async def writes(self, name: str, text: str) -> Json:
        """Write to the bot directly."""
        someone = self.person(name)
        channel = direct_with(self.sandbox, someone.id)
        said = await someone.posts(channel, text)
        await self.settle()
        return said

    async def mentions(self, name: str, text: str, parent: Json | None = None, channel: str = SHARED) -> Json:
        """Mention the bot, in the channel or in a thread."""
        words = f"<@{self.sandbox.workspace.app.bot_user_id}> {text}"
        said = await self.person(name).posts(channel, words, thread_ts=parent["ts"] if parent else None)
        await self.settle()
        return said

    async def invites(self, name: str, channel: str) -> None:
        """Bring the bot into a channel (again)."""
        bot = self.sandbox.workspace.app.bot_user_id
        channels.leave(self.sandbox.workspace, channel, bot)
        channels.join(self.sandbox.workspace, channel, bot, self.person(name).id)
        await self.settle()

    async def commands(self, name: str, line: str, channel: str | None = SHARED) -> str:
        """Type a slash command and read the answer."""
        said = await self.person(name).commands(line, channel)
        await self.settle()
        return said


def shown_in(message: Json) -> str:
    """Every text of a message: the plain one and those of its blocks."""
    return f"{message.get('text', '')}\n{message.get('blocks', '')}"


def direct_with(sandbox: SandboxServer, user_id: str) -> str:
    """The id of the direct message of a person with the bot."""
    return people.open_direct(sandbox.workspace, sandbox.workspace.user(user_id)).id


@asynccontextmanager
async def stage(
    database_url: str,
    start: datetime,
    *,
    engagement: Path | str | None = EXAMPLE,
    http: bool = False,
    limits: bool = False,
    patient: bool = False,
    fit: Callable[[Database], None] = prepared,
) -> AsyncIterator[Stage]:
    """A stage at `start`, with the example engagement (or another file's path, or YAML) applied.

    `http` delivers by signed HTTP instead of Socket Mode. `patient` waits for acknowledgements on a busy machine too,
    and lets triggers expire by the stage's clock: no second of the real time counts. `fit` is done to the database of
    each application before its start.
    """
    clock = ManualClock(start)
    by_clock = {"monotonic": lambda: clock.now().timestamp()} if patient else {}
    workspace = example_world(clock, limits=Limits(lambda: clock.now().timestamp(), enabled=limits), **by_clock)
    manifest.install(workspace.app, MANIFEST)
    address = "http://127.0.0.1:1/slack/events" if http else ""
    waits: dict[str, Any] = {"ack_seconds": _LONG, "retry_seconds": (0.0,) * 5} if patient else {}
    sandbox = SandboxServer(workspace, request_url=address, **waits)
    await sandbox.start()
    settings = Settings(
        slack_bot_token=SecretStr(BOT_TOKEN),
        slack_app_token=SecretStr(APP_TOKEN),
        slack_signing_secret=SecretStr(SIGNING_SECRET),
        slack_mode=Mode.HTTP if http else Mode.SOCKET,
        slack_api_url=sandbox.api_url,
        database_url=SecretStr(database_url),
        cadence_keys=SecretStr(KEYS),
        http_port=0,
    )
    play = Stage(sandbox, settings, clock, fit)
    play.settles_within = _LONG if patient else play.settles_within
    try:
        await play.start()
        if engagement is not None:
            await play.apply(engagement.read_bytes() if isinstance(engagement, Path) else engagement)
        yield play
    finally:
        await play.stop()
        await sandbox.stop()


__all__ = ["EXAMPLE", "HOME", "INHOUSE", "SHARED", "Stage", "stage"]

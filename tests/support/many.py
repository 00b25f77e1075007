"""The application serving many workspaces of one sandbox, which install it through the browser."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import aiohttp
from pydantic import SecretStr

from bot.app import Application, build
from bot.settings import Mode, Settings
from models.access import SYSTEM
from models.clock import Clock, ManualClock
from models.setup import service as setup
from models.setup.reading import read
from sandbox import manifest
from sandbox.limits import Limits
from sandbox.person import Person
from sandbox.seed import SIGNING_SECRET, example_world
from sandbox.server import SandboxServer
from sandbox.workspace import Workspace
from tests.support.stage import EXAMPLE, KEYS, MANIFEST, Json

PUBLIC = "http://127.0.0.1"
_AT_ONCE = timedelta(seconds=10)
FIRST, SECOND = "T0NORTHWIND", "T0SOUTHWIND"


@dataclass
class Browser:
    """Somebody's browser: it keeps the cookie of the app."""

    app_url: str
    cookies: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str) -> tuple[int, str]:
        """A page of the app: status and text."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        async with (
            aiohttp.ClientSession() as session,
            session.get(self.app_url + path, headers={"Cookie": cookie} if cookie else {}) as answer,
        ):
            for name, morsel in answer.cookies.items():
                self.cookies[name] = morsel.value
            return answer.status, await answer.text()

    async def begin(self) -> str:
        """Open the install page; the address of Slack's page behind its button."""
        _, page = await self.get("/slack/install")
        return page.split('<a href="')[1].split('"')[0].replace("&amp;", "&")

    async def allow(self, slack_page: str, team_id: str) -> str:
        """Press Allow (or Cancel with "") at Slack; the path to which Slack sends the browser back."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(slack_page).query).items()}
        async with aiohttp.ClientSession() as session:
            async with session.get(slack_page) as shown:
                assert shown.status == 200, await shown.text()
            form = {name: query.get(name, "") for name in ("client_id", "redirect_uri", "state")} | {"team": team_id}
            async with session.post(slack_page.split("?")[0], data=form, allow_redirects=False) as answer:
                back = urlsplit(answer.headers["Location"])
        return f"{back.path}?{back.query}"

    async def install(self, team_id: str) -> tuple[int, str]:
        """All of it; the last page."""
        return await self.get(await self.allow(await self.begin(), team_id))


@dataclass
class House:
    """The sandbox with its workspaces, the application and the clock."""

    sandbox: SandboxServer
    app: Application
    clock: ManualClock
    settings: Settings

    def workspace(self, team_id: str) -> Workspace:
        """A workspace of the sandbox."""
        return self.sandbox.installs.workspace(team_id)

    def person(self, name: str, team_id: str) -> Person:
        """Somebody of a workspace, by first name."""
        return self.sandbox.person(f"U0{name.upper()}", team_id)

    def browser(self) -> Browser:
        """A new browser."""
        return Browser(self.app.http_url)

    async def install(self, team_id: str) -> None:
        """Install the app and invite it where it belongs."""
        status, page = await self.browser().install(team_id)
        assert status == 200, page
        self.invite(team_id)

    def invite(self, team_id: str) -> None:
        """The bot joins the engagement's channels."""
        workspace = self.workspace(team_id)
        for channel in ("C0SHARED", "C0INHOUSE"):
            if workspace.app.bot_user_id not in workspace.channels[channel].members:
                workspace.channels[channel].members.append(workspace.app.bot_user_id)

    async def apply(self, tenant: str, text: str | None = None) -> None:
        """Apply the example engagement for a tenant."""
        data = (text or EXAMPLE.read_text()).replace(f"workspace: {FIRST}", f"workspace: {tenant}").encode()
        await self.app.db.run(SYSTEM, setup.apply, tenant, read(data, "engagement.yaml"))

    async def until(self, moment: datetime) -> None:
        """Let time pass, from due time to due time, up to `moment`."""
        coming = await self.settle()
        while coming is not None and coming <= moment:
            self.clock.set(max(coming, self.clock.now()))
            coming = await self.settle()
        self.clock.set(max(moment, self.clock.now()))
        await self.settle()

    async def settle(self) -> datetime | None:
        """Let everything that is due and to be said now happen; when there will be more."""
        for _ in range(400):
            await self.sandbox.settled()
            await self.app.renew()
            now = self.clock.now()
            steps = await self.app.db.work(self.app.due.run)
            wake = await self.app.dispatcher.next_wake()
            if wake is not None and wake <= now + _AT_ONCE:
                self.clock.set(max(wake, now))
                await self.app.dispatcher.drain()
            elif not steps:
                due = await self.app.db.work(self.app.due.next_due)
                return min((time for time in (due, wake) if time is not None), default=None)
        raise AssertionError("it does not come to rest")

    def board(self, tenant: str) -> Json:
        """The newest message of the bot at the top of the shared channel of a workspace."""
        messages = self.workspace(tenant).channels["C0SHARED"].messages.values()
        return next(
            {**one, "channel": "C0SHARED"}
            for one in reversed(messages)
            if one.get("bot_id") and one.get("thread_ts", one["ts"]) == one["ts"]
        )


def mirror(clock: Clock, team_id: str, name: str, *, has_limits: bool = False) -> Workspace:
    """The example world under another workspace id: every user, channel and bot id is the same."""
    workspace = example_world(clock, limits=Limits(lambda: clock.now().timestamp(), enabled=has_limits))
    manifest.install(workspace.app, MANIFEST)
    if team_id != FIRST:
        _rename(workspace, team_id, name)
    workspace.app.bot_token = f"xoxb-never-{team_id}"
    workspace.is_installed = False
    return workspace


def _rename(workspace: Workspace, team_id: str, name: str) -> None:
    old = workspace.home.id
    workspace.home.id, workspace.home.name = team_id, name
    workspace.teams[team_id] = workspace.teams.pop(old)
    for user in workspace.users.values():
        user.team_id = team_id if user.team_id == old else user.team_id
    for channel in workspace.channels.values():
        channel.shared_team_ids = [team_id if one == old else one for one in channel.shared_team_ids]


def settings_for(sandbox: SandboxServer, database_url: str) -> Settings:
    """Of an application that many workspaces of a sandbox install; the sandbox knows where it sends browsers back."""
    sandbox.installs.redirect_urls.append(f"{PUBLIC}/slack/oauth_redirect")
    return Settings(
        slack_bot_token=None,
        slack_signing_secret=SecretStr(SIGNING_SECRET),
        slack_mode=Mode.HTTP,
        slack_api_url=sandbox.api_url,
        slack_client_id=sandbox.installs.client_id,
        slack_client_secret=SecretStr(sandbox.installs.client_secret),
        public_url=PUBLIC,
        database_url=SecretStr(database_url),
        cadence_keys=SecretStr(KEYS),
        http_port=0,
    )


@asynccontextmanager
async def house(database_url: str, start: datetime, *, rotates: bool = False) -> AsyncIterator[House]:
    """Two workspaces with equal ids in all they hold, neither of which has the app yet."""
    clock = ManualClock(start)
    worlds = [mirror(clock, FIRST, "Northwind Retail"), mirror(clock, SECOND, "Southwind Retail")]
    for world in worlds:
        for channel in world.channels.values():
            channel.members = [one for one in channel.members if one != world.app.bot_user_id]
    sandbox = SandboxServer(
        worlds[0],
        request_url="http://127.0.0.1:1/slack/events",
        others=worlds[1:],
        rotates=rotates,
        ack_seconds=30.0,  # nothing here is about the three seconds of a loaded machine
    )
    await sandbox.start()
    settings = settings_for(sandbox, database_url)
    app = build(settings, clock=clock, wall=clock)
    try:
        await app.start(with_jobs=False)
        if sandbox.http is not None:
            sandbox.http.request_url = f"{app.http_url}/slack/events"
        yield House(sandbox, app, clock, settings)
    finally:
        await app.stop()
        await sandbox.stop()

"""Puts the workspace on the network: Web API, Socket Mode or signed HTTP, response URLs and the page."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from aiohttp import web

from sandbox import store
from sandbox.deliveries import RETRY_SECONDS, Deliveries
from sandbox.faults import Faults
from sandbox.http_delivery import HttpDelivery
from sandbox.install_page import InstallPage
from sandbox.installs import Installs
from sandbox.page import ClockControl, Page
from sandbox.person import Person
from sandbox.responses import Responses
from sandbox.socket_mode import SocketMode
from sandbox.web_api import Call, RequestHook, WebApi
from sandbox.workspace import Workspace

SAVE_EVERY_SECONDS = 2.0
MOST_BODY_BYTES = 64 * 1024 * 1024


class SandboxServer:
    """A Slack on this machine.

    `request_url` delivers by signed HTTP to that address instead of Socket Mode. `ack_seconds` and `retry_seconds`
    are Slack's three seconds and (0, 60, 300), settable for tests. `save_to` keeps the workspace in a file.
    `clock_control` is what the page's clock buttons move. `others` are more workspaces that the app can serve; with
    `rotates` the tokens of installations expire.
    """

    def __init__(
        self,
        workspace: Workspace,
        *,
        request_url: str = "",
        ack_seconds: float = 3.0,
        retry_seconds: tuple[float, ...] = RETRY_SECONDS,
        save_to: Path | None = None,
        clock_control: ClockControl | None = None,
        others: Sequence[Workspace] = (),
        rotates: bool = False,
    ) -> None:
        self.workspace = workspace
        self.installs = Installs((workspace, *others), rotates=rotates)
        self.faults = Faults()
        self.sockets = SocketMode(workspace, ack_seconds=ack_seconds)
        self.http = HttpDelivery(workspace, request_url, ack_seconds=ack_seconds) if request_url else None
        self.deliveries = Deliveries(workspace, self.http or self.sockets, retry_seconds=retry_seconds)
        self._others = [Deliveries(other, self.http or self.sockets, retry_seconds=retry_seconds) for other in others]
        self.web_api = WebApi(self.installs, self.faults, self.sockets.ticket_url)
        self.page = Page(workspace, self.deliveries, clock_control)
        self._responses = Responses(self.installs.workspaces)
        self._save_to = save_to
        self._saving: asyncio.Task[None] | None = None
        self._runner: web.AppRunner | None = None

    @property
    def base_url(self) -> str:
        """The address of the page, for example `http://127.0.0.1:8420`."""
        return self.workspace.base_url

    @property
    def api_url(self) -> str:
        """What to give a Slack client as `base_url`."""
        return f"{self.base_url}/api/"

    @property
    def calls(self) -> list[Call]:
        """Every call of the Web API so far, in order."""
        return self.web_api.calls

    @property
    def on_request(self) -> list[RequestHook]:
        """Hooks `(method, args, "before" | "after")` around the effect of each call; they may be async."""
        return self.web_api.on_request

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen. Port 0 takes a free one. Raises OSError if the address is taken."""
        app = web.Application(client_max_size=MOST_BODY_BYTES)
        for part in (self.web_api, self.sockets, self._responses, InstallPage(self.installs), self.page):
            app.add_routes(part.routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        name = f"[{host}]" if ":" in host else host
        for workspace in self.installs.workspaces:
            workspace.base_url = f"http://{name}:{self._runner.addresses[0][1]}"
        for deliveries in (self.deliveries, *self._others):
            deliveries.start()
        self.page.start()
        if self._save_to is not None:
            self._saving = asyncio.create_task(self._keep_saved(self._save_to))

    async def stop(self) -> None:
        """Hang up, save, and let go of the port."""
        if self._saving is not None and self._save_to is not None:
            self._saving.cancel()
            await asyncio.gather(self._saving, return_exceptions=True)
            store.save(self.workspace, self._save_to)
        await self.page.stop()
        for deliveries in (self.deliveries, *self._others):
            await deliveries.stop()
        self.web_api.stop()
        await self.sockets.stop()
        if self.http is not None:
            await self.http.stop()
        if self._runner is not None:
            await self._runner.cleanup()

    def person(self, user_id: str, team_id: str = "") -> Person:
        """Somebody to act as, in the first workspace or another. Raises SlackError `user_not_found`."""
        workspace = self.installs.workspace(team_id) if team_id else self.workspace
        number = self.installs.workspaces.index(workspace)
        return Person(workspace, (self.deliveries, *self._others)[number], user_id)

    async def settled(self, seconds: float = 5.0) -> None:
        """Wait until the app has acknowledged everything; raises TimeoutError after so many seconds."""
        for deliveries in (self.deliveries, *self._others):
            await deliveries.settled(seconds)

    async def _keep_saved(self, path: Path) -> None:
        changes = 0

        def count(_: object) -> None:
            nonlocal changes
            changes += 1

        self.workspace.on_change.append(count)
        saved = 0
        while True:
            await asyncio.sleep(SAVE_EVERY_SECONDS)
            if changes != saved:
                saved = changes
                text = store.dump(self.workspace)
                await asyncio.to_thread(store.write, text, path)

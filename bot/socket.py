"""Requests of Slack by Socket Mode: one WebSocket, watched, and closed only when everything is answered."""

import asyncio
import json
from time import monotonic
from typing import Any

import structlog
from aiohttp import WSMessage
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from bot import metrics
from bot.web import GARBLED

MOST_CONNECTIONS = 10
"""Slack's limit of open connections of one app."""

PING_SECONDS = 10.0
"""Between pings, and between tries to connect."""
_TRIES = 2.5
"""How often a ticket is tried, about: it is good only once and not for long."""
_GREETING_SECONDS = 10.0
_FINISH_SECONDS = 5.0
_log = structlog.get_logger(__name__)


class SocketIntake:
    """The Socket Mode connection of this process. `connections` is what Slack last said, our own included."""

    def __init__(self, bolt: AsyncApp, app_token: str, *, ping_seconds: float = PING_SECONDS) -> None:
        self.connections = 0
        self._greeted = asyncio.Event()
        self._handler = _Counting(bolt, app_token, ping_seconds)
        self._handler.client.on_message_listeners.append(self._watch)
        self._connecting: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connect, and return once Slack has greeted us; if it does not within seconds, go on trying meanwhile."""
        self._connecting = asyncio.create_task(self._handler.connect_async())  # type: ignore[no-untyped-call]
        try:
            await asyncio.wait_for(self._greeted.wait(), _GREETING_SECONDS)
        except TimeoutError:
            _log.warning("socket_not_connected", seconds=_GREETING_SECONDS)

    async def stop(self) -> None:
        """Let what has come in be answered, then close."""
        if self._handler.running:
            await asyncio.wait(self._handler.running, timeout=_FINISH_SECONDS)
        self._greeted.clear()
        if self._connecting is not None:
            self._connecting.cancel()
        await self._handler.close_async()  # type: ignore[no-untyped-call]

    async def is_connected(self) -> bool:
        """Whether the socket is open and answers pings."""
        return self._greeted.is_set() and bool(await self._handler.client.is_connected())

    async def _watch(self, message: WSMessage) -> None:
        frame = json.loads(message.data) if '"type"' in message.data[:200] else {}
        match frame.get("type"):
            case "hello":
                self.connections = int(frame.get("num_connections", 1))
                self._greeted.set()
                level = _log.warning if self.connections >= MOST_CONNECTIONS - 1 else _log.info
                level("socket_connected", connections=self.connections)
            case "disconnect":
                _log.info("socket_disconnect", reason=str(frame.get("reason", "")))
            case _:
                pass


class _FreshTickets(SocketModeClient):
    """Slack's client, which knocks for ever with the ticket it once got: after a few tries ours asks for another."""

    async def connect(self) -> None:
        """Connect, however long it takes; return at once when closed."""
        while not self.closed:
            try:
                async with asyncio.timeout(self.ping_interval * _TRIES):
                    await super().connect()  # type: ignore[no-untyped-call]
                    return
            except TimeoutError:
                self.wss_uri = None
                _log.warning("socket_not_connected", reason="old_ticket")


class _Counting(AsyncSocketModeHandler):
    """Bolt's handler that knows what it is working on; it also keeps the tasks from being collected."""

    def __init__(self, bolt: AsyncApp, app_token: str, ping_seconds: float) -> None:
        """As Bolt's own, but with our client."""
        self.running: set[asyncio.Task[Any]] = set()
        self.app, self.app_token = bolt, app_token
        self.client = _FreshTickets(app_token, bolt.logger, bolt.client, ping_interval=ping_seconds)
        self.client.socket_mode_request_listeners.append(self.handle)  # type: ignore[arg-type]

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]
        """Answer one envelope."""
        task = asyncio.current_task()
        if task is not None:
            self.running.add(task)
            task.add_done_callback(self.running.discard)
        begun, outcome = monotonic(), "failed"
        try:
            await super().handle(client, req)
            outcome = "ok"
        except GARBLED:  # delivered again it would be no better
            outcome = "refused"
            _log.warning("request_refused", reason="not_a_payload")
            await client.send_socket_mode_response(SocketModeResponse(envelope_id=req.envelope_id))
        finally:
            metrics.INBOUND.labels("socket", outcome).inc()
            metrics.ACK_SECONDS.observe(monotonic() - begun)

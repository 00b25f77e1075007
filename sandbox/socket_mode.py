"""Socket Mode: one-use tickets, up to ten sockets, each envelope to one of them, acknowledgements by envelope id."""

import asyncio
import json
import secrets
import uuid
from dataclasses import dataclass
from typing import Literal

from aiohttp import WSMsgType, web

from sandbox.deliveries import Ack, Envelope
from sandbox.state import Json
from sandbox.workspace import Workspace

MOST_SOCKETS = 10
Reason = Literal["warning", "refresh_requested", "link_disabled", "too_many_websockets"]


@dataclass(eq=False)
class Socket:
    """One connection of the app. A draining one is still open but gets nothing new."""

    number: int
    connection: web.WebSocketResponse
    draining: bool = False


class SocketMode:
    """The transport for apps that connect by WebSocket. `ack_seconds` is how long an acknowledgement may take now."""

    def __init__(self, ws: Workspace, *, ack_seconds: float = 3.0) -> None:
        self._ws = ws
        self.ack_seconds = ack_seconds
        self._tickets: set[str] = set()
        self._pending: dict[str, asyncio.Future[Json | None]] = {}
        self._available = asyncio.Event()
        self._turn = 0
        self._opened = 0
        self.sockets: list[Socket] = []

    def routes(self) -> list[web.RouteDef]:
        """What to add to a web application."""
        return [web.get("/link", self.handle), web.get("/link/", self.handle)]

    def ticket_url(self) -> str:
        """A WebSocket URL for one connection."""
        ticket = secrets.token_urlsafe(16)
        self._tickets.add(ticket)
        address = self._ws.base_url.replace("http", "ws", 1)
        return f"{address}/link/?ticket={ticket}&app_id={self._ws.app.id}"

    def expire(self) -> None:
        """Tickets that nobody has used yet are good no more, as they are not after a while."""
        self._tickets.clear()

    async def ready(self) -> None:
        """Wait until a socket is connected."""
        while not self.reachable():
            self._available.clear()
            await self._available.wait()

    def reachable(self) -> bool:
        """Whether a socket is connected."""
        return bool(self._receivers())

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One connection, from ticket to close."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=403, text="invalid ticket")
        self._tickets.discard(ticket)
        connection = web.WebSocketResponse(max_msg_size=0)
        await connection.prepare(request)
        if len(self.sockets) >= MOST_SOCKETS:
            await connection.send_json(_disconnect("too_many_websockets"))
            await connection.close()
            return connection
        self._opened += 1
        socket = Socket(self._opened, connection)
        self.sockets.append(socket)
        try:
            await connection.send_json(self._hello())
            self._available.set()
            await self._read(connection)
        finally:
            self.sockets.remove(socket)
        return connection

    async def send(self, kind: Envelope, payload: Json, *, attempt: int, reason: str) -> Ack:
        """Give an envelope to one socket and wait for its acknowledgement on any of them."""
        envelope_id = str(uuid.uuid4())
        envelope: Json = {"envelope_id": envelope_id, "type": kind, "payload": payload}
        envelope["accepts_response_payload"] = _takes_answer(kind, payload)
        if kind == "events_api":
            envelope |= {"retry_attempt": attempt, "retry_reason": reason}
        future: asyncio.Future[Json | None] = asyncio.get_running_loop().create_future()
        self._pending[envelope_id] = future
        try:
            if not await self._hand_over(envelope):
                return Ack(False, reason="connection_failed")
            return Ack(True, await asyncio.wait_for(future, self.ack_seconds))
        except TimeoutError:
            return Ack(False, reason="timeout")
        finally:
            del self._pending[envelope_id]

    async def disconnect(self, reason: Reason = "refresh_requested", index: int = 0) -> None:
        """Tell one connected app to come anew; it gets nothing more on this socket, which it is expected to close."""
        socket = self._receivers()[index]
        socket.draining = True
        await socket.connection.send_json(_disconnect(reason))

    async def drop(self, index: int = 0) -> None:
        """Break one connection without a word, as a network does."""
        socket = self._receivers()[index]
        socket.draining = True
        await socket.connection.close(code=1011)

    def give_up(self) -> None:
        """Wait for no acknowledgement any longer: whoever knows that the app is dead knows that none will come."""
        for future in self._pending.values():
            if not future.done():
                future.set_exception(TimeoutError())

    async def stop(self) -> None:
        """Close every connection."""
        for socket in list(self.sockets):
            await socket.connection.close(code=1001)

    def _receivers(self) -> list[Socket]:
        return [s for s in self.sockets if not s.draining and not s.connection.closed]

    async def _hand_over(self, envelope: Json) -> bool:
        for _ in range(len(self.sockets)):
            receivers = self._receivers()
            if not receivers:
                return False
            self._turn += 1
            socket = receivers[self._turn % len(receivers)]
            try:
                await socket.connection.send_json(envelope)
            except ConnectionError:
                socket.draining = True
                continue
            return True
        return False

    async def _read(self, connection: web.WebSocketResponse) -> None:
        async for frame in connection:
            if frame.type == WSMsgType.TEXT:
                self._acknowledge(frame.data)

    def _acknowledge(self, text: str) -> None:
        try:
            body = json.loads(text)
        except json.JSONDecodeError:
            return
        future = self._pending.get(body.get("envelope_id", "")) if isinstance(body, dict) else None
        if future is not None and not future.done():
            payload = body.get("payload")
            future.set_result(payload if isinstance(payload, dict) and payload else None)

    def _hello(self) -> Json:
        debug = {"host": "applink-sandbox", "build_number": 1, "approximate_connection_time": 18060}
        info = {"app_id": self._ws.app.id}
        return {"type": "hello", "num_connections": len(self.sockets), "connection_info": info, "debug_info": debug}


def _takes_answer(kind: Envelope, payload: Json) -> bool:
    return kind == "slash_commands" or payload.get("type") in ("view_submission", "block_suggestion", "block_actions")


def _disconnect(reason: Reason) -> Json:
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-sandbox"}}

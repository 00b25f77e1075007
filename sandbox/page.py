"""The browser page: its files, and one WebSocket per page over which a person sees and acts."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from aiohttp import WSMsgType, web

from sandbox import life, page_state, people
from sandbox.deliveries import Deliveries
from sandbox.errors import NotAnswered, Refused, SlackError
from sandbox.person import Person
from sandbox.state import Change, Json
from sandbox.workspace import Workspace

STATIC = Path(__file__).parent / "static"
_BROKEN = "Something went wrong. Please reload the page."


class ClockControl(Protocol):
    """What the page's clock shows and moves."""

    on_change: list[Callable[[], None]]

    def state(self) -> Json:
        """`{"now": ISO, "paused": bool, "speed": number, "next": {"at": ISO, "what": text} or None}`."""
        ...

    async def do(self, request: Json) -> None:
        """Carry out `{"op": "pause" | "resume" | "next" | "speed" | "advance", ...}`. Raises ValueError."""
        ...


@dataclass(eq=False)
class _Viewer:
    """One open page: who looks, and what is still to be sent."""

    person: Person
    outbox: asyncio.Queue[str]


class Page:
    """Serves the page and speaks its protocol."""

    def __init__(self, ws: Workspace, deliveries: Deliveries, clock_control: ClockControl | None) -> None:
        self._ws = ws
        self._deliveries = deliveries
        self._clock = clock_control
        self._viewers: list[_Viewer] = []
        self._connections: list[web.WebSocketResponse] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def routes(self) -> list[web.RouteDef | web.StaticDef]:
        """What to add to a web application."""
        return [
            web.get("/", self.index),
            web.get("/page/people", self.people),
            web.get("/page/socket", self.socket),
            web.static("/static", STATIC),
        ]

    def start(self) -> None:
        """Begin to hear of changes."""
        self._ws.on_change.append(self._on_change)
        if self._clock is not None:
            self._clock.on_change.append(self._on_clock)

    async def stop(self) -> None:
        """Close every page's socket."""
        self._ws.on_change.remove(self._on_change)
        if self._clock is not None:
            self._clock.on_change.remove(self._on_clock)
        for task in self._tasks:
            task.cancel()
        for connection in list(self._connections):
            await connection.close(code=1001)

    async def index(self, request: web.Request) -> web.StreamResponse:
        """The page itself."""
        return web.FileResponse(STATIC / "index.html", headers={"Cache-Control": "no-store"})

    async def people(self, request: web.Request) -> web.Response:
        """Everyone one can act as."""
        return web.json_response({"people": page_state.everyone(self._ws)})

    async def socket(self, request: web.Request) -> web.StreamResponse:
        """One page, from opening to closing."""
        user_id = request.query.get("as", "")
        if user_id not in self._ws.users or self._ws.users[user_id].is_bot:
            return web.json_response({"error": "user_not_found"}, status=404)
        if not _same_origin(request):
            return web.Response(status=403)
        connection = web.WebSocketResponse(heartbeat=30)
        await connection.prepare(request)
        viewer = _Viewer(Person(self._ws, self._deliveries, user_id), asyncio.Queue())
        _tell(viewer, page_state.whole(self._ws, viewer.person, self._clock.state() if self._clock else None))
        self._viewers.append(viewer)
        self._connections.append(connection)
        writer = asyncio.create_task(_write(viewer, connection))
        try:
            async for frame in connection:
                if frame.type == WSMsgType.TEXT:
                    self._spawn(self._handle(viewer, frame.data))
        finally:
            writer.cancel()
            self._viewers.remove(viewer)
            self._connections.remove(connection)
        return connection

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _handle(self, viewer: _Viewer, text: str) -> None:
        """Carry out one request; what is wrong becomes the `error` of its answer, or a toast if it wants no answer."""
        request: Json = {}
        problem = ""
        try:
            request = json.loads(text)
            await self._do(viewer, request)
        except (Refused, NotAnswered) as refusal:
            problem = str(refusal)
        except SlackError as error:
            problem = f"Slack said: {error.code}"
        except (AttributeError, KeyError, TypeError, ValueError):
            problem = _BROKEN
        if isinstance(request, dict) and "id" in request:
            _tell(viewer, {"type": "done", "id": request["id"], **({"error": problem} if problem else {})})
        elif problem:
            _tell(viewer, {"type": "toast", "level": "error", "text": problem})

    async def _do(self, viewer: _Viewer, request: Json) -> None:
        person, user, ws = viewer.person, viewer.person.user, self._ws
        match request:
            case {"do": "post", "channel": channel, "text": text}:
                thread_ts, broadcast = request.get("thread_ts"), bool(request.get("broadcast"))
                await person.posts(channel, text, thread_ts, broadcast=broadcast)
            case {"do": "edit", "channel": channel, "ts": ts, "text": text}:
                people.edit(ws, user, channel, ts, text)
            case {"do": "delete", "channel": channel, "ts": ts}:
                people.delete(ws, user, channel, ts)
            case {"do": "react", "channel": channel, "ts": ts, "name": name}:
                people.react(ws, user, channel, ts, name)
            case {"do": "command", "channel": channel, "text": text}:
                await self._command(viewer, channel, text)
            case {"do": "shortcut", "callback_id": callback_id}:
                await person.uses_shortcut(callback_id, _message_ref(request))
            case {"do": "action", "container": container, "action": action}:
                await self._action(person, container, action, request.get("state"))
            case {"do": "submit", "view_id": view_id, "state": {"values": values}}:
                await self._submit(viewer, view_id, values)
            case {"do": "close", "view_id": view_id}:
                await person.closes({"id": view_id}, clear=bool(request.get("clear")))
            case {"do": "open_home"}:
                people.open_home(ws, user)
            case {"do": "open_im"}:
                people.open_direct(ws, user)
            case {"do": "life", "what": _}:
                life.do(ws, user, request)
            case {"do": "clock"} if self._clock is not None:
                await self._clock.do(request)
            case _:
                raise ValueError("unknown request")

    async def _command(self, viewer: _Viewer, channel: str, text: str) -> None:
        command = text.strip().partition(" ")[0]
        if not people.allowed_command(self._ws, viewer.person.user, command):
            raise Refused(people.no_such_command(command))
        await viewer.person.commands(text, channel)

    async def _action(self, person: Person, container: Json, action: Json, state: Json | None) -> None:
        values = (state or {}).get("values")
        if container["type"] == "view":
            view = person.own_view(container["view_id"])
            await person.acts(view, _complete(view, action), values)
            return
        _, message = people.message_for(self._ws, person.user, container["channel"], container["ts"])
        place = {**message, "channel": container["channel"]}
        await person.acts(place, _complete(place, action), values)

    async def _submit(self, viewer: _Viewer, view_id: str, values: Json) -> None:
        errors = await viewer.person.submits_state({"id": view_id}, values)
        if errors:
            _tell(viewer, {"type": "view_errors", "view_id": view_id, "errors": errors})

    def _on_change(self, change: Change) -> None:
        for viewer in self._viewers:
            told = page_state.told(self._ws, viewer.person, change)
            if told is not None:
                _tell(viewer, told)

    def _on_clock(self) -> None:
        if self._clock is not None:
            for viewer in self._viewers:
                _tell(viewer, {"type": "clock", "clock": self._clock.state()})


def _complete(place: Json, action: Json) -> Json:
    """The element's own fields come from the workspace; what was chosen comes from the page."""
    chosen = {k: v for k, v in action.items() if k.startswith("selected_") or k in ("rich_text_value", "files")}
    if str(action.get("type", "")).endswith("_input"):
        chosen["value"] = action.get("value")
    return people.action_on(place.get("blocks", []), action["action_id"], action.get("block_id", ""), chosen)


def _message_ref(request: Json) -> Json | None:
    return {"channel": request["channel"], "ts": request["ts"]} if request.get("ts") else None


def _same_origin(request: web.Request) -> bool:
    """Refuse sockets that another web site's page opens in the same browser."""
    origin = request.headers.get("Origin", "")
    return not origin or origin.partition("://")[2] == request.host


def _tell(viewer: _Viewer, message: Json) -> None:
    viewer.outbox.put_nowait(json.dumps(message))


async def _write(viewer: _Viewer, connection: web.WebSocketResponse) -> None:
    while True:
        text = await viewer.outbox.get()
        try:
            await connection.send_str(text)
        except ConnectionError:
            return

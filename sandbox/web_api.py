"""The Web API over HTTP: tokens, arguments, limits, faults and the record of every call."""

import asyncio
import inspect
import json
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from aiohttp import BasicAuth, web

from sandbox.channels import find_direct
from sandbox.errors import RateLimited, SlackError
from sandbox.faults import Fault, Faults, Kind
from sandbox.installs import Installs
from sandbox.methods import METHODS
from sandbox.methods.context import Context, Method
from sandbox.state import Json
from sandbox.workspace import Workspace

When = Literal["before", "after"]
RequestHook = Callable[[str, Json, When], Awaitable[None] | None]

_HTML = "<html><body><h1>Something went wrong</h1></body></html>"
_STATUS = {Kind.HTTP_500: 500, Kind.HTTP_502: 502, Kind.HTTP_503: 503}


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the Web API as it was: what was asked, what was answered, which fault it met.

    `result` is what Slack did, even if a fault kept the caller from hearing it; None if nothing was done.
    """

    number: int
    method: str
    args: Json
    result: Json | None
    at: datetime
    fault: Fault | None = None
    team_id: str = ""
    """The workspace whose token was used; "" if it was nobody's."""

    @property
    def ok(self) -> bool:
        """Whether it had its effect."""
        return bool(self.result and self.result.get("ok"))


class WebApi:
    """Serves `/api/<method>`. Faults in `faults` are played; `on_request` hooks run before and after each effect."""

    def __init__(self, installs: Installs, faults: Faults, socket_url: Callable[[], str]) -> None:
        self._installs = installs
        self._ws = installs.workspaces[0]
        self._socket_url = socket_url
        self.faults = faults
        self.calls: list[Call] = []
        self.record_calls = True
        self.on_request: list[RequestHook] = []
        self._closing = asyncio.Event()

    def routes(self) -> list[web.RouteDef]:
        """What to add to a web application."""
        return [web.route("*", "/api/{method}", self.handle)]

    def stop(self) -> None:
        """Let go of calls that a fault holds up."""
        self._closing.set()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one call."""
        method = request.match_info["method"]
        args = await _arguments(request)
        token = _token(request, args)
        fault = self.faults.take(method)
        await self._run_hooks(method, args, "before")
        result: Json | None = None
        answer: web.Response | None = None
        if fault is None or fault.after:
            answer, result = self._answer(method, args, token)
        if self.record_calls:
            copy = None if result is None else json.loads(json.dumps(result))
            number, team_id = len(self.calls) + 1, self._team(token)
            self.calls.append(Call(number, method, args, copy, self._ws.clock.now(), fault, team_id))
        await self._run_hooks(method, args, "after")
        if fault is not None:
            return await self._play(fault, request, result)
        return answer or web.Response(status=500)

    def _answer(self, name: str, args: Json, token: str) -> tuple[web.Response, Json]:
        headers = {"x-oauth-scopes": ",".join(self._ws.app.scopes)} if token else {}
        try:
            result: Json = {"ok": True, **self._run(name, args, token)}
        except RateLimited as limited:
            if limited.retry_after is not None:
                headers["Retry-After"] = str(limited.retry_after)
            return web.json_response(limited.body(), status=429, headers=headers), limited.body()
        except SlackError as error:
            result = error.body()
        return web.json_response(result, headers=headers), result

    def _run(self, name: str, args: Json, token: str) -> Json:
        method = METHODS.get(name)
        if method is None:
            raise SlackError("unknown_method", req_method=name)
        ws = self._authorise(method, token)
        call = Context(ws, dict(args), self._installs, self._socket_url, token)
        call.need(method.scope)
        ws.limits.check(name, method.tier, _lane(ws, str(args.get("channel", ""))))
        return method.handler(call)

    def _authorise(self, method: Method, token: str) -> Workspace:
        """The workspace whose token it is; the first one where none is needed."""
        if method.needs == "none":
            return self._ws
        if not token:
            raise SlackError("not_authed")
        is_app_token = token == self._ws.app.app_token
        ws = None if is_app_token else self._installs.of_token(token)
        if method.needs == "app" and is_app_token:
            return self._ws
        if ws is None or method.needs == "app":
            raise SlackError("not_allowed_token_type" if is_app_token or ws is not None else "invalid_auth")
        if ws.app.token_error:
            raise SlackError(ws.app.token_error)
        return ws

    def _team(self, token: str) -> str:
        try:
            found = self._installs.of_token(token)
        except SlackError:
            return ""
        return found.home.id if found else ""

    async def _run_hooks(self, method: str, args: Json, when: When) -> None:
        for hook in list(self.on_request):
            waiting = hook(method, args, when)
            if inspect.isawaitable(waiting):
                await waiting

    async def _play(self, fault: Fault, request: web.Request, result: Json | None) -> web.StreamResponse:
        match fault.kind:
            case Kind.RATE_LIMITED | Kind.RATE_LIMITED_BARE:
                limit = {"Retry-After": str(fault.retry_after)} if fault.kind is Kind.RATE_LIMITED else {}
                return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=limit)
            case Kind.HTTP_500 | Kind.HTTP_502 | Kind.HTTP_503:
                return web.Response(status=_STATUS[fault.kind], text=_HTML, content_type="text/html")
            case Kind.INTERNAL_ERROR | Kind.FATAL_ERROR | Kind.ERROR:
                code = {Kind.INTERNAL_ERROR: "internal_error", Kind.FATAL_ERROR: "fatal_error"}.get(
                    fault.kind, fault.code
                )
                return web.json_response({"ok": False, "error": code})
            case Kind.INVALID_JSON:
                return web.Response(text='{"ok": tr', content_type="application/json")
            case Kind.TIMEOUT:
                await self._hold(request, fault.seconds)
            case Kind.HALF_BODY:
                await _send_half(request, result or {"ok": True, "filler": "x" * 64})
            case Kind.RESET | Kind.CLOSE:
                pass
        return _hang_up(request, reset=fault.kind is Kind.RESET)

    async def _hold(self, request: web.Request, seconds: float) -> None:
        """Keep the caller waiting until it hangs up, the time is over, or the server stops."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while loop.time() < until and not self._closing.is_set():
            if request.transport is None or request.transport.is_closing():
                return
            await asyncio.sleep(0.02)


def _lane(ws: Workspace, channel: str) -> str:
    """The channel a post counts for: a person's id means their direct message."""
    found = find_direct(ws, channel) if channel[:1] in ("U", "W") else None
    return found.id if found else channel


async def _arguments(request: web.Request) -> Json:
    args: Json = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.text() or "{}")
        except json.JSONDecodeError:
            body = {}
        return {**args, **(body if isinstance(body, dict) else {})}
    form = await request.post()
    return {**args, **{key: value for key, value in form.items() if isinstance(value, str)}}


def _token(request: web.Request, args: Json) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        client = BasicAuth.decode(request.headers["Authorization"])
        args |= {"client_id": client.login, "client_secret": client.password}
        token = ""
    in_args = str(args.pop("token", "") or "")
    return token.strip() if scheme.lower() == "bearer" else in_args


async def _send_half(request: web.Request, result: Json) -> None:
    body = json.dumps(result).encode()
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(body))})
    await response.prepare(request)
    await response.write(body[: len(body) // 2])


def _hang_up(request: web.Request, *, reset: bool) -> web.StreamResponse:
    """End the connection without (more of) an answer: orderly, or with a reset (RST)."""
    transport = request.transport
    if transport is not None and reset:
        sock = transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    elif transport is not None:
        transport.close()
    return web.Response(status=500)

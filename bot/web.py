"""The web server: Slack over HTTP behind the verifier, and health for the operator's tools."""

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Protocol

import structlog
from aiohttp import web
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot import metrics
from bot.verifier import MAX_BODY, Answer, Refused, ReplayMemory, Stamp, Verifier

SLACK_PATH = "/slack/events"
"""Everything Slack sends comes here: events, interactions and commands."""

_BODY_TYPES = {"application/json", "application/x-www-form-urlencoded"}
GARBLED = (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError)
"""What Bolt raises for a body that is no request of Slack's. Errors of our own it hands to the error handler."""
_LOOPBACK = {"127.0.0.1", "::1"}
_BODY_SECONDS = 10.0
_PASSED_ON = ("Forwarded", "X-Forwarded-For", "X-Real-IP")
_log = structlog.get_logger(__name__)

Check = Callable[[], Awaitable[dict[str, str]]]
"""A look at the own health: what is wrong, by the name of the part; empty when all is well."""


Exposition = Callable[[], Awaitable[bytes]]
"""All metrics in Prometheus' text form."""


def web_app(
    *,
    live: Check,
    ready: Check,
    slack: "SlackDoor | None" = None,
    figures: Exposition | None = None,
    metrics_token: str = "",
    install: "Pages | None" = None,
) -> web.Application:
    """The application of the web server. Without `slack` (Socket Mode) Slack's requests do not come here.

    `install` is there when workspaces install the app themselves.
    """
    app = web.Application(client_max_size=MAX_BODY)
    app.router.add_get("/healthz", _health(live))
    app.router.add_get("/readyz", _health(ready))
    if figures is not None:
        app.router.add_get("/metrics", _metrics(figures, metrics_token))
    if slack is not None:
        app.router.add_post(SLACK_PATH, slack.receive)
    if install is not None:
        app.add_routes(install.routes())
    return app


class Pages(Protocol):
    """More of what is served."""

    def routes(self) -> list[web.RouteDef]:
        """What to add to the application."""
        ...


class SlackDoor:
    """Lets signed requests in, once each, and hands them to Bolt."""

    def __init__(self, bolt: AsyncApp, verifier: Verifier, memory: ReplayMemory) -> None:
        self._bolt = bolt
        self._verifier = verifier
        self._memory = memory

    async def receive(self, request: web.Request) -> web.Response:
        """Answer one request of Slack. What is refused is answered with a bare status and logged with one word."""
        begun = monotonic()
        try:
            answer = await self._answer(request)
            metrics.ACK_SECONDS.observe(monotonic() - begun)
        except Refused as refusal:
            metrics.REJECTIONS.labels(refusal.reason).inc()
            _log.warning("request_refused", reason=refusal.reason, status=refusal.status)
            answer = Answer(refusal.status, "", "text/plain")
        metrics.INBOUND.labels("http", "ok" if answer.status < 400 else "refused").inc()
        return web.Response(status=answer.status, text=answer.body, content_type=answer.content_type)

    async def _answer(self, request: web.Request) -> Answer:
        stamp = self._verifier.check_headers(request.headers, request.content_length)
        if request.content_type not in _BODY_TYPES:
            raise Refused(415, "content_type")
        body = await _read(request)
        self._verifier.check_body(stamp, body)
        bolt_request = _parse(request, body)
        return await self._memory.once(stamp.signature, lambda: self._dispatch(bolt_request))

    async def _dispatch(self, request: AsyncBoltRequest) -> Answer:
        try:
            response: BoltResponse = await self._bolt.async_dispatch(request)
        except GARBLED:
            raise Refused(400, "not_a_payload") from None
        content_type = response.headers.get("content-type", ["text/plain"])[0].split(";")[0]
        return Answer(response.status, response.body, content_type)


async def _read(request: web.Request) -> bytes:
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            return await request.read()
    except TimeoutError:
        raise Refused(408, "slow_body") from None
    except web.HTTPRequestEntityTooLarge:
        raise Refused(413, "too_long") from None
    except (web.RequestPayloadError, ConnectionError):
        raise Refused(400, "broken_body") from None


def _parse(request: web.Request, body: bytes) -> AsyncBoltRequest:
    retry = {name: value for name, value in request.headers.items() if name.lower().startswith("x-slack-retry")}
    try:
        parsed = AsyncBoltRequest(body=body.decode(), headers={"content-type": request.content_type, **retry})
        if not isinstance(parsed.body, dict) or not parsed.body:
            raise Refused(400, "empty")
    except GARBLED:
        raise Refused(400, "not_a_payload") from None
    return parsed


def is_local(request: web.Request) -> bool:
    """Whether somebody on this machine asks for themselves; what a proxy passes on is from elsewhere."""
    return request.remote in _LOOPBACK and not any(name in request.headers for name in _PASSED_ON)


def _metrics(figures: Exposition, token: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(request: web.Request) -> web.Response:
        given = request.headers.get("Authorization", "")
        is_known = bool(token) and hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
        if not (is_known or (not token and is_local(request))):
            return web.Response(status=403, text="")
        return web.Response(body=await figures(), headers={"Content-Type": metrics.CONTENT_TYPE})

    return answer


def _health(check: Check) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(request: web.Request) -> web.Response:
        problems = await check()
        shown = problems if is_local(request) else {}
        body = {"status": "not ok" if problems else "ok", **({"problems": shown} if shown else {})}
        return web.Response(status=503 if problems else 200, text=json.dumps(body), content_type="application/json")

    return answer


__all__ = ["GARBLED", "SLACK_PATH", "Check", "SlackDoor", "Stamp", "web_app"]

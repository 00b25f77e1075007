"""A Slack app of a few lines, for trying the page: it takes signed HTTP, keeps what it hears and answers by rule."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

Payload = dict[str, Any]
Rule = Callable[[Payload], Awaitable[Payload | None]]


class SmallApp:
    """`hears(kind)` gives the next payload of a kind; `on(kind, rule)` says how to answer it."""

    def __init__(self) -> None:
        self.slack = AsyncWebClient()
        self._rules: dict[str, Rule] = {}
        self._heard: dict[str, asyncio.Queue[Payload]] = defaultdict(asyncio.Queue)
        self._runner: web.AppRunner | None = None

    async def start(self) -> str:
        """Listen; the request URL."""
        app = web.Application()
        app.router.add_post("/", self._receive)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}/"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def on(self, kind: str, rule: Rule) -> None:
        self._rules[kind] = rule

    def opens(self, view: Payload) -> None:
        """Answer every click with this modal."""

        async def rule(payload: Payload) -> None:
            await self.slack.views_open(trigger_id=payload["trigger_id"], view=view)

        self.on("block_actions", rule)

    async def hears(self, kind: str) -> Payload:
        """The next payload of a kind (`block_actions`, `view_submission`, `command`, an event's type)."""
        return await asyncio.wait_for(self._heard[kind].get(), 5)

    async def _receive(self, request: web.Request) -> web.Response:
        kind, payload = _read(await request.text())
        rule = self._rules.get(kind)
        answer = await rule(payload) if rule else None
        await self._heard[kind].put(payload)
        return web.json_response(answer) if answer else web.Response()


def _read(body: str) -> tuple[str, Payload]:
    if body.startswith("{"):
        event: Payload = json.loads(body)
        return str(event["event"]["type"]), event
    form = {key: values[0] for key, values in parse_qs(body).items()}
    if "payload" in form:
        payload: Payload = json.loads(form["payload"])
        return str(payload["type"]), payload
    return "command", form

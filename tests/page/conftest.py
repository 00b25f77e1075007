"""A Chromium, a sandbox server and a small app, all on 127.0.0.1."""

import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, ViewportSize, async_playwright, expect
from slack_sdk.web.async_client import AsyncWebClient

from sandbox import seed
from sandbox.clock import AdjustableClock
from sandbox.clock_control import Control
from sandbox.server import SandboxServer
from sandbox.workspace import Workspace
from tests.page.small_app import SmallApp

MONDAY = datetime(2026, 11, 23, 7, 59, tzinfo=UTC)
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
PATIENCE = 30_000
"""Milliseconds after which what is waited for does not come: nothing is said of how fast it has to be."""
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
expect.set_options(timeout=PATIENCE)
PLACES = ("chromium", "chromium-browser", "google-chrome")


def find_chromium() -> str | None:
    """Where Chromium is, if it is anywhere: named in CHROMIUM, or in the PATH."""
    named = os.environ.get("CHROMIUM")
    found = (shutil.which(place) for place in PLACES)
    return named or next((path for path in found if path), None)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Chromium is. Without one the tests are skipped, except in CI, where that is a failure."""
    path = find_chromium()
    if path is None or not Path(path).exists():
        reason = "no Chromium found: install the package `chromium`, or name one in CHROMIUM"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return path


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        await browser.close()


@dataclass
class Sandbox:
    """The server with its workspace, the app behind it and the clock on the page."""

    server: SandboxServer
    app: SmallApp
    clock: AdjustableClock
    browser: Browser

    @property
    def ws(self) -> Workspace:
        return self.server.workspace

    async def post(self, blocks: list[dict[str, Any]] | None = None, text: str = "Stand-up", **more: Any) -> str:
        """The app posts into the shared channel; the ts."""
        made = await self.app.slack.chat_postMessage(channel=seed.SHARED, text=text, blocks=blocks, **more)
        return str(made["ts"])

    async def open(self, user_id: str = seed.INES, viewport: ViewportSize = DESKTOP, *, touch: bool = False) -> Page:
        """The page as one person sees it, once it is drawn. Errors of the page fail the test."""
        context = await self.browser.new_context(viewport=viewport, has_touch=touch, is_mobile=touch)
        page = await context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: pytest.fail(f"The page failed: {error}"))
        await page.goto(f"{self.server.base_url}/?as={user_id}")
        await page.locator(".messages").first.wait_for()
        return page


@pytest_asyncio.fixture(loop_scope="session")
async def sandbox(browser: Browser) -> AsyncIterator[Sandbox]:
    """The example world on a stopped clock, one minute before something happens."""
    clock = AdjustableClock(MONDAY, paused=True)
    ws = seed.example_world(clock)
    ws.limits.enabled = False
    coming = (MONDAY + timedelta(minutes=1), "The stand-up opens")
    control = Control(clock, lambda: coming if clock.now() < coming[0] else None)
    app = SmallApp()
    server = SandboxServer(ws, request_url=await app.start(), clock_control=control)
    await server.start()
    app.slack = AsyncWebClient(token=ws.app.bot_token, base_url=server.api_url)
    box = Sandbox(server, app, clock, browser)
    yield box
    for context in browser.contexts:
        await context.close()
    await box.server.stop()
    await app.stop()

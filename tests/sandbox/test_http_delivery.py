"""Signed HTTP: Slack's own test vector, a real Bolt app at the other end, repetitions."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs

import pytest
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.errors import NotAnswered
from sandbox.http_delivery import HttpDelivery, signature
from sandbox.seed import BOT_TOKEN, INES, SHARED, SIGNING_SECRET, VERA
from sandbox.server import SandboxServer
from sandbox.workspace import Workspace
from tests.sandbox.conftest import BUTTONS, MODAL

Json = dict[str, Any]

# The example of Slack's guide to verifying requests.
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
TIMESTAMP = "1531420618"
BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
    b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
    b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
    b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)


def test_the_signature_is_that_of_slacks_example() -> None:
    expected = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    assert signature(SECRET, TIMESTAMP, BODY) == expected


class Receiver:
    """A request URL that answers as `answer` says and keeps what it was sent."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.statuses: list[int] = []
        self.headers: dict[str, str] = {}
        self.delay = 0.0

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.requests.append((dict(request.headers), body))
        await asyncio.sleep(self.delay)
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200, headers=self.headers)


async def serve(handler: Any) -> tuple[web.AppRunner, str]:
    app = web.Application()
    app.router.add_post("/slack/events", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"


@pytest.fixture
async def receiver(world: Workspace) -> AsyncIterator[tuple[Receiver, SandboxServer]]:
    other = Receiver()
    runner, url = await serve(other.handle)
    sandbox = SandboxServer(world, request_url=url, ack_seconds=0.2, retry_seconds=(0.0, 0.01, 0.02))
    await sandbox.start()
    yield other, sandbox
    await sandbox.stop()
    await runner.cleanup()


async def test_deliveries_are_signed_with_the_real_time(receiver: tuple[Receiver, SandboxServer]) -> None:
    other, sandbox = receiver
    await sandbox.person(INES).posts(SHARED, "hi")
    await sandbox.settled()
    headers, body = other.requests[0]
    assert headers["Content-Type"] == "application/json"
    assert SignatureVerifier(SIGNING_SECRET).is_valid_request(body, headers)
    assert "X-Slack-Retry-Num" not in headers


async def test_a_failed_event_comes_again_with_number_and_reason(receiver: tuple[Receiver, SandboxServer]) -> None:
    other, sandbox = receiver
    other.statuses = [500, 503]
    await sandbox.person(INES).posts(SHARED, "hi")
    await sandbox.settled()
    numbers = [headers.get("X-Slack-Retry-Num") for headers, _ in other.requests]
    reasons = [headers.get("X-Slack-Retry-Reason") for headers, _ in other.requests]
    assert numbers == [None, "1", "2"]
    assert reasons == [None, "http_error", "http_error"]


async def test_an_app_can_forbid_repetitions(receiver: tuple[Receiver, SandboxServer]) -> None:
    other, sandbox = receiver
    other.statuses, other.headers = [500], {"x-slack-no-retry": "1"}
    await sandbox.person(INES).posts(SHARED, "hi")
    await sandbox.settled()
    assert len(other.requests) == 1


async def test_a_slow_app_runs_out_of_time(receiver: tuple[Receiver, SandboxServer]) -> None:
    other, sandbox = receiver
    other.delay = 0.3
    with pytest.raises(NotAnswered, match="operation_timeout"):
        await sandbox.person(INES).commands("/standup", SHARED)
    fields = parse_qs(other.requests[0][1].decode())
    assert (fields["command"], fields["user_id"]) == (["/standup"], [INES])
    assert len(other.requests) == 1


async def test_nobody_listening_counts_as_a_failed_connection(world: Workspace) -> None:
    sandbox = SandboxServer(world, request_url="http://127.0.0.1:1/slack/events", retry_seconds=())
    await sandbox.start()
    await sandbox.person(INES).posts(SHARED, "hi")
    await sandbox.settled()
    assert sandbox.deliveries.log[0].ack.reason == "connection_failed"
    await sandbox.stop()


async def test_events_wait_while_the_app_is_away(receiver: tuple[Receiver, SandboxServer]) -> None:
    other, sandbox = receiver
    assert sandbox.http is not None
    url, sandbox.http.request_url = sandbox.http.request_url, ""
    await sandbox.person(INES).posts(SHARED, "hi")
    with pytest.raises(NotAnswered):
        await sandbox.person(INES).commands("/standup", SHARED)
    assert other.requests == []

    sandbox.http.request_url = url
    await sandbox.settled()

    assert len(other.requests) == 1


@pytest.fixture
async def bolt(world: Workspace) -> AsyncIterator[tuple[AsyncApp, SandboxServer]]:
    """A Bolt app with a request URL, and the sandbox that delivers to it."""
    client = AsyncWebClient(BOT_TOKEN)
    app = AsyncApp(client=client, signing_secret=SIGNING_SECRET, process_before_response=True)
    runner, url = await serve(app.server(path="/slack/events").handle_post_requests)
    sandbox = SandboxServer(world, request_url=url)
    await sandbox.start()
    client.base_url = sandbox.api_url
    yield app, sandbox
    await sandbox.stop()
    await runner.cleanup()


async def test_bolt_over_http_answers_commands_views_and_the_challenge(bolt: tuple[AsyncApp, SandboxServer]) -> None:
    app, sandbox = bolt

    @app.event("message")
    async def heard() -> None:
        pass

    @app.command("/standup")
    async def standup(ack: Any) -> None:
        await ack("plain words")

    @app.command("/cadence")
    async def cadence(ack: Any) -> None:
        await ack(text="with blocks", blocks=BUTTONS)

    @app.action("answer")
    async def opened(ack: Any, body: Json, client: AsyncWebClient) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)
        await ack()

    @app.view("answers")
    async def submitted(ack: Any) -> None:
        await ack(response_action="errors", errors={"done": "Say more"})

    assert sandbox.http is not None
    assert await sandbox.http.verify_url()
    ines, vera = sandbox.person(INES), sandbox.person(VERA)
    assert await ines.commands("/standup", SHARED) == "plain words"
    assert await ines.commands("/cadence", SHARED) == "with blocks"
    api = AsyncWebClient(BOT_TOKEN, base_url=sandbox.api_url)
    await api.chat_postMessage(channel=SHARED, text="Check-in", blocks=BUTTONS)
    await vera.clicks(vera.messages(SHARED)[-1], "Answer")
    assert await vera.submits(vera.open_views[-1], {"done": "x"}) == {"done": "Say more"}
    await sandbox.settled()


async def test_an_app_with_another_secret_refuses(bolt: tuple[AsyncApp, SandboxServer], world: Workspace) -> None:
    _, sandbox = bolt
    world.app.signing_secret = "another"
    transport = HttpDelivery(world, sandbox.http.request_url if sandbox.http else "")
    ack = await transport.send("events_api", {"type": "url_verification"}, attempt=0, reason="")
    await transport.stop()
    assert (ack.ok, ack.reason) == (False, "http_error")

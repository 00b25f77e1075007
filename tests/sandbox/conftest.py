"""A sandbox on a free port of this machine, and real Slack clients that speak to it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from sandbox.clock import AdjustableClock
from sandbox.seed import BOT_TOKEN, example_world
from sandbox.server import SandboxServer
from sandbox.workspace import Workspace

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
MODAL = {
    "type": "modal",
    "callback_id": "answers",
    "title": {"type": "plain_text", "text": "Check-in"},
    "submit": {"type": "plain_text", "text": "Send"},
    "blocks": [
        {
            "type": "input",
            "block_id": "done",
            "label": {"type": "plain_text", "text": "What got done?"},
            "element": {"type": "plain_text_input", "action_id": "text"},
        }
    ],
}
BUTTON = {"type": "button", "action_id": "answer", "text": {"type": "plain_text", "text": "Answer"}, "value": "occ:1"}
BUTTONS = [{"type": "actions", "block_id": "row", "elements": [BUTTON]}]


class Hand:
    """A monotonic time that is moved by hand, in seconds."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def slack_clock() -> AdjustableClock:
    """Stands at Monday 23 November 2026, 08:00 UTC."""
    return AdjustableClock(START, paused=True)


@pytest.fixture
def world(slack_clock: AdjustableClock, hand: Hand) -> Workspace:
    """The example world without rate limits, subscribed to every event."""
    ws = example_world(slack_clock, monotonic=hand)
    ws.limits.enabled = False
    ws.app.events = None
    return ws


@pytest.fixture
async def server(world: Workspace) -> AsyncIterator[SandboxServer]:
    """Serves `world`; events come again at once, after 0.02 s and after 0.04 s."""
    sandbox = SandboxServer(world, retry_seconds=(0.0, 0.02, 0.04))
    await sandbox.start()
    yield sandbox
    await sandbox.stop()


@pytest.fixture
def client(server: SandboxServer) -> AsyncWebClient:
    """Slack's own client with the bot token, which repeats nothing by itself."""
    return AsyncWebClient(BOT_TOKEN, base_url=server.api_url, retry_handlers=[])


async def refusal(call: Any) -> AsyncSlackResponse:
    """The answer of a call that Slack must refuse."""
    with pytest.raises(SlackApiError) as caught:
        await call
    response = caught.value.response
    assert isinstance(response, AsyncSlackResponse)
    return response


async def error_of(call: Any) -> str:
    """The error code of a call that Slack must refuse."""
    return str((await refusal(call))["error"])

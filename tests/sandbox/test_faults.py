"""Every fault of the catalogue is met by Slack's own client, before or after the effect, exactly once."""

import asyncio
import sys
from pathlib import Path

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.faults import Fault, Kind, catalogue
from sandbox.seed import BOT_TOKEN, INES, SHARED
from sandbox.server import SandboxServer
from sandbox.state import Json
from sandbox.web_api import When
from tests.sandbox.conftest import refusal

WITH_STATUS = {
    Kind.RATE_LIMITED: (429, "ratelimited"),
    Kind.RATE_LIMITED_BARE: (429, "ratelimited"),
    Kind.INTERNAL_ERROR: (200, "internal_error"),
    Kind.FATAL_ERROR: (200, "fatal_error"),
}
POST = "chat.postMessage"


@pytest.mark.parametrize("fault", catalogue(POST, nth=2), ids=str)
async def test_each_fault_is_felt_and_its_effect_is_as_said(server: SandboxServer, fault: Fault) -> None:
    client = AsyncWebClient(BOT_TOKEN, base_url=server.api_url, retry_handlers=[], timeout=0.2)  # type: ignore[arg-type]
    server.faults.add(fault)
    await client.chat_postMessage(channel=SHARED, text="first")
    with pytest.raises((SlackApiError, aiohttp.ClientError, TimeoutError, ValueError)) as felt:
        await client.chat_postMessage(channel=SHARED, text="second")
    if isinstance(felt.value, SlackApiError) and fault.kind in WITH_STATUS:
        status, code = WITH_STATUS[fault.kind]
        response = felt.value.response
        assert (response.status_code, response["error"]) == (status, code)
        assert ("Retry-After" in response.headers) == (fault.kind is Kind.RATE_LIMITED)
    seen = [message["text"] for message in server.person(INES).messages(SHARED)]
    assert seen == (["first", "second"] if fault.after else ["first"])
    assert [(call.ok, call.fault) for call in server.calls] == [(True, None), (fault.after, fault)]
    await client.chat_postMessage(channel=SHARED, text="third")


async def test_faults_can_be_errors_of_choice_and_for_every_call(server: SandboxServer, client: AsyncWebClient) -> None:
    server.faults.add(Fault(POST, 0, Kind.ERROR, code="rate_limited"))
    for _ in range(2):
        assert (await refusal(client.chat_postMessage(channel=SHARED, text="x")))["error"] == "rate_limited"
    server.faults.clear()
    await client.chat_postMessage(channel=SHARED, text="x")


async def test_counting_starts_when_a_fault_is_planned(server: SandboxServer, client: AsyncWebClient) -> None:
    await client.chat_postMessage(channel=SHARED, text="x")
    server.faults.add(Fault(POST, 1, Kind.ERROR, code="fatal_error"))
    assert (await refusal(client.chat_postMessage(channel=SHARED, text="x")))["error"] == "fatal_error"


async def test_hooks_see_each_call_before_and_after_its_effect(server: SandboxServer, client: AsyncWebClient) -> None:
    seen: list[tuple[str, When, int]] = []

    async def look(method: str, args: Json, when: When) -> None:
        seen.append((method, when, len(server.workspace.channel(SHARED).messages)))

    server.on_request.append(look)
    await client.chat_postMessage(channel=SHARED, text="x")
    assert seen == [(POST, "before", 0), (POST, "after", 1)]


@pytest.mark.kill
async def test_a_hook_can_kill_the_caller_before_it_hears_the_answer(server: SandboxServer, tmp_path: Path) -> None:
    program = (
        "from slack_sdk import WebClient\n"
        f"client = WebClient({BOT_TOKEN!r}, base_url={server.api_url!r})\n"
        f"client.chat_postMessage(channel={SHARED!r}, text='last words')\n"
        f"open({str(tmp_path / 'heard')!r}, 'w').close()\n"
    )
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", program)

    async def kill(method: str, args: Json, when: When) -> None:
        if when == "after":
            child.kill()
            await child.wait()

    server.on_request.append(kill)
    async with asyncio.timeout(10):
        await child.wait()
    assert child.returncode == -9
    assert not (tmp_path / "heard").exists()
    assert [message["text"] for message in server.person(INES).messages(SHARED)] == ["last words"]

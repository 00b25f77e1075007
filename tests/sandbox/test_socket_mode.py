"""Socket Mode with Slack's own client: tickets, several sockets, redelivery, disconnects."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from sandbox import people
from sandbox.errors import NotAnswered
from sandbox.seed import APP_TOKEN, BOT_TOKEN, INES, SHARED
from sandbox.server import SandboxServer
from sandbox.workspace import Workspace
from tests.sandbox.conftest import BUTTONS, error_of


class Bot:
    """An app of one socket that acknowledges what `answers` says, and keeps what it heard."""

    def __init__(self, client: SocketModeClient) -> None:
        self.client = client
        self.heard: list[SocketModeRequest] = []
        self.answers: Callable[[SocketModeRequest], bool] = lambda request: True
        client.socket_mode_request_listeners.append(self._listen)

    async def _listen(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        self.heard.append(request)
        if self.answers(request):
            await client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))


@pytest.fixture
async def connect(server: SandboxServer) -> AsyncIterator[Callable[[], Awaitable[Bot]]]:
    made: list[SocketModeClient] = []

    async def connected() -> Bot:
        client = SocketModeClient(APP_TOKEN, web_client=AsyncWebClient(base_url=server.api_url))
        made.append(client)
        bot = Bot(client)
        await client.connect()
        return bot

    yield connected
    for client in made:
        await client.close()


Connect = Callable[[], Awaitable[Bot]]

_SOON = 0.2
"""Seconds that Slack waits where nobody acknowledges."""


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not true():
            await asyncio.sleep(0.005)


async def test_a_socket_needs_the_app_token_and_a_fresh_ticket(server: SandboxServer) -> None:
    assert await error_of(AsyncWebClient(base_url=server.api_url).apps_connections_open(app_token=BOT_TOKEN)) == (
        "not_allowed_token_type"
    )
    answer = await AsyncWebClient(base_url=server.api_url).apps_connections_open(app_token=APP_TOKEN)
    async with aiohttp.ClientSession() as session:
        first = await session.ws_connect(answer["url"])
        hello = await first.receive_json()
        assert (hello["type"], hello["num_connections"], hello["connection_info"]["app_id"]) == (
            "hello",
            1,
            "A0CADENCE",
        )
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(answer["url"])
        await first.close()


async def test_events_arrive_and_are_acknowledged(server: SandboxServer, connect: Connect) -> None:
    bot = await connect()
    await server.person(INES).posts(SHARED, "hello")
    await server.settled()
    request = bot.heard[0]
    assert (request.type, request.payload["event"]["text"]) == ("events_api", "hello")
    assert (request.retry_attempt, request.accepts_response_payload) == (0, False)
    assert server.workspace.undelivered == {}


async def test_each_envelope_goes_to_one_of_several_sockets(server: SandboxServer, connect: Connect) -> None:
    bots = [await connect() for _ in range(3)]
    for number in range(9):
        await server.person(INES).posts(SHARED, str(number))
    await server.settled()
    assert [len(bot.heard) for bot in bots] == [3, 3, 3]


async def test_what_is_not_acknowledged_comes_again(server: SandboxServer, connect: Connect) -> None:
    server.sockets.ack_seconds = _SOON
    bot = await connect()
    bot.answers = lambda request: request.retry_attempt == 3
    await server.person(INES).posts(SHARED, "hello")
    await server.settled()
    assert [request.retry_attempt for request in bot.heard] == [0, 1, 2, 3]
    assert [request.retry_reason for request in bot.heard] == ["", "timeout", "timeout", "timeout"]
    assert len({request.payload["event_id"] for request in bot.heard}) == 1
    assert len({request.envelope_id for request in bot.heard}) == 4


async def test_after_the_third_repetition_an_event_is_given_up(server: SandboxServer, connect: Connect) -> None:
    server.sockets.ack_seconds = _SOON
    bot = await connect()
    bot.answers = lambda request: False
    await server.person(INES).posts(SHARED, "hello")
    await server.settled()
    assert len(bot.heard) == 4
    assert server.workspace.undelivered == {}


async def test_events_wait_for_an_app_to_connect(server: SandboxServer, connect: Connect) -> None:
    await server.person(INES).posts(SHARED, "anybody there?")
    with pytest.raises(TimeoutError, match="not acknowledged"):
        await server.settled(0.05)
    bot = await connect()
    await server.settled()
    assert [request.retry_attempt for request in bot.heard] == [0]


async def test_interactions_come_once_and_the_person_is_told(server: SandboxServer, connect: Connect) -> None:
    server.sockets.ack_seconds = _SOON
    client = AsyncWebClient(BOT_TOKEN, base_url=server.api_url)
    await client.chat_postMessage(channel=SHARED, text="hi", blocks=BUTTONS)
    ines = server.person(INES)
    message = ines.messages(SHARED)[0]
    with pytest.raises(NotAnswered, match="Operation timed out"):
        await ines.clicks(message, "Answer")
    with pytest.raises(NotAnswered, match="dispatch_failed"):
        await ines.commands("/standup", SHARED)
    bot = await connect()
    bot.answers = lambda request: request.type == "events_api"
    await server.settled()
    with pytest.raises(NotAnswered, match="Operation timed out"):
        await ines.clicks(message, "Answer")
    with pytest.raises(NotAnswered, match="operation_timeout"):
        await ines.commands("/standup", SHARED)
    kinds = [request.type for request in bot.heard if request.type != "events_api"]
    assert kinds == ["interactive", "slash_commands"]


async def test_told_to_disconnect_the_client_comes_back_and_nothing_is_lost(
    server: SandboxServer, connect: Connect
) -> None:
    bot = await connect()
    await server.sockets.disconnect("refresh_requested")
    await server.person(INES).posts(SHARED, "meanwhile")
    await server.settled()
    await until(lambda: len(server.sockets.sockets) == 1)
    assert [request.payload["event"]["text"] for request in bot.heard] == ["meanwhile"]


async def test_a_broken_connection_loses_no_event(server: SandboxServer, connect: Connect) -> None:
    server.sockets.ack_seconds = _SOON
    bot = await connect()
    bot.answers = lambda request: request.retry_attempt > 0
    await server.person(INES).posts(SHARED, "hello")
    await until(lambda: len(bot.heard) == 1)
    await server.sockets.drop()
    again = await connect()
    await server.settled()
    assert [request.payload["event_id"] for request in again.heard] == [bot.heard[0].payload["event_id"]]
    assert again.heard[0].retry_attempt == 1


async def test_an_acknowledgement_may_come_on_another_socket(server: SandboxServer) -> None:
    async with aiohttp.ClientSession() as session:
        old = await session.ws_connect(server.sockets.ticket_url())
        await old.receive_json()
        await server.person(INES).posts(SHARED, "hello")
        envelope = await old.receive_json()
        new = await session.ws_connect(server.sockets.ticket_url())
        await new.receive_json()
        await new.send_json({"envelope_id": envelope["envelope_id"]})
        await server.settled()
        await old.close()
        await new.close()
    assert server.deliveries.log[0].ack.ok


async def test_pings_are_answered_in_kind(server: SandboxServer) -> None:
    async with aiohttp.ClientSession() as session:
        socket = await session.ws_connect(server.sockets.ticket_url(), autoping=False)
        await socket.receive_json()
        await socket.ping(b"sdk-ping-pong:1")
        pong = await socket.receive()
        assert (pong.type, bytes(pong.data)) == (aiohttp.WSMsgType.PONG, b"sdk-ping-pong:1")
        await socket.close()


async def test_the_eleventh_socket_is_refused(server: SandboxServer) -> None:
    async with aiohttp.ClientSession() as session:
        sockets = [await session.ws_connect(server.sockets.ticket_url()) for _ in range(11)]
        frames = [await socket.receive_json() for socket in sockets]
        assert frames[9]["num_connections"] == 10
        assert (frames[10]["type"], frames[10]["reason"]) == ("disconnect", "too_many_websockets")
        for socket in sockets:
            await socket.close()


async def test_what_a_stopped_server_had_not_delivered_comes_after_its_start(world: Workspace) -> None:
    first = SandboxServer(world)
    await first.start()
    people.post(world, world.user(INES), SHARED, "kept")
    await first.stop()
    second = SandboxServer(world)
    await second.start()
    async with aiohttp.ClientSession() as session:
        socket = await session.ws_connect(second.sockets.ticket_url())
        await socket.receive_json()
        envelope = await socket.receive_json()
        assert envelope["payload"]["event"]["text"] == "kept"
        await socket.close()
    await second.stop()

"""The page's WebSocket, as the browser speaks it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.clock import AdjustableClock
from sandbox.clock_control import Control
from sandbox.seed import ADA, APP_TOKEN, INES, INHOUSE, SHARED, TOMAS, VERA
from sandbox.server import SandboxServer
from sandbox.state import Shortcut
from sandbox.workspace import Workspace
from tests.sandbox.conftest import BUTTONS, MODAL

Json = dict[str, Any]


class Browser:
    """One open page: what it was told, and requests with their answers."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, state: Json) -> None:
        self.socket = socket
        self.state = state
        self.heard: list[Json] = []

    async def asks(self, **request: Any) -> str:
        """Send a request and wait for its answer; the words of what went wrong, "" if nothing did."""
        await self.socket.send_json({**request, "id": "r1"})
        return str((await self.hears("done")).get("error", ""))

    async def hears(self, kind: str) -> Json:
        """The next message of a kind; those before it are kept in `heard`."""
        async with asyncio.timeout(5):
            while True:
                message: Json = await self.socket.receive_json()
                if message["type"] == kind:
                    return message
                self.heard.append(message)

    def last(self, kind: str) -> Json:
        return next(message for message in reversed(self.heard) if message["type"] == kind)


Open = Callable[[str], Awaitable[Browser]]


@pytest.fixture
async def server(world: Workspace, slack_clock: AdjustableClock) -> AsyncIterator[SandboxServer]:
    sandbox = SandboxServer(world, ack_seconds=0.2, clock_control=Control(slack_clock))
    await sandbox.start()
    yield sandbox
    await sandbox.stop()


@pytest.fixture
async def browser(server: SandboxServer) -> AsyncIterator[Open]:
    async with aiohttp.ClientSession() as session:

        async def opened(user_id: str) -> Browser:
            socket = await session.ws_connect(f"{server.base_url}/page/socket", params={"as": user_id})
            return Browser(socket, await socket.receive_json())

        yield opened


@pytest.fixture
async def app(server: SandboxServer, client: AsyncWebClient) -> AsyncIterator[AsyncApp]:
    """An app whose button opens a modal that is refused once."""
    bolt = AsyncApp(client=client, process_before_response=True)

    @bolt.action("answer")
    async def answer(ack: Any, body: Json, client: AsyncWebClient) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)
        await ack()

    @bolt.view("answers")
    async def submitted(ack: Any, view: Json) -> None:
        text = view["state"]["values"]["done"]["text"]["value"]
        await ack(**({"response_action": "errors", "errors": {"done": "More"}} if text == "x" else {}))

    @bolt.event("app_home_opened")
    async def home(event: Json, client: AsyncWebClient) -> None:
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": [{"type": "divider"}]})

    handler = AsyncSocketModeHandler(bolt, APP_TOKEN)
    await handler.connect_async()
    yield bolt
    await handler.close_async()


async def test_the_page_and_its_people_are_served(server: SandboxServer) -> None:
    async with aiohttp.ClientSession() as session:
        page = await session.get(server.base_url + "/")
        assert (page.status, page.content_type) == (200, "text/html")
        people = (await (await session.get(server.base_url + "/page/people")).json())["people"]
        nobody = await session.get(server.base_url + "/page/socket", params={"as": "U0NOBODY"})
        assert nobody.status == 404
    by_id = {person["id"]: person for person in people}
    assert by_id[VERA]["external"]
    assert by_id[VERA]["team_name"] == "Brightlane Systems"
    assert by_id[TOMAS]["guest"]
    assert len(people) == 7


async def test_another_web_site_cannot_open_a_socket(server: SandboxServer) -> None:
    async with aiohttp.ClientSession() as session:
        headers = {"Origin": "https://evil.example"}
        refused = await session.get(server.base_url + "/page/socket", params={"as": INES}, headers=headers)
        assert refused.status == 403


async def test_a_page_begins_with_what_its_person_sees(server: SandboxServer, browser: Open) -> None:
    await server.person(INES).posts(INHOUSE, "between us")
    await server.person(INES).posts(SHARED, "for all")
    vera, ada = await browser(VERA), await browser(ADA)
    assert [channel["id"] for channel in vera.state["channels"]] == [SHARED]
    assert [message["text"] for message in vera.state["messages"][SHARED]] == ["for all"]
    assert [message["text"] for message in ada.state["messages"][INHOUSE]] == ["between us"]
    assert vera.state["me"]["external"] is True
    assert vera.state["channels"][0]["shared"] is True
    assert {team["id"]: team["home"] for team in ada.state["teams"]} == {"T0NORTHWIND": True, "T0BRIGHTLANE": False}
    assert [command["command"] for command in ada.state["commands"]] == ["/standup", "/cadence"]
    assert (ada.state["clock"]["paused"], ada.state["app"]["bot_user_id"]) == (True, "U0CADENCE")


async def test_writing_shows_on_every_page_that_may_see_it(server: SandboxServer, browser: Open) -> None:
    ines, vera = await browser(INES), await browser(VERA)
    assert await ines.asks(do="post", channel=INHOUSE, text="secret") == ""
    assert await ines.asks(do="post", channel=SHARED, text="a < b") == ""
    posted = (await vera.hears("message"))["message"]
    assert posted["text"] == "a &lt; b"
    assert await vera.asks(do="post", channel=SHARED, text="re", thread_ts=posted["ts"], broadcast=True) == ""
    assert vera.last("message_changed")["message"]["reply_count"] == 1
    assert await ines.asks(do="edit", channel=SHARED, ts=posted["ts"], text="a = b") == ""
    assert (await vera.hears("message_changed"))["message"]["text"] == "a = b"
    assert await vera.asks(do="react", channel=SHARED, ts=posted["ts"], name="eyes") == ""
    assert vera.last("message_changed")["message"]["reactions"][0]["name"] == "eyes"
    reply = vera.last("message")["message"]
    assert await vera.asks(do="delete", channel=SHARED, ts=reply["ts"]) == ""
    assert vera.last("message_deleted")["ts"] == reply["ts"]
    assert all(message.get("channel") != INHOUSE for message in vera.heard)


async def test_what_slack_would_not_allow_is_said_in_words(server: SandboxServer, browser: Open) -> None:
    vera = await browser(VERA)
    mine = await server.person(INES).posts(SHARED, "mine")
    assert "can't edit" in await vera.asks(do="edit", channel=SHARED, ts=mine["ts"], text="x")
    assert "can't see" in await vera.asks(do="post", channel=INHOUSE, text="x")
    assert "not a valid command" in await vera.asks(do="command", channel=SHARED, text="/standup")
    assert "went wrong" in await vera.asks(do="dance")
    assert "went wrong" in await vera.asks(do="post", channel=SHARED)
    await vera.socket.send_str("not json")
    assert (await vera.hears("toast"))["level"] == "error"


async def test_button_modal_field_error_and_submission(
    server: SandboxServer, browser: Open, app: AsyncApp, client: AsyncWebClient
) -> None:
    vera = await browser(VERA)
    posted = await client.chat_postMessage(channel=SHARED, text="Check-in", blocks=BUTTONS)
    container = {"type": "message", "channel": SHARED, "ts": posted["ts"]}
    action = {"action_id": "answer", "block_id": "row", "type": "button"}
    assert await vera.asks(do="action", container=container, action=action, state={"values": {}}) == ""
    view = vera.last("views")["views"][0]

    def values(text: str) -> Json:
        return {"values": {"done": {"text": {"type": "plain_text_input", "value": text}}}}

    assert await vera.asks(do="submit", view_id=view["id"], state=values("x")) == ""
    assert vera.last("view_errors") == {"type": "view_errors", "view_id": view["id"], "errors": {"done": "More"}}
    assert await vera.asks(do="submit", view_id=view["id"], state=values("enough")) == ""
    assert vera.last("views")["views"] == []
    assert "no longer open" in await vera.asks(do="submit", view_id=view["id"], state=values("late"))


async def test_home_direct_message_and_closing(server: SandboxServer, browser: Open, app: AsyncApp) -> None:
    ada, vera = await browser(ADA), await browser(VERA)
    assert ada.state["home"] is None
    assert await ada.asks(do="open_home") == ""
    assert (await ada.hears("home"))["view"]["blocks"][0]["type"] == "divider"
    assert await vera.asks(do="open_im", user="U0CADENCE") == ""
    room = vera.last("channel")["channel"]
    assert (room["kind"], room["with"]) == ("im", "U0CADENCE")
    assert await vera.asks(do="open_home") == ""
    trigger = server.workspace.new_trigger(ADA)
    await AsyncWebClient("xoxb-sandbox", base_url=server.api_url).views_open(trigger_id=trigger, view=MODAL)
    view = (await ada.hears("views"))["views"][0]
    assert await ada.asks(do="close", view_id=view["id"]) == ""
    assert ada.last("views")["views"] == []
    assert all(message["type"] != "home" for message in vera.heard)


async def test_an_app_that_does_not_answer_is_named(
    server: SandboxServer, browser: Open, client: AsyncWebClient
) -> None:
    ada = await browser(ADA)
    posted = await client.chat_postMessage(channel=SHARED, text="Check-in", blocks=BUTTONS)
    container = {"type": "message", "channel": SHARED, "ts": posted["ts"]}
    answer = await ada.asks(do="action", container=container, action={"action_id": "answer"})
    assert "Operation timed out" in answer
    assert "dispatch_failed" in await ada.asks(do="command", channel=SHARED, text="/standup")


async def test_an_ephemeral_message_reaches_one_page_and_no_reload(
    server: SandboxServer, browser: Open, client: AsyncWebClient
) -> None:
    ada, ines = await browser(ADA), await browser(INES)
    await client.chat_postEphemeral(channel=SHARED, user=ADA, text="psst")
    await client.chat_postMessage(channel=SHARED, text="loud")
    assert (await ada.hears("ephemeral"))["message"]["text"] == "psst"
    assert (await ines.hears("message"))["message"]["text"] == "loud"
    assert ines.heard == []
    again = await browser(ADA)
    assert [message["text"] for message in again.state["messages"][SHARED]] == ["loud"]


async def test_only_people_who_have_shortcuts_are_shown_them(
    server: SandboxServer, world: Workspace, browser: Open
) -> None:
    world.app.shortcuts = [Shortcut("blocker.message.raise", "Raise a blocker", "message", "")]

    shown = {user: (await browser(user)).state["shortcuts"] for user in (ADA, VERA, TOMAS)}

    assert [item["name"] for item in shown[ADA]] == ["Raise a blocker"]
    assert shown[VERA] == []  # of the provider's own workspace
    assert len(shown[TOMAS]) == int(world.guests_may_use_commands)


async def test_the_clock_is_shown_and_moved(browser: Open, slack_clock: AdjustableClock) -> None:
    ada, ines = await browser(ADA), await browser(INES)
    before = slack_clock.now()
    assert await ada.asks(do="clock", op="advance", seconds=3600) == ""
    assert slack_clock.now() == before + timedelta(hours=1)
    assert (await ines.hears("clock"))["clock"]["now"] == slack_clock.now().isoformat()
    assert "went wrong" in await ada.asks(do="clock", op="speed", speed=0)

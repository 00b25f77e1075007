"""People act and a real Bolt app answers: buttons, modals, commands, shortcuts, the Home tab, response URLs."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.errors import NotAnswered, Refused
from sandbox.person import Person
from sandbox.seed import ADA, APP_TOKEN, HOME, INES, SHARED, TOMAS, VENDOR, VERA
from sandbox.server import SandboxServer
from sandbox.workspace import Workspace
from tests.sandbox.conftest import BUTTONS, MODAL, Hand, error_of

Json = dict[str, Any]
NEXT = {**MODAL, "callback_id": "next", "notify_on_close": True}


@pytest.fixture
async def app(server: SandboxServer, client: AsyncWebClient) -> AsyncIterator[AsyncApp]:
    """An app by Bolt, connected by Socket Mode, that hears everything."""
    bolt = AsyncApp(client=client, process_before_response=True)

    @bolt.event("message")
    async def heard() -> None:
        pass

    handler = AsyncSocketModeHandler(bolt, APP_TOKEN)
    await handler.connect_async()
    yield bolt
    await handler.close_async()


@pytest.fixture
def bodies(app: AsyncApp) -> list[Json]:
    """What the app was sent; a button opens the modal."""
    kept: list[Json] = []

    @app.action("answer")
    async def open_modal(ack: Any, body: Json, client: AsyncWebClient) -> None:
        kept.append(body)
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)
        await ack()

    return kept


async def pressed(client: AsyncWebClient, person: Person) -> Json:
    """The modal a person gets from the button of a fresh message."""
    await client.chat_postMessage(channel=SHARED, text="Check-in", blocks=BUTTONS)
    await person.clicks(person.messages(SHARED)[-1], "Answer")
    return person.open_views[-1]


async def test_a_button_of_an_external_person_opens_a_modal(
    server: SandboxServer, client: AsyncWebClient, bodies: list[Json]
) -> None:
    view = await pressed(client, server.person(VERA))
    body = bodies[0]
    assert (body["type"], body["team"]["id"], body["user"]["team_id"]) == ("block_actions", HOME, VENDOR)
    assert body["container"]["message_ts"] == body["message"]["ts"]
    action = body["actions"][0]
    assert (action["action_id"], action["block_id"], action["value"]) == ("answer", "row", "occ:1")
    assert (view["team_id"], view["app_installed_team_id"], view["root_view_id"]) == (VENDOR, HOME, view["id"])


async def test_a_submission_can_be_refused_by_the_client_or_by_the_app(
    server: SandboxServer, client: AsyncWebClient, app: AsyncApp, bodies: list[Json]
) -> None:
    @app.view("answers")
    async def submitted(ack: Any, body: Json) -> None:
        bodies.append(body)
        if body["view"]["state"]["values"]["done"]["text"]["value"] == "nothing":
            await ack(response_action="errors", errors={"done": "Really?"})
        else:
            await ack()

    vera = server.person(VERA)
    view = await pressed(client, vera)
    assert await vera.submits(view) == {"done": "Please complete this required field."}
    assert await vera.submits(view, {"What got done?": "nothing"}) == {"done": "Really?"}
    assert vera.open_views == [view]
    assert await vera.submits(view, {"done": "the migration"}) == {}
    assert vera.open_views == []
    body = bodies[-1]
    assert (body["team"]["id"], body["user"]["team_id"], body["view"]["app_installed_team_id"]) == (
        VENDOR,
        VENDOR,
        HOME,
    )
    assert len(bodies) == 3


@pytest.mark.parametrize(("action", "left"), [("update", ["next"]), ("push", ["answers", "next"]), ("clear", [])])
async def test_a_submission_can_be_answered_with_another_view(
    server: SandboxServer, client: AsyncWebClient, app: AsyncApp, bodies: list[Json], action: str, left: list[str]
) -> None:
    @app.view("answers")
    async def submitted(ack: Any) -> None:
        await ack(response_action=action, **({} if action == "clear" else {"view": NEXT}))

    vera = server.person(VERA)
    view = await pressed(client, vera)
    await vera.submits(view, {"done": "x"})
    assert [shown["callback_id"] for shown in vera.open_views] == left


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "errors", "errors": {"no_such_block": "x"}},
        {"response_action": "update", "view": {**MODAL, "title": {"type": "plain_text", "text": "x" * 25}}},
        {"response_action": "explode"},
    ],
)
async def test_a_nonsensical_answer_leaves_the_view_open(
    server: SandboxServer, client: AsyncWebClient, app: AsyncApp, bodies: list[Json], answer: Json
) -> None:
    @app.view("answers")
    async def submitted(ack: Any) -> None:
        await ack(**answer)

    vera = server.person(VERA)
    view = await pressed(client, vera)
    with pytest.raises(NotAnswered, match="trouble connecting"):
        await vera.submits(view, {"done": "x"})
    assert vera.open_views[-1]["callback_id"] == "answers"


async def test_closing_is_told_if_the_view_wants_it(
    server: SandboxServer, client: AsyncWebClient, app: AsyncApp, bodies: list[Json]
) -> None:
    closed: list[Json] = []

    @app.view("answers")
    async def submitted(ack: Any) -> None:
        await ack(response_action="push", view=NEXT)

    @app.view_closed("next")
    async def gone(ack: Any, body: Json) -> None:
        closed.append(body)
        await ack()

    vera = server.person(VERA)
    await vera.submits(await pressed(client, vera), {"done": "x"})
    await vera.closes()
    assert [view["callback_id"] for view in vera.open_views] == ["answers"]
    assert (closed[0]["type"], closed[0]["is_cleared"]) == ("view_closed", False)
    assert closed[0]["view"]["state"] == {"values": {}}
    await vera.closes(clear=True)
    assert vera.open_views == []
    told = [attempt for attempt in server.deliveries.log if attempt.payload.get("type") == "view_closed"]
    assert len(told) == len(closed) == 1


async def test_values_survive_an_update_where_ids_stay(
    server: SandboxServer, client: AsyncWebClient, app: AsyncApp, bodies: list[Json]
) -> None:
    choice: Json = {"type": "static_select", "action_id": "kind", "options": []}
    choice["options"] = [{"text": {"type": "plain_text", "text": word}, "value": word[0]} for word in ("Yes", "No")]
    row = {"type": "actions", "block_id": "pick", "elements": [choice]}
    seen: list[Json] = []

    @app.action("kind")
    async def chosen(ack: Any, body: Json, client: AsyncWebClient) -> None:
        seen.append(body)
        view = {**MODAL, "blocks": [*MODAL["blocks"], row, {"type": "divider"}]}
        await client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=view)
        await ack()

    ada = server.person(ADA)
    view = await pressed(client, ada)
    await client.views_update(view_id=view["id"], view={**MODAL, "blocks": [*MODAL["blocks"], row]})
    ada.open_views[-1]["state"]["values"]["done"]["text"]["value"] = "half typed"
    await ada.chooses(ada.open_views[-1], "kind", "No")
    body = seen[0]
    assert body["container"] == {"type": "view", "view_id": view["id"]}
    assert "response_url" not in body
    assert body["actions"][0]["selected_option"]["value"] == "N"
    values = ada.open_views[-1]["state"]["values"]
    assert values["done"]["text"]["value"] == "half typed"
    assert values["pick"]["kind"]["selected_option"]["value"] == "N"
    assert len(ada.open_views[-1]["blocks"]) == 3


async def test_commands(server: SandboxServer, app: AsyncApp, world: Workspace) -> None:
    heard: list[Json] = []

    @app.command("/standup")
    async def standup(ack: Any, body: Json) -> None:
        heard.append(body)
        await ack("Good morning")

    @app.command("/cadence")
    async def cadence(ack: Any) -> None:
        await ack(response_type="in_channel", text="For everyone")

    ines, tomas = server.person(INES), server.person(TOMAS)
    assert await ines.commands("/standup for <@U0ADA> & co", SHARED) == "Good morning"
    assert await tomas.commands("/cadence", SHARED) == "For everyone"
    body = heard[0]
    assert (body["command"], body["text"]) == ("/standup", "for <@U0ADA|ada> & co")
    assert (body["team_id"], body["channel_name"], body["is_enterprise_install"]) == (
        HOME,
        "northwind-brightlane",
        "false",
    )
    assert all(isinstance(value, str) for value in body.values())
    assert [message["text"] for message in server.person(ADA).messages(SHARED)] == ["For everyone"]
    world.guests_may_use_commands = False
    assert "`/cadence` is not a valid command" in await tomas.commands("/cadence", SHARED)


async def test_external_people_have_neither_commands_nor_shortcuts(server: SandboxServer, app: AsyncApp) -> None:
    vera = server.person(VERA)
    message = await vera.posts(SHARED, "hi")
    await server.settled()
    assert (await vera.commands("/standup", SHARED)).startswith("`/standup` is not a valid command.")
    assert (await server.person(INES).commands("/nonsense", SHARED)).startswith("`/nonsense` is not a valid command.")
    with pytest.raises(Refused):
        await vera.uses_shortcut("raise_blocker_msg", message)
    assert [attempt.kind for attempt in server.deliveries.log] == ["events_api"]


async def test_a_shortcut_on_a_message(server: SandboxServer, app: AsyncApp) -> None:
    heard: list[Json] = []

    @app.shortcut("raise_blocker_msg")
    async def blocker(ack: Any, body: Json) -> None:
        heard.append(body)
        await ack()

    message = await server.person(VERA).posts(SHARED, "we are stuck")
    await server.person(INES).uses_shortcut("raise_blocker_msg", message)
    body = heard[0]
    assert (body["type"], body["message"]["text"], body["message_ts"]) == (
        "message_action",
        "we are stuck",
        message["ts"],
    )
    assert body["channel"]["id"] == SHARED
    with pytest.raises(Refused):
        await server.person(INES).uses_shortcut("raise_blocker_msg")


async def test_the_home_tab(server: SandboxServer, app: AsyncApp) -> None:
    @app.event("app_home_opened")
    async def opened(event: Json, client: AsyncWebClient) -> None:
        blocks = [*BUTTONS, {"type": "section", "text": {"type": "mrkdwn", "text": event["user"]}}]
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    home = await server.person(ADA).opens_home()
    assert home is not None
    assert home["blocks"][1]["text"]["text"] == ADA
    again = await server.person(ADA).opens_home()
    assert again is not None
    assert again["id"] == home["id"]
    events = [attempt.payload["event"] for attempt in server.deliveries.log]
    assert ["view" in event for event in events] == [False, True]
    assert await server.person(VERA).opens_home() is None


async def test_post_only_externals_cannot_press_buttons(
    server: SandboxServer, client: AsyncWebClient, world: Workspace, bodies: list[Json]
) -> None:
    world.user(VERA).post_only = True
    with pytest.raises(Refused, match="permission"):
        await pressed(client, server.person(VERA))
    assert bodies == []


async def test_a_button_that_is_gone_cannot_be_pressed(
    server: SandboxServer, client: AsyncWebClient, bodies: list[Json]
) -> None:
    posted = await client.chat_postMessage(channel=SHARED, text="Check-in", blocks=BUTTONS)
    ada = server.person(ADA)
    before = ada.messages(SHARED)[-1]
    with pytest.raises(Refused, match="no 'Decline'"):
        await ada.clicks(before, "Decline")
    await client.chat_delete(channel=SHARED, ts=posted["ts"])
    with pytest.raises(Refused, match="no longer there"):
        await ada.clicks(before, "Answer")


async def test_response_urls(server: SandboxServer, client: AsyncWebClient, bodies: list[Json], hand: Hand) -> None:
    ada = server.person(ADA)
    await pressed(client, ada)
    url = bodies[0]["response_url"]
    async with aiohttp.ClientSession() as session:

        async def respond(**body: object) -> int:
            return (await session.post(url, json=body)).status

        assert await respond(text="only you") == 200
        assert await respond(text="all", response_type="in_channel") == 200
        assert await respond(text="in thread", response_type="in_channel", thread_ts=bodies[0]["message"]["ts"]) == 200
        assert await respond(text="changed", replace_original=True) == 200
        assert [message["text"] for message in ada.messages(SHARED)] == ["changed", "only you", "all", "in thread"]
        assert [message["text"] for message in server.person(INES).messages(SHARED)] == ["changed", "all", "in thread"]
        assert await respond(delete_original=True) == 200
        assert await respond(text="a sixth time") == 404
        assert [message["text"] for message in server.person(INES).messages(SHARED)] == [
            "This message was deleted.",
            "all",
            "in thread",
        ]
        await pressed(client, ada)
        url = bodies[-1]["response_url"]
        hand.seconds += 1801
        assert await respond(text="too late") == 404


async def test_an_ephemeral_message_is_replaced_and_deleted_in_place(
    server: SandboxServer, client: AsyncWebClient, app: AsyncApp
) -> None:
    replies: list[Json] = [{"text": "once", "replace_original": True, "blocks": BUTTONS}, {"delete_original": True}]
    containers: list[Json] = []

    @app.action("answer")
    async def answered(ack: Any, body: Json) -> None:
        containers.append(body)
        await ack()
        async with aiohttp.ClientSession() as session:
            await session.post(body["response_url"], json=replies.pop(0))

    ada = server.person(ADA)
    await client.chat_postEphemeral(channel=SHARED, user=ADA, text="psst", blocks=BUTTONS)
    await ada.clicks(ada.messages(SHARED)[0], "answer")
    assert [message["text"] for message in ada.messages(SHARED)] == ["once"]
    assert containers[0]["container"]["is_ephemeral"] is True
    assert "message" not in containers[0]
    await ada.clicks(ada.messages(SHARED)[0], "answer")
    assert ada.messages(SHARED) == []
    assert await error_of(client.chat_update(channel=SHARED, ts="1.000001", text="x")) == "message_not_found"

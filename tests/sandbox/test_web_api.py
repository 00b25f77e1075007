"""How the Web API is called: tokens, scopes, encodings, cursors, the record of calls."""

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.seed import APP_TOKEN, BOT_TOKEN, GENERAL, HOME, INHOUSE, SHARED, TOMAS, VENDOR, VERA
from sandbox.server import SandboxServer
from sandbox.workspace import Workspace
from tests.sandbox.conftest import START, error_of, refusal


async def test_auth_test_names_the_bot_and_its_scopes(client: AsyncWebClient, world: Workspace) -> None:
    answer = await client.auth_test()
    assert (answer["team_id"], answer["user_id"], answer["bot_id"]) == (HOME, "U0CADENCE", "B0CADENCE")
    assert "chat:write" in answer.headers["x-oauth-scopes"]


@pytest.mark.parametrize(
    ("token", "code"), [("", "not_authed"), ("xoxb-other", "invalid_auth"), (APP_TOKEN, "not_allowed_token_type")]
)
async def test_a_wrong_token_is_refused(server: SandboxServer, token: str, code: str) -> None:
    client = AsyncWebClient(token, base_url=server.api_url)
    assert await error_of(client.users_info(user=VERA)) == code


@pytest.mark.parametrize("code", ["token_revoked", "account_inactive", "token_expired"])
async def test_a_token_can_die(client: AsyncWebClient, world: Workspace, code: str) -> None:
    world.app.token_error = code
    assert await error_of(client.auth_test()) == code


async def test_a_missing_scope_names_what_is_needed(client: AsyncWebClient, world: Workspace) -> None:
    world.app.scopes = ["channels:read", "users:read"]
    answer = await refusal(client.chat_postMessage(channel=SHARED, text="hi"))
    assert (answer["error"], answer["needed"]) == ("missing_scope", "chat:write")
    assert answer["provided"] == "channels:read,users:read"
    assert (await refusal(client.conversations_info(channel=INHOUSE)))["needed"] == "groups:read"


async def test_unknown_methods_are_named_as_such(client: AsyncWebClient) -> None:
    assert await error_of(client.api_call("chat.shout")) == "unknown_method"


async def test_arguments_come_as_json_form_or_query(server: SandboxServer) -> None:
    headers = {"Authorization": f"Bearer {BOT_TOKEN}"}
    async with aiohttp.ClientSession() as session:
        by_form = await session.post(server.api_url + "users.info", data={"user": VERA, "token": BOT_TOKEN})
        by_json = await session.post(server.api_url + "users.info", json={"user": VERA}, headers=headers)
        by_query = await session.get(server.api_url + "users.info", params={"user": VERA}, headers=headers)
        answers = [await response.json() for response in (by_form, by_json, by_query)]
    assert [answer["user"]["id"] for answer in answers] == [VERA] * 3


async def test_lists_come_in_pages(client: AsyncWebClient) -> None:
    members: list[str] = []
    cursor = ""
    while True:
        answer = await client.conversations_members(channel=SHARED, limit=3, cursor=cursor)
        members += answer["members"]
        cursor = answer["response_metadata"]["next_cursor"]
        if not cursor:
            break
    assert len(members) == len(set(members)) == 8
    assert await error_of(client.conversations_members(channel=SHARED, cursor="nonsense")) == "invalid_cursor"
    assert await error_of(client.conversations_members(channel=SHARED, limit=5000)) == "invalid_limit"


async def test_people_of_other_workspaces_are_found_but_not_listed(client: AsyncWebClient) -> None:
    listed = [user["id"] for user in (await client.users_list())["members"]]
    assert TOMAS in listed
    assert VERA not in listed
    vera = (await client.users_info(user=VERA))["user"]
    assert (vera["team_id"], vera["is_stranger"], vera["tz_offset"]) == (VENDOR, False, 19800)
    assert "is_restricted" not in vera
    assert (await client.users_info(user=TOMAS))["user"]["is_restricted"] is True
    assert await error_of(client.users_info(user="U0NOBODY")) == "user_not_found"


async def test_a_stranger_is_not_visible(client: AsyncWebClient, world: Workspace) -> None:
    world.channel(SHARED).members.remove(VERA)
    assert await error_of(client.users_info(user=VERA)) == "user_not_visible"


async def test_channels_show_how_they_are_shared(client: AsyncWebClient) -> None:
    shared = (await client.conversations_info(channel=SHARED))["channel"]
    assert (shared["is_ext_shared"], shared["is_private"], shared["is_member"]) == (True, False, True)
    assert shared["shared_team_ids"] == [HOME, VENDOR]
    listed = await client.users_conversations(types="public_channel,private_channel")
    assert [channel["id"] for channel in listed["channels"]] == [SHARED, INHOUSE]
    everywhere = await client.conversations_list()
    assert {channel["id"] for channel in everywhere["channels"]} == {SHARED, GENERAL}


async def test_private_channels_without_the_app_do_not_exist_for_it(client: AsyncWebClient, world: Workspace) -> None:
    world.channel(INHOUSE).members.remove(world.app.bot_user_id)
    assert await error_of(client.conversations_info(channel=INHOUSE)) == "channel_not_found"
    assert await error_of(client.conversations_history(channel=GENERAL)) == "not_in_channel"


async def test_small_methods(client: AsyncWebClient) -> None:
    assert (await client.team_info())["team"]["domain"] == "northwind"
    assert (await client.team_info(team=VENDOR))["team"]["name"] == "Brightlane Systems"
    assert (await client.bots_info(bot="B0CADENCE"))["bot"]["app_id"] == "A0CADENCE"
    assert (await client.api_test(foo="bar"))["args"]["foo"] == "bar"
    assert await error_of(client.team_info(team="T0NOWHERE")) == "team_not_found"
    assert await error_of(client.bots_info(bot="B0OTHER")) == "bot_not_found"


async def test_every_call_is_on_record_in_order(client: AsyncWebClient, server: SandboxServer) -> None:
    await client.chat_postMessage(channel=SHARED, text="one")
    await error_of(client.chat_postMessage(channel=GENERAL, text="two"))
    made = [(call.number, call.method, call.args["channel"], call.ok) for call in server.calls]
    assert made == [(1, "chat.postMessage", SHARED, True), (2, "chat.postMessage", GENERAL, False)]
    assert server.calls[0].result is not None
    assert server.calls[0].result["message"]["text"] == "one"
    assert "token" not in server.calls[0].args
    assert server.calls[0].at == START

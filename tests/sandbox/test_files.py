"""Uploads in Slack's three steps, and files people share."""

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.seed import BOT_TOKEN, SHARED, VERA
from sandbox.server import SandboxServer
from tests.sandbox.conftest import error_of


async def test_an_upload_of_slacks_own_client_arrives(client: AsyncWebClient, server: SandboxServer) -> None:
    answer = await client.files_upload_v2(
        content="a,b\n1,2\n", filename="week.csv", title="The week", channel=SHARED, initial_comment="Figures"
    )
    shown = server.person(VERA).messages(SHARED)[0]
    assert (shown["text"], shown["bot_id"], shown["files"][0]["title"]) == ("Figures", "B0CADENCE", "The week")
    file = (await client.files_info(file=answer["file"]["id"]))["file"]
    assert (file["name"], file["size"], file["channels"]) == ("week.csv", 8, [SHARED])
    async with aiohttp.ClientSession() as session:
        assert (await session.get(file["url_private"])).status == 401
        allowed = await session.get(file["url_private"], headers={"Authorization": f"Bearer {BOT_TOKEN}"})
        assert await allowed.text() == "a,b\n1,2\n"
        assert await (await session.get(file["permalink"])).text() == "a,b\n1,2\n"


async def test_files_need_bytes_and_a_channel_the_app_is_in(client: AsyncWebClient, server: SandboxServer) -> None:
    offer = await client.files_getUploadURLExternal(filename="x.txt", length=3)
    files = [{"id": offer["file_id"], "title": "x"}]
    assert await error_of(client.files_completeUploadExternal(files=files)) == "file_not_found"
    async with aiohttp.ClientSession() as session:
        assert (await session.post(offer["upload_url"], data=b"four")).status == 400
        assert (await session.post(offer["upload_url"], data=b"abc")).status == 200
    elsewhere = client.files_completeUploadExternal(files=files, channel_id="C0NOWHERE")
    assert await error_of(elsewhere) == "channel_not_found"
    assert (await client.files_completeUploadExternal(files=files))["files"] == files
    assert await error_of(client.files_info(file="F0NONE")) == "file_not_found"


async def test_a_file_of_a_person_can_be_looked_up(client: AsyncWebClient, server: SandboxServer) -> None:
    message = await server.person(VERA).uploads(SHARED, "plan.pdf", b"%PDF", "the plan")
    file = (await client.files_info(file=message["files"][0]["id"]))["file"]
    assert (file["user"], file["name"], file["size"]) == (VERA, "plan.pdf", 4)

"""A workspace in a file: everything comes back, and a file is never half written."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox import store
from sandbox.clock import AdjustableClock
from sandbox.seed import ADA, BOT_TOKEN, INES, SHARED, VERA
from sandbox.server import SandboxServer
from sandbox.workspace import Workspace
from tests.sandbox.conftest import START


async def test_everything_said_comes_back(
    world: Workspace, server: SandboxServer, client: AsyncWebClient, tmp_path: Path
) -> None:
    ines = server.person(INES)
    root = await ines.posts(SHARED, "root")
    await server.person(VERA).uploads(SHARED, "plan.pdf", b"%PDF", "reply", root["ts"])
    await client.reactions_add(channel=SHARED, timestamp=root["ts"], name="eyes")
    await client.pins_add(channel=SHARED, timestamp=root["ts"])
    await client.chat_postMessage(channel=ADA, text="direct")
    await client.chat_postEphemeral(channel=SHARED, user=ADA, text="psst")
    await client.views_publish(user_id=ADA, view={"type": "home", "blocks": [{"type": "divider"}]})
    path = tmp_path / "deep" / "world.json"
    store.save(world, path)
    again = store.load(path, clock=AdjustableClock(START, paused=True))
    for user in (INES, ADA, VERA):
        assert again.visible_to(user) == world.visible_to(user)
    assert (again.homes, again.app, again.users, again.files) == (world.homes, world.app, world.users, world.files)
    assert again.undelivered == world.undelivered
    assert again.channels == world.channels
    assert list(tmp_path.joinpath("deep").iterdir()) == [path]


async def test_a_server_saves_when_it_stops_and_takes_it_up_again(world: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "world.json"
    first = SandboxServer(world, save_to=path)
    await first.start()
    await first.person(INES).posts(SHARED, "yesterday")
    await first.stop()
    second = SandboxServer(store.load(path), save_to=path)
    second.workspace.limits.enabled = False
    await second.start()
    client = AsyncWebClient(BOT_TOKEN, base_url=second.api_url)
    assert (await client.conversations_history(channel=SHARED))["messages"][0]["text"] == "yesterday"
    posted = await client.chat_postMessage(channel=SHARED, text="today")
    assert posted["ts"] > second.person(INES).messages(SHARED)[0]["ts"]
    await second.stop()


async def test_ts_go_on_after_a_restart_even_if_the_clock_starts_earlier(world: Workspace, tmp_path: Path) -> None:
    before = world.stamp()
    store.save(world, tmp_path / "world.json")
    earlier = AdjustableClock(START - timedelta(days=7), paused=True)
    assert store.load(tmp_path / "world.json", clock=earlier).stamp() > before


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "world.json"
    path.write_text(json.dumps({"version": 99}))
    with pytest.raises(ValueError, match="no workspace of version"):
        store.load(path)

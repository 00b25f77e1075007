"""What the Events API tells, in Slack's shapes."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox import channels, people
from sandbox.person import Person
from sandbox.seed import ADA, GENERAL, HOME, INES, INHOUSE, MALLORY, SHARED, VENDOR, VERA
from sandbox.server import SandboxServer
from sandbox.workspace import Workspace

Json = dict[str, Any]


@pytest.fixture
def told(world: Workspace) -> list[Json]:
    """Every event callback of the test so far."""
    bodies: list[Json] = []
    world.on_event.append(bodies.append)
    return bodies


@pytest.fixture
def ines(server: SandboxServer) -> Person:
    return server.person(INES)


async def test_the_wrapper_names_the_installation(ines: Person, told: list[Json]) -> None:
    message = await ines.posts(INHOUSE, "hi")
    body = told[0]
    assert (body["type"], body["team_id"], body["context_team_id"], body["api_app_id"]) == (
        "event_callback",
        HOME,
        HOME,
        "A0CADENCE",
    )
    assert body["is_ext_shared_channel"] is False
    assert [entry["team_id"] for entry in body["authorizations"]] == [HOME]
    event = body["event"]
    assert (event["type"], event["user"], event["channel"], event["channel_type"]) == (
        "message",
        INES,
        INHOUSE,
        "group",
    )
    assert event["ts"] == event["event_ts"] == message["ts"]
    assert event["team"] == HOME
    assert event["blocks"][0]["type"] == "rich_text"
    assert event["client_msg_id"]


async def test_an_external_author_shows_in_the_event_and_spoils_the_outer_team(
    server: SandboxServer, told: list[Json]
) -> None:
    await server.person(VERA).posts(SHARED, "hi")
    body = told[0]
    assert (body["team_id"], body["authorizations"][0]["team_id"]) == (VENDOR, HOME)
    assert body["is_ext_shared_channel"] is True
    assert (body["event"]["team"], body["event"]["user_team"]) == (VENDOR, VENDOR)


async def test_a_mention_is_told_twice_with_one_ts(server: SandboxServer, told: list[Json]) -> None:
    await server.person(VERA).posts(SHARED, "<@U0CADENCE> status")
    kinds = [body["event"]["type"] for body in told]
    assert kinds == ["message", "app_mention"]
    message, mention = (body["event"] for body in told)
    assert message["ts"] == mention["ts"]
    assert told[0]["event_id"] != told[1]["event_id"]
    assert (mention["team"], mention["user_team"]) == (HOME, VENDOR)
    assert mention["user_profile"] == {"team": VENDOR}


async def test_replies_edits_and_deletions(ines: Person, told: list[Json]) -> None:
    root = await ines.posts(SHARED, "root")
    reply = await ines.posts(SHARED, "reply", root["ts"], broadcast=True)
    await ines.edits(reply, "better")
    await ines.deletes(reply)
    _, posted, changed, deleted = (body["event"] for body in told)
    assert (posted["subtype"], posted["parent_user_id"], posted["root"]["ts"]) == ("thread_broadcast", INES, root["ts"])
    assert (changed["subtype"], changed["message"]["text"], changed["previous_message"]["text"]) == (
        "message_changed",
        "better",
        "reply",
    )
    assert changed["message"]["ts"] == reply["ts"] != changed["ts"]
    assert (deleted["subtype"], deleted["deleted_ts"], deleted["hidden"]) == ("message_deleted", reply["ts"], True)


async def test_the_app_hears_its_own_posts_with_metadata(client: AsyncWebClient, told: list[Json]) -> None:
    metadata = {"event_type": "cadence_post", "event_payload": {"k": "1"}}
    await client.chat_postMessage(channel=SHARED, text="mine", metadata=metadata)
    event = told[0]["event"]
    assert (event["bot_id"], event["app_id"], event["metadata"]) == ("B0CADENCE", "A0CADENCE", metadata)
    assert told[0]["event"]["bot_profile"]["name"] == "Vendor Cadence"


async def test_the_app_hears_nothing_of_channels_it_is_not_in(ines: Person, told: list[Json]) -> None:
    await ines.posts(GENERAL, "<@U0CADENCE> hi")
    assert told == []


async def test_only_what_is_subscribed_and_allowed_is_told(ines: Person, world: Workspace, told: list[Json]) -> None:
    world.app.events = ["message.channels"]
    await ines.posts(SHARED, "<@U0CADENCE> one")
    await ines.posts(INHOUSE, "two")
    world.app.scopes.remove("channels:history")
    await ines.posts(SHARED, "three")
    assert [body["event"]["text"] for body in told] == ["<@U0CADENCE> one"]


async def test_direct_messages_and_the_home_tab(ines: Person, told: list[Json], world: Workspace) -> None:
    room = channels.existing_direct(world, ines.user)
    await ines.posts(room.id, "psst")
    world.app.events = ["app_home_opened"]
    people.open_home(world, ines.user)
    message, opened = (body["event"] for body in told)
    assert message["channel_type"] == "im"
    assert (opened["type"], opened["user"], opened["channel"], opened["tab"]) == (
        "app_home_opened",
        INES,
        room.id,
        "home",
    )
    assert "view" not in opened


async def test_members_come_and_go(world: Workspace, told: list[Json]) -> None:
    channels.leave(world, SHARED, MALLORY)
    channels.join(world, SHARED, MALLORY, inviter=ADA)
    left, joined = (body["event"] for body in told)
    assert (left["type"], left["user"]) == ("member_left_channel", MALLORY)
    assert (joined["type"], joined["inviter"], joined["channel_type"], joined["team"]) == (
        "member_joined_channel",
        ADA,
        "C",
        HOME,
    )


async def test_the_life_of_a_channel(world: Workspace, told: list[Json]) -> None:
    channels.rename(world, SHARED, "brightlane")
    channels.archive(world, SHARED, INES)
    channels.archive(world, SHARED, INES, archived=False)
    channels.unshare(world, SHARED, VENDOR)
    channels.join(world, INHOUSE, VERA)
    channels.change_id(world, INHOUSE, "C0MOVED")
    kinds = [body["event"]["type"] for body in told]
    assert kinds == [
        "channel_rename",
        "channel_archive",
        "channel_unarchive",
        "channel_unshared",
        "channel_shared",
        "member_joined_channel",
        "channel_id_changed",
    ]
    assert VERA not in world.channel(SHARED).members
    assert world.channel("C0MOVED").is_ext_shared


async def test_reactions_carry_no_team(ines: Person, told: list[Json]) -> None:
    message = await ines.posts(SHARED, "hi")
    await ines.reacts(message, "eyes")
    event = told[1]["event"]
    assert (event["type"], event["reaction"], event["item"]["ts"]) == ("reaction_added", "eyes", message["ts"])
    assert "team" not in event


async def test_an_uninstalled_app_hears_of_it(world: Workspace, told: list[Json]) -> None:
    world.app.events = []
    channels.uninstall(world)
    assert [body["event"]["type"] for body in told] == ["tokens_revoked", "app_uninstalled"]
    assert world.app.token_error == "account_inactive"


async def test_files_of_another_workspace_come_as_stubs(server: SandboxServer, told: list[Json]) -> None:
    await server.person(VERA).uploads(SHARED, "plan.pdf", b"%PDF", "the plan")
    await server.person(INES).uploads(SHARED, "own.pdf", b"%PDF")
    theirs, ours = (body["event"] for body in told)
    assert (theirs["subtype"], theirs["files"][0]["file_access"]) == ("file_share", "check_file_info")
    assert ours["files"][0]["name"] == "own.pdf"

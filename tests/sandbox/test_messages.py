"""Posting, editing, deleting, threads, metadata, reactions and pins."""

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox import channels
from sandbox.seed import ADA, GENERAL, INES, INHOUSE, MALLORY, SHARED, VERA
from sandbox.server import SandboxServer
from sandbox.workspace import Workspace
from tests.sandbox.conftest import BUTTONS, error_of, refusal

METADATA = {"event_type": "cadence_post", "event_payload": {"k": "01j"}}


async def test_a_post_comes_back_with_block_ids_and_bot_fields(client: AsyncWebClient) -> None:
    blocks = [{"type": "divider"}, *BUTTONS]
    answer = await client.chat_postMessage(channel=SHARED, text="hi", blocks=blocks, metadata=METADATA)
    message = answer["message"]
    assert (message["user"], message["bot_id"], message["app_id"]) == ("U0CADENCE", "B0CADENCE", "A0CADENCE")
    assert message["metadata"] == METADATA
    assert message["blocks"][0]["block_id"]
    assert message["blocks"][1]["block_id"] == "row"
    assert answer["ts"] == message["ts"]


async def test_ts_are_unique_and_increasing_though_time_stands_still(client: AsyncWebClient) -> None:
    posted = [(await client.chat_postMessage(channel=SHARED, text=str(n)))["ts"] for n in range(5)]
    assert posted == sorted(set(posted))
    assert all(ts.startswith("1795420800.") for ts in posted)


@pytest.mark.parametrize(
    ("channel", "code"),
    [("C0NOWHERE", "channel_not_found"), (GENERAL, "not_in_channel"), ("U0NOBODY", "channel_not_found")],
)
async def test_where_the_app_cannot_post(client: AsyncWebClient, channel: str, code: str) -> None:
    assert await error_of(client.chat_postMessage(channel=channel, text="hi")) == code


async def test_archived_channels_take_nothing(client: AsyncWebClient, world: Workspace) -> None:
    ts = (await client.chat_postMessage(channel=SHARED, text="before"))["ts"]
    channels.archive(world, SHARED, INES)
    assert await error_of(client.chat_postMessage(channel=SHARED, text="after")) == "is_archived"
    assert await error_of(client.chat_update(channel=SHARED, ts=ts, text="after")) == "is_inactive"


async def test_what_a_message_must_hold(client: AsyncWebClient) -> None:
    async def code(**content: object) -> str:
        return await error_of(client.chat_postMessage(channel=SHARED, **content))  # type: ignore[arg-type]

    assert await code(text="   ") == "no_text"
    assert await code(text="x", blocks={"type": "divider"}) == "invalid_blocks_format"
    assert await code(text="x", metadata={"event_type": "a"}) == "invalid_metadata_format"
    assert (
        await code(text="x", metadata={"event_type": "a", "event_payload": {"k": "x" * 20000}}) == "metadata_too_large"
    )
    assert await code(text="x", thread_ts="1.000001") == "cannot_reply_to_message"
    assert await code(text="x", attachments=[{"text": "a"}] * 101) == "too_many_attachments"
    assert await code(text="x", markdown_text="y") == "markdown_text_conflict"


async def test_overlong_text_is_cut_when_posted_and_refused_when_edited(client: AsyncWebClient) -> None:
    answer = await client.chat_postMessage(channel=SHARED, text="x" * 50_000)
    assert len(answer["message"]["text"]) == 40_000
    assert await error_of(client.chat_update(channel=SHARED, ts=answer["ts"], text="x" * 4001)) == "msg_too_long"


async def test_invalid_blocks_say_where(client: AsyncWebClient) -> None:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}]
    answer = await refusal(client.chat_postMessage(channel=SHARED, text="x", blocks=blocks))
    assert answer["error"] == "invalid_blocks"
    expected = ["[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]"]
    assert answer["response_metadata"]["messages"] == expected


async def test_an_edit_replaces_what_it_names_and_keeps_the_rest(client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel=SHARED, text="a", blocks=BUTTONS, metadata=METADATA)
    await client.chat_update(channel=SHARED, ts=posted["ts"], text="b")
    history = await client.conversations_history(channel=SHARED, include_all_metadata=True)
    message = history["messages"][0]
    assert (message["text"], message["metadata"], len(message["blocks"])) == ("b", METADATA, 1)
    assert message["edited"]["user"] == "U0CADENCE"
    await client.chat_update(channel=SHARED, ts=posted["ts"], text="c", blocks=[], metadata={})
    history = await client.conversations_history(channel=SHARED, include_all_metadata=True)
    assert "blocks" not in history["messages"][0]
    assert "metadata" not in history["messages"][0]


async def test_only_own_messages_can_be_changed(client: AsyncWebClient, server: SandboxServer) -> None:
    ts = (await server.person(INES).posts(SHARED, "mine"))["ts"]
    assert await error_of(client.chat_update(channel=SHARED, ts=ts, text="yours")) == "cant_update_message"
    assert await error_of(client.chat_delete(channel=SHARED, ts=ts)) == "cant_delete_message"
    assert await error_of(client.chat_delete(channel=SHARED, ts="1.000001")) == "message_not_found"


async def test_metadata_is_given_only_if_asked_for(client: AsyncWebClient) -> None:
    await client.chat_postMessage(channel=SHARED, text="a", metadata=METADATA)
    assert "metadata" not in (await client.conversations_history(channel=SHARED))["messages"][0]
    asked = await client.conversations_history(channel=SHARED, include_all_metadata=True)
    assert asked["messages"][0]["metadata"] == METADATA


async def test_threads(client: AsyncWebClient, server: SandboxServer) -> None:
    root = (await client.chat_postMessage(channel=SHARED, text="root"))["ts"]
    reply = await server.person(VERA).posts(SHARED, "reply", root)
    await client.chat_postMessage(channel=SHARED, text="to a reply", thread_ts=reply["ts"])
    await client.chat_postMessage(channel=SHARED, text="for all", thread_ts=root, reply_broadcast=True)
    history = (await client.conversations_history(channel=SHARED))["messages"]
    assert [message["text"] for message in history] == ["for all", "root"]
    assert (history[1]["reply_count"], history[1]["reply_users"]) == (3, [VERA, "U0CADENCE"])
    thread = (await client.conversations_replies(channel=SHARED, ts=reply["ts"]))["messages"]
    assert [message["text"] for message in thread] == ["root", "reply", "to a reply", "for all"]
    assert {message["parent_user_id"] for message in thread[1:]} == {"U0CADENCE"}
    assert await error_of(client.conversations_replies(channel=SHARED, ts="1.000001")) == "thread_not_found"


async def test_a_deleted_parent_leaves_a_tombstone_until_the_last_reply_goes(
    client: AsyncWebClient, server: SandboxServer
) -> None:
    root = (await client.chat_postMessage(channel=SHARED, text="root"))["ts"]
    reply = await server.person(VERA).posts(SHARED, "reply", root)
    await client.chat_delete(channel=SHARED, ts=root)
    assert (await client.conversations_history(channel=SHARED))["messages"][0]["subtype"] == "tombstone"
    assert await error_of(client.chat_update(channel=SHARED, ts=root, text="x")) == "cant_update_message"
    await server.person(VERA).deletes(reply)
    assert (await client.conversations_history(channel=SHARED))["messages"] == []


async def test_history_between_two_times(client: AsyncWebClient) -> None:
    ts = [(await client.chat_postMessage(channel=SHARED, text=str(n)))["ts"] for n in range(4)]

    async def texts(**bounds: object) -> list[str]:
        answer = await client.conversations_history(channel=SHARED, **bounds)  # type: ignore[arg-type]
        return [message["text"] for message in answer["messages"]]

    assert await texts(oldest=ts[1]) == ["3", "2"]
    assert await texts(oldest=ts[1], inclusive=True) == ["3", "2", "1"]
    assert await texts(oldest=ts[0], latest=ts[2]) == ["1"]
    assert await texts(oldest="1795420800", limit=1) == ["3"]
    assert await error_of(client.conversations_history(channel=SHARED, oldest="soon")) == "invalid_ts_oldest"


async def test_ephemeral_messages_are_seen_by_one_person_only(client: AsyncWebClient, server: SandboxServer) -> None:
    await client.chat_postEphemeral(channel=SHARED, user=ADA, text="just you")
    assert [message["text"] for message in server.person(ADA).messages(SHARED)] == ["just you"]
    assert server.person(INES).messages(SHARED) == []
    assert (await client.conversations_history(channel=SHARED))["messages"] == []
    long = client.chat_postEphemeral(channel=SHARED, user=ADA, text="x" * 4001)
    assert await error_of(long) == "msg_too_long"
    outsider = client.chat_postEphemeral(channel=INHOUSE, user=VERA, text="not for you")
    assert await error_of(outsider) == "user_not_in_channel"


async def test_a_user_id_opens_the_direct_message(client: AsyncWebClient, server: SandboxServer) -> None:
    first = await client.chat_postMessage(channel=ADA, text="hello")
    again = await client.conversations_open(users=ADA, return_im=True)
    assert first["channel"].startswith("D")
    assert again["channel"]["id"] == first["channel"]
    assert (again["channel"]["user"], again["already_open"]) == (ADA, True)
    assert [message["text"] for message in server.person(ADA).direct_messages()] == ["hello"]
    assert (await client.conversations_info(channel=first["channel"]))["channel"]["is_im"] is True


async def test_direct_messages_that_cannot_be(client: AsyncWebClient, world: Workspace) -> None:
    assert await error_of(client.conversations_open(users="U0CADENCE")) == "cannot_dm_bot"
    assert await error_of(client.conversations_open(users=[])) == "users_list_not_supplied"
    world.user(ADA).dm_error = "messages_tab_disabled"
    assert await error_of(client.chat_postMessage(channel=ADA, text="hi")) == "messages_tab_disabled"
    world.channel(SHARED).members.remove(VERA)
    assert await error_of(client.conversations_open(users=VERA)) == "user_not_visible"
    world.user(MALLORY).deleted = True
    assert await error_of(client.conversations_open(users=MALLORY)) == "user_disabled"


async def test_group_messages_need_a_common_channel_of_all_externals(client: AsyncWebClient, world: Workspace) -> None:
    assert (await client.conversations_open(users=[ADA, VERA]))["channel"]["id"].startswith("G")
    world.channel(SHARED).members.remove(VERA)
    assert await error_of(client.conversations_open(users=[INES, VERA])) == "invalid_user_combination"


async def test_reactions(client: AsyncWebClient, server: SandboxServer) -> None:
    ines = server.person(INES)
    message = await ines.posts(SHARED, "done")
    place = {"channel": SHARED, "timestamp": message["ts"]}
    await client.reactions_add(name="white_check_mark", **place)
    assert await error_of(client.reactions_add(name="white_check_mark", **place)) == "already_reacted"
    assert await error_of(client.reactions_add(name="no such!", **place)) == "invalid_name"
    await ines.reacts(message, "white_check_mark")
    seen = (await client.reactions_get(**place))["message"]["reactions"]
    assert seen == [{"name": "white_check_mark", "users": ["U0CADENCE", INES], "count": 2}]
    await client.reactions_remove(name="white_check_mark", **place)
    assert await error_of(client.reactions_remove(name="white_check_mark", **place)) == "no_reaction"
    await ines.reacts(message, "white_check_mark")
    assert "reactions" not in (await client.reactions_get(**place))["message"]


async def test_pins(client: AsyncWebClient) -> None:
    ts = (await client.chat_postMessage(channel=SHARED, text="agenda"))["ts"]
    await client.pins_add(channel=SHARED, timestamp=ts)
    assert await error_of(client.pins_add(channel=SHARED, timestamp=ts)) == "already_pinned"
    assert [item["message"]["ts"] for item in (await client.pins_list(channel=SHARED))["items"]] == [ts]
    await client.pins_remove(channel=SHARED, timestamp=ts)
    assert await error_of(client.pins_remove(channel=SHARED, timestamp=ts)) == "no_pin"


async def test_permalinks(client: AsyncWebClient) -> None:
    root = (await client.chat_postMessage(channel=SHARED, text="root"))["ts"]
    reply = (await client.chat_postMessage(channel=SHARED, text="reply", thread_ts=root))["ts"]
    link = (await client.chat_getPermalink(channel=SHARED, message_ts=reply))["permalink"]
    assert link.startswith(f"https://northwind.slack.com/archives/{SHARED}/p{reply.replace('.', '')}?thread_ts={root}")
    missing = client.chat_getPermalink(channel=SHARED, message_ts="1.000001")
    assert await error_of(missing) == "message_not_found"


async def test_typed_text_is_escaped_as_slack_does(server: SandboxServer) -> None:
    message = await server.person(INES).posts(SHARED, "a < b & <@U0ADA> see https://example.org/?a=1&b=2")
    assert message["text"] == "a &lt; b &amp; <@U0ADA> see <https://example.org/?a=1&amp;b=2>"
    parts = message["blocks"][0]["elements"][0]["elements"]
    assert [part["type"] for part in parts] == ["text", "user", "text", "link"]
    assert parts[0]["text"] == "a < b & "
    assert parts[3]["url"] == "https://example.org/?a=1&b=2"

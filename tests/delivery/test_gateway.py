"""The one door to Slack: every failure in its family, nothing repeated that posts, nothing leaked."""

import socket
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot import slack_errors
from bot.gateway import (
    ContentRefused,
    Gateway,
    RateLimited,
    SlackFailure,
    TargetGone,
    TokenRefused,
    Transient,
    Unclear,
)
from models.outbox.transitions import WAIT
from sandbox import messages
from sandbox.faults import Fault, Kind, catalogue
from sandbox.seed import BOT_TOKEN, example_world
from sandbox.server import SandboxServer

CHANNEL, INHOUSE = "C0SHARED", "C0INHOUSE"
SECRET = "the secret words"


@pytest.fixture
async def server() -> AsyncIterator[SandboxServer]:
    server = SandboxServer(example_world())
    server.workspace.limits.enabled = False
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def slack(server: SandboxServer) -> AsyncIterator[Gateway]:
    gateway = Gateway(BOT_TOKEN, base_url=server.api_url, call_seconds=0.5)
    yield gateway
    await gateway.close()


async def test_no_fault_makes_it_post_twice_or_tell_what_was_said(server: SandboxServer, slack: Gateway) -> None:
    for fault in catalogue("chat.postMessage"):
        server.faults.add(fault)
        before = len(server.calls)
        is_limit = fault.kind in (Kind.RATE_LIMITED, Kind.RATE_LIMITED_BARE)

        with pytest.raises(RateLimited if is_limit else Unclear) as caught:
            await slack.post_message(CHANNEL, SECRET, key="k")

        assert len(server.calls) == before + 1, fault
        assert SECRET not in repr(caught.value)
        assert caught.value.__cause__ is None
        assert BOT_TOKEN not in repr(caught.value)


@pytest.mark.parametrize(
    ("code", "family"),
    [
        ("invalid_auth", TokenRefused),
        ("token_revoked", TokenRefused),
        ("missing_scope", TokenRefused),
        ("channel_not_found", TargetGone),
        ("is_archived", TargetGone),
        ("restricted_action_thread_locked", TargetGone),
        ("messages_tab_disabled", TargetGone),
        ("invalid_blocks", ContentRefused),
        ("msg_too_long", ContentRefused),
        ("a_code_nobody_knows", ContentRefused),
        ("service_unavailable", Unclear),
        ("team_added_to_org", Transient),
        ("rate_limited", RateLimited),
    ],
)
async def test_each_code_has_its_family(
    server: SandboxServer, slack: Gateway, code: str, family: type[SlackFailure]
) -> None:
    server.faults.add(Fault("chat.postMessage", 1, Kind.ERROR, code=code))

    with pytest.raises(family) as caught:
        await slack.post_message(CHANNEL, "x")

    assert (caught.value.code, caught.value.method) == (code, "chat.postMessage")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7), ("0.5", 0.5), ("", 5), ("soon", 5), ("-3", 5), ("nan", 5), ("inf", 5), ("9e99", 3600)],
)
def test_a_senseless_retry_after_is_survived(header: str, seconds: float) -> None:
    assert slack_errors.retry_after({"Retry-After": header}) == timedelta(seconds=seconds)
    assert slack_errors.retry_after({}) == slack_errors.RETRY_AFTER


async def test_refused_content_is_named_by_pointers_only(slack: Gateway) -> None:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": SECRET * 400}}]

    with pytest.raises(ContentRefused) as caught:
        await slack.post_message(CHANNEL, "x", blocks)

    assert SECRET not in repr(vars(caught.value))
    assert all(pointer.startswith("/") for pointer in caught.value.pointers)


async def test_what_never_left_is_known_not_to_have_happened() -> None:
    gateway = Gateway(BOT_TOKEN, base_url="http://127.0.0.1:1/api/")
    with pytest.raises(Transient):
        await gateway.post_message(CHANNEL, "x")
    await gateway.close()


async def test_what_is_given_up_is_on_its_way_no_more_when_it_is_looked_for(slack: Gateway) -> None:
    """Whether the network obeys: `tests/kill/test_cut_off.py`."""
    await slack.post_message(CHANNEL, "x")

    session = slack._line._session
    assert session is not None
    assert session.connector is not None
    (kept,) = session.connector._conns.values()
    patience = kept[0][0].transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
    assert timedelta(0) < timedelta(milliseconds=patience) < WAIT


async def test_a_form_is_given_up_while_its_trigger_could_still_serve(server: SandboxServer) -> None:
    gateway = Gateway(BOT_TOKEN, base_url=server.api_url)
    server.faults.add(Fault("views.open", 1, Kind.TIMEOUT, seconds=10))
    with pytest.raises(Unclear, match="timeout"):
        await gateway.open_view("1.2.3", {"type": "modal"})
    await gateway.close()


async def test_posts_are_found_by_key_over_many_pages(slack: Gateway) -> None:
    first = await slack.post_message(CHANNEL, "root", key="a")
    for number in range(30):
        await slack.post_message(CHANNEL, "noise", key=f"noise {number}")
    again = await slack.post_message(CHANNEL, "root again", key="a")
    reply = await slack.post_message(CHANNEL, "reply", key="b", thread_ts=first)

    in_channel = await slack.find_posts(CHANNEL, None, float(first), frozenset({"a", "b"}))
    in_thread = await slack.find_posts(CHANNEL, first, float(first), frozenset({"a", "b"}))

    assert (in_channel.posts, in_channel.is_whole) == ({"a": (first, again)}, True)
    assert in_thread.posts["b"] == (reply,)


async def test_a_window_too_long_to_read_is_said_to_be_so(server: SandboxServer) -> None:
    slack = Gateway(BOT_TOKEN, base_url=server.api_url)
    first = await slack.post_message(CHANNEL, "x", key="first")
    workspace = server.workspace
    for _ in range(2_000):
        messages.post(workspace, workspace.channels[CHANNEL], workspace.user("U0INES"), {"text": "chatter"})
    last = await slack.post_message(CHANNEL, "x", key="last")

    found = await slack.find_posts(CHANNEL, None, float(first), frozenset({"first", "last"}))

    assert (found.posts, found.is_whole) == ({"last": (last,)}, False)
    await slack.close()


async def test_what_it_reads(server: SandboxServer, slack: Gateway) -> None:
    me = await slack.auth_test()
    shared, inhouse = await slack.channel_info(CHANNEL), await slack.channel_info(INHOUSE)
    vera, tomas = await slack.user_info("U0VERA"), await slack.user_info("U0TOMAS")
    ts = await slack.post_message(CHANNEL, "x")

    assert (me.team_id, me.user_id) == ("T0NORTHWIND", "U0CADENCE")
    assert "chat:write" in me.scopes
    assert (shared.is_ext_shared, inhouse.is_ext_shared, inhouse.is_member) == (True, False, True)
    assert (vera.team_id, tomas.team_id, tomas.is_guest) == ("T0BRIGHTLANE", "T0NORTHWIND", True)
    assert "U0VERA" in await slack.channel_members(CHANNEL)
    assert (await slack.permalink(CHANNEL, ts)).startswith("https://")
    assert await slack.open_direct("U0VERA") == await slack.open_direct("U0VERA")


async def test_reads_are_repeated_when_the_connection_breaks(server: SandboxServer, slack: Gateway) -> None:
    server.faults.add(Fault("users.info", 1, Kind.RESET))

    assert (await slack.user_info("U0VERA")).user_id == "U0VERA"

"""Rate limits: one message a second a channel, the workspace's limit, tiers, commercial history."""

from datetime import timedelta

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.clock import AdjustableClock
from sandbox.errors import RateLimited
from sandbox.limits import Limits
from sandbox.seed import ADA, INES, INHOUSE, SHARED
from sandbox.workspace import Workspace
from tests.sandbox.conftest import Hand, error_of, refusal


@pytest.fixture
def limited(world: Workspace) -> Workspace:
    world.limits.enabled = True
    return world


async def test_one_message_a_second_a_channel(
    client: AsyncWebClient, limited: Workspace, slack_clock: AdjustableClock
) -> None:
    limited.limits.channel_burst = 0
    await client.chat_postMessage(channel=SHARED, text="one")
    answer = await refusal(client.chat_postMessage(channel=SHARED, text="two"))
    assert (answer.status_code, answer["error"], answer.headers["Retry-After"]) == (429, "ratelimited", "1")
    await client.chat_postMessage(channel=INHOUSE, text="elsewhere")
    slack_clock.advance(timedelta(seconds=1))
    await client.chat_postMessage(channel=SHARED, text="two")


async def test_a_direct_message_counts_by_person_and_by_channel(client: AsyncWebClient, limited: Workspace) -> None:
    limited.limits.channel_burst = 0
    channel = (await client.conversations_open(users=ADA))["channel"]["id"]
    await client.chat_postMessage(channel=ADA, text="one")
    assert await error_of(client.chat_postMessage(channel=channel, text="two")) == "ratelimited"
    await client.chat_postMessage(channel=INES, text="to somebody else")


def test_a_burst_is_let_through_once() -> None:
    now = Hand()
    limits = Limits(now, channel_burst=1)
    limits.check("chat.postMessage", 3, "C1")
    limits.check("chat.postMessage", 3, "C1")
    with pytest.raises(RateLimited):
        limits.check("chat.postMessage", 3, "C1")
    for _ in range(10):
        now.seconds += 1
        limits.check("chat.postMessage", 3, "C1")
    with pytest.raises(RateLimited):
        limits.check("chat.postMessage", 3, "C1")


def test_the_whole_workspace_has_a_limit() -> None:
    now = Hand()
    limits = Limits(now, workspace_per_minute=5)
    for number in range(5):
        limits.check("chat.postMessage", 3, f"C{number}")
    with pytest.raises(RateLimited) as refused:
        limits.check("chat.postMessage", 3, "C9")
    assert refused.value.retry_after == 60


@pytest.mark.parametrize(("tier", "allowed"), [(2, 20), (3, 50), (4, 100)])
def test_tiers_are_per_method(tier: int, allowed: int) -> None:
    now = Hand()
    limits = Limits(now)
    for _ in range(allowed):
        limits.check("some.method", tier, "")
        now.seconds += 0.1
    with pytest.raises(RateLimited) as refused:
        limits.check("some.method", tier, "")
    limits.check("other.method", tier, "")
    assert refused.value.retry_after is not None
    now.seconds += refused.value.retry_after
    limits.check("some.method", tier, "")


async def test_history_of_distributed_apps(client: AsyncWebClient, limited: Workspace) -> None:
    limited.limits.channel_burst = 100
    for number in range(20):
        await client.chat_postMessage(channel=SHARED, text=str(number))
    limited.limits.commercial_history = True
    assert len((await client.conversations_history(channel=SHARED, limit=100))["messages"]) == 15
    assert await error_of(client.conversations_history(channel=SHARED)) == "ratelimited"

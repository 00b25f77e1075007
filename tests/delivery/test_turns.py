"""The places in flight are shared: no workspace waits behind a busy or a slow one."""

import asyncio
from datetime import timedelta

from bot.delivery.dispatcher import Dispatcher
from bot.delivery.turns import Turns
from bot.gateway import Gateway
from models.access import SYSTEM
from models.base import new_id
from models.engagements.tables import Engagement
from models.outbox import doubts, service
from models.outbox.gates import SLACK, Pace, Rate
from sandbox.seed import BOT_TOKEN
from sandbox.state import Json
from sandbox.web_api import When
from tests.support.delivery import Office, always, rendered

AT_ONCE = Pace(lane=timedelta(0), gates=dict.fromkeys(SLACK.gates, Rate(timedelta(milliseconds=1), burst=1000)))


def test_the_next_pass_begins_after_whoever_was_served_last() -> None:
    turns = Turns(20)
    turns.served("B")

    assert turns.order(["A", "B", "C"]) == ["C", "A", "B"]


def test_what_is_free_is_shared_equally_and_nobody_holds_more_than_half() -> None:
    turns = Turns(20)

    assert turns.share(20, waiting=1, held=0, elsewhere=0) == 20
    assert turns.share(20, waiting=4, held=0, elsewhere=0) == 5
    assert turns.share(10, waiting=1, held=10, elsewhere=2) == 0
    assert turns.share(1, waiting=50, held=0, elsewhere=19) == 1


def says(post: Office, tenant: str, count: int) -> None:
    """Messages of a workspace, each in a channel of its own."""
    world = post.server.workspace
    with post.db.transaction(SYSTEM) as tx:
        for number in range(count):
            channel = world.add_channel(f"C{tenant}{number}", f"c{number}", "channel", [world.app.bot_user_id])
            room = tx.add(
                Engagement(
                    workspace_id=tenant,
                    key=f"e{number}",
                    company="A",
                    vendor="B",
                    channel_id=channel.id,
                    zone="UTC",
                )
            )
            tx.session.flush()
            service.post(tx, room, "test", new_id(), key=f"{tenant} {number}")


async def test_looking_for_lost_posts_in_a_slack_that_hangs_does_not_hold_up_another(post: Office) -> None:
    says(post, "T0SLOW", 3)
    with post.db.transaction(SYSTEM) as tx:
        assert doubts.doubt_all(tx, post.clock.now()) == 3
    post.clock.advance(timedelta(seconds=10))
    says(post, "T1QUICK", 5)
    released = asyncio.Event()
    quick: list[str] = []

    async def hold(method: str, args: Json, when: When) -> None:
        if method == "conversations.history" and when == "before":
            await released.wait()
        if method == "chat.postMessage" and when == "before" and "T1QUICK" in args["channel"]:
            quick.append(args["channel"])
            if len(quick) == 5:
                released.set()

    post.server.on_request.append(hold)
    slack = Gateway(BOT_TOKEN, base_url=post.server.api_url, call_seconds=30)
    dispatcher = Dispatcher(post.db, always(slack), rendered, post.clock, pace=AT_ONCE, call_seconds=30)
    async with asyncio.timeout(25):
        await dispatcher.drain()
        post.clock.advance(timedelta(minutes=1))
        await dispatcher.drain()
    await slack.close()

    posted = [call for call in post.server.calls if call.method == "chat.postMessage"]
    assert len(quick) == 5
    assert len(posted) == 8, "what was not found is posted then"


async def test_a_workspace_whose_slack_hangs_does_not_hold_up_another(post: Office) -> None:
    """It has more to say than there are places, and none of its calls ends before the other workspace is done."""
    says(post, "T0SLOW", 12)
    says(post, "T1QUICK", 5)
    released = asyncio.Event()
    quick: list[str] = []

    async def hold(method: str, args: Json, when: When) -> None:
        if method != "chat.postMessage" or when != "before":
            return
        if "T0SLOW" in args["channel"]:
            await released.wait()
            return
        quick.append(args["channel"])
        if len(quick) == 5:
            released.set()

    post.server.on_request.append(hold)
    slack = Gateway(BOT_TOKEN, base_url=post.server.api_url, call_seconds=30)
    dispatcher = Dispatcher(post.db, always(slack), rendered, post.clock, pace=AT_ONCE, call_seconds=30, in_flight=6)
    async with asyncio.timeout(60):
        await dispatcher.drain()
    await slack.close()

    assert len(quick) == 5
    assert post.server.calls

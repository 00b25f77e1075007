"""The way of a message: posted once, edited in place, in order, in its thread, at Slack's pace."""

from datetime import timedelta
from itertools import pairwise

import pytest

from bot.delivery.dispatcher import Dispatcher
from models.access import SYSTEM
from models.outbox import delivery, outcomes
from models.outbox.outcomes import Report
from models.outbox.rules import Audience, OutboxState, Outcome, Place
from models.outbox.tables import OutboxMessage, Post
from tests.support.delivery import Office, always, doubles, engagement_row, rendered
from tests.support.statements import statements
from tests.support.world import CHANNEL, INHOUSE_CHANNEL, WORKSPACE


async def test_a_message_is_posted_once_and_written_down(post: Office) -> None:
    post.post("board:1", say="Stand-up of Monday")

    await post.dispatcher.drain()
    await post.dispatcher.drain()

    assert post.shown() == ["Stand-up of Monday"]
    assert post.state("board:1") is OutboxState.SENT
    assert [(one.key, one.channel_id) for one in post.posts()] == [("board:1", CHANNEL)]
    assert await post.dispatcher.next_wake() is None


async def test_a_tick_with_nothing_to_send_looks_once(post: Office) -> None:
    with statements(post.db) as seen:
        await post.dispatcher.keep_up()

    assert len(seen) == 1


async def test_every_post_carries_its_key_and_nothing_to_parse(post: Office) -> None:
    post.post("board:1")
    await post.dispatcher.drain()
    post.refresh("board:1")
    await post.dispatcher.drain()

    sent, edited = (call.args for call in post.server.calls)
    row = post.row("board:1")
    assert sent["metadata"] == {"event_type": "cadence_post", "event_payload": {"k": row.id.hex}}
    for args in (sent, edited):
        assert (args["parse"], args["link_names"]) == ("none", False)
        assert (args["unfurl_links"], args["unfurl_media"]) == (False, False)


async def test_a_lane_keeps_its_order_and_slacks_pace(post: Office) -> None:
    for number in range(5):
        post.post(f"n:{number}")

    await post.dispatcher.drain()
    assert post.shown() == ["n:0"]
    await post.settle()

    assert post.shown() == [f"n:{number}" for number in range(5)]
    calls = [call.at for call in post.server.calls]
    assert min(later - earlier for earlier, later in pairwise(calls)) >= timedelta(seconds=1)


async def test_lanes_do_not_wait_for_each_other(post: Office) -> None:
    post.post("a")
    post.post("b", place=Place.INHOUSE)
    post.post("c", place=Place.DIRECT, to="ines")

    await post.dispatcher.drain()

    assert (post.shown(), post.shown(INHOUSE_CHANNEL), post.direct("ines")) == (["a"], ["b"], ["c"])


async def test_edits_collapse_into_one(post: Office) -> None:
    post.post("board:1", say="nobody")
    await post.dispatcher.drain()
    for word in ("one", "two", "three"):
        post.refresh("board:1", word)

    await post.settle()

    assert post.shown() == ["three"]
    assert post.called("chat.update") == 1


async def test_an_edit_is_spared_when_the_post_itself_is_still_to_come(post: Office) -> None:
    post.post("other")
    post.post("board:1", say="old")
    await post.dispatcher.drain()
    post.refresh("board:1", "new")

    await post.settle()

    assert post.shown() == ["other", "new"]
    assert post.called("chat.update") == 0


async def test_a_post_that_is_removed_before_it_was_sent_is_never_seen(post: Office) -> None:
    post.post("first")
    post.post("reminder:1")
    post.remove("reminder:1")

    await post.settle()

    assert post.shown() == ["first"]
    assert post.state("reminder:1") is OutboxState.DROPPED
    assert post.called("chat.delete") == 0


async def test_a_removed_post_is_gone_and_stays_gone(post: Office) -> None:
    post.post("reminder:1", place=Place.DIRECT, to="vera")
    await post.settle()
    post.remove("reminder:1")
    await post.settle()
    post.refresh("reminder:1")
    await post.settle()

    assert post.direct("vera") == []
    assert post.posts() == []
    assert (post.called("chat.delete"), post.called("chat.update")) == (1, 0)


async def test_a_message_no_longer_wanted_is_dropped(post: Office) -> None:
    post.post("prompt:1", say="unwanted")

    await post.settle()

    assert post.shown() == []
    assert post.state("prompt:1") is OutboxState.DROPPED


async def test_an_answer_waits_for_its_thread(post: Office) -> None:
    post.post("answer:1", place=Place.INHOUSE, parent_key="board:1")
    post.post("board:1", place=Place.CHANNEL)
    with post.db.transaction(SYSTEM) as tx:
        engagement_row(tx, post.world.engagement_id).inhouse_channel_id = CHANNEL

    await post.settle()

    board, answer = post.posts()
    assert (board.key, answer.key, answer.thread_ts) == ("board:1", "answer:1", board.ts)


async def test_an_answer_dies_with_a_thread_that_never_came(post: Office) -> None:
    post.post("board:1", say="unwanted")
    post.post("answer:1", parent_key="board:1")
    post.post("answer:2", parent_key="board:0")
    post.post("next")

    await post.settle()

    assert post.state("answer:1") is OutboxState.DROPPED
    assert post.state("answer:2") is OutboxState.DEAD
    assert post.shown() == ["next"]


async def test_a_reply_goes_into_the_thread_of_the_persons_own_message(post: Office) -> None:
    post.post("root")
    await post.settle()
    ts = post.posts()[0].ts
    post.post("mention:1", channel_id=CHANNEL, thread_ts=ts)

    await post.settle()

    assert post.posts()[1].thread_ts == ts


async def test_a_direct_message_is_opened_once_and_remembered(post: Office) -> None:
    post.post("prompt:1", place=Place.DIRECT, to="vera")
    post.post("prompt:2", place=Place.DIRECT, to="vera")

    await post.settle()

    assert post.direct("vera") == ["prompt:1", "prompt:2"]
    assert post.called("conversations.open") == 1
    assert post.person("vera").dm_channel_id


@pytest.mark.parametrize("error", ["messages_tab_disabled", "user_not_visible", "cannot_dm_bot", "user_disabled"])
async def test_who_cannot_be_written_to_is_mentioned_in_the_thread(post: Office, error: str) -> None:
    post.server.workspace.users["U0VERA"].dm_error = error
    post.post("board:1")
    post.post("prompt:1", place=Place.DIRECT, to="vera", parent_key="board:1")

    await post.settle()

    assert post.state("prompt:1") is OutboxState.DEAD
    mention = post.row("prompt:1:mention")
    assert (mention.state, mention.extra["mention"]) == (OutboxState.SENT, True)
    board, shown = post.posts()
    assert (shown.key, shown.thread_ts) == ("prompt:1:mention", board.ts)

    post.remove("prompt:1")
    await post.settle()

    assert [one.key for one in post.posts()] == ["board:1"]


async def test_inhouse_matter_is_never_mentioned_in_the_shared_thread(post: Office) -> None:
    post.server.workspace.users["U0INES"].dm_error = "user_not_visible"
    post.post("board:1")
    post.post("notice:1", place=Place.DIRECT, to="ines", parent_key="board:1", audience=Audience.INHOUSE)

    await post.settle()

    assert post.state("notice:1") is OutboxState.DEAD
    assert post.shown() == ["board:1"]


async def test_a_message_that_cannot_be_rendered_holds_up_nobody(post: Office) -> None:
    post.post("bad", say="poison")
    post.post("good")
    post.post("elsewhere", place=Place.INHOUSE)

    await post.dispatcher.drain()
    assert post.shown(INHOUSE_CHANNEL) == ["elsewhere"]
    await post.settle()

    bad = post.row("bad")
    assert (bad.state, bad.attempts, bad.error) == (OutboxState.DEAD, 5, "rendering: ZeroDivisionError")
    assert post.shown() == ["good"]


async def test_two_workers_share_the_work_and_the_limits(post: Office) -> None:
    for number in range(6):
        post.post(f"c:{number}")
        post.post(f"i:{number}", place=Place.INHOUSE)

    await post.settle(timedelta(minutes=10), post.another(), post.another())

    assert post.shown() == [f"c:{number}" for number in range(6)]
    assert post.shown(INHOUSE_CHANNEL) == [f"i:{number}" for number in range(6)]
    assert post.called("chat.postMessage") == 12
    assert doubles(post.server) == {}


async def test_a_worker_of_another_workspace_leaves_it_alone(post: Office) -> None:
    post.post("a")

    assert await post.another(workspace_id="T0OTHER").drain() == 0
    assert await post.another(workspace_id="T0NORTHWIND").drain() == 1


def test_a_lease_that_a_call_may_outlast_is_refused(post: Office) -> None:
    with pytest.raises(ValueError, match="over before"):
        Dispatcher(post.db, always(post.slack), rendered, post.clock, lease=timedelta(seconds=5), call_seconds=10)


async def test_a_worker_that_lost_its_lease_changes_nothing(post: Office) -> None:
    post.post("board:1")
    now = post.clock.now()
    with post.db.transaction(SYSTEM) as tx:
        (mine,) = delivery.claim(tx, WORKSPACE, "slow", now, limit=1).claims
    later = now + timedelta(minutes=2)
    with post.db.transaction(SYSTEM) as tx:
        row = tx.one(OutboxMessage, WORKSPACE, mine.message.id)
        row.lease_by, row.lease_until = "other", later + delivery.LEASE

    with post.db.transaction(SYSTEM) as tx:
        outcomes.record(tx, "slow", later, [Report(mine.message, Outcome.REFUSED, "invalid_blocks")])

    row = post.row("board:1")
    assert (row.state, row.lease_by, row.error) == (OutboxState.LEASED, "other", None)


async def test_what_a_late_worker_posted_stays_the_only_one(post: Office) -> None:
    post.post("board:1")
    now = post.clock.now()
    with post.db.transaction(SYSTEM) as tx:
        (mine,) = delivery.claim(tx, WORKSPACE, "slow", now, limit=1).claims
    ts = await post.slack.post_message(CHANNEL, "board:1", key=mine.key)
    post.clock.advance(timedelta(minutes=2))
    with post.db.transaction(SYSTEM) as tx:
        delivery.reap(tx, WORKSPACE, post.clock.now())
        tx.one(OutboxMessage, WORKSPACE, mine.message.id).state = OutboxState.READY  # as if nothing had been found
    await post.dispatcher.drain()

    with post.db.transaction(SYSTEM) as tx:
        report = Report(mine.message, Outcome.SENT, channel_id=CHANNEL, ts=ts, began_at=now)
        outcomes.record(tx, "slow", post.clock.now(), [report])
    await post.settle()

    assert post.shown() == ["board:1"]
    assert [(one.key, one.ts, one.is_deleted) for one in post.world.rows(Post)] == [("board:1", ts, False)]

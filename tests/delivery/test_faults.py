"""Every fault of the network and of Slack, before and after the effect: one visible message afterwards, never two."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import delete

from bot.gateway import Gateway
from models.access import SYSTEM
from models.engagements.tables import Engagement
from models.outbox.rules import Operation, OutboxState, Place
from models.outbox.tables import OutboxMessage, Post
from sandbox.faults import Fault, Kind, catalogue
from tests.support.delivery import Office, doubles
from tests.support.world import CHANNEL, WORKSPACE


@pytest.mark.slow
async def test_whatever_happens_to_a_post_it_is_seen_once(post: Office) -> None:
    wanted = []
    for number, fault in enumerate(catalogue("chat.postMessage")):
        wanted += [f"{number}", f"{number} next"]
        post.server.faults.add(fault)
        post.post(f"{number}")
        post.post(f"{number} next")

        await post.settle()

        assert post.shown() == wanted, fault
        assert [one.key for one in post.posts()] == wanted, fault
    assert doubles(post.server) == {}


@pytest.mark.slow
async def test_the_same_in_a_thread(post: Office) -> None:
    post.post("board:1")
    wanted = ["board:1"]
    await post.settle()
    for number, fault in enumerate(catalogue("chat.postMessage")):
        wanted.append(f"answer:{number}")
        post.server.faults.add(fault)
        post.post(f"answer:{number}", parent_key="board:1")

        await post.settle()

        assert post.shown() == wanted, fault
    assert {one.thread_ts for one in post.posts()[1:]} == {post.posts()[0].ts}
    assert doubles(post.server) == {}


@pytest.mark.slow
async def test_the_same_in_a_direct_message(post: Office) -> None:
    wanted = []
    for number, fault in enumerate(catalogue("chat.postMessage")):
        wanted.append(f"prompt:{number}")
        post.server.faults.add(fault)
        post.post(f"prompt:{number}", place=Place.DIRECT, to="vera")

        await post.settle()

        assert post.direct("vera") == wanted, fault


@pytest.mark.slow
@pytest.mark.parametrize("method", ["chat.update", "chat.delete", "conversations.open", "conversations.history"])
async def test_every_other_call_is_simply_done_again(post: Office, method: str) -> None:
    wanted = []
    for number, fault in enumerate(catalogue(method)):
        wanted.append(f"new {number}")
        post.server.faults.add(Fault("chat.postMessage", 1, Kind.RESET, after=True), fault)
        board, prompt = f"board:{number}", f"prompt:{number}"
        post.forget_direct("vera")
        post.post(board, say="old")
        post.post(prompt, place=Place.DIRECT, to="vera")
        await post.settle()
        post.refresh(board, f"new {number}")
        post.remove(prompt)

        await post.settle()

        assert (post.shown(), post.direct("vera")) == (wanted, []), fault
    assert {row.state for row in post.rows()} == {OutboxState.SENT}
    assert doubles(post.server) == {}


async def test_a_lost_answer_is_looked_for_before_anything_is_sent_again(post: Office) -> None:
    post.server.faults.add(Fault("chat.postMessage", 1, Kind.CLOSE, after=True))
    post.post("board:1")

    await post.dispatcher.drain()
    assert post.state("board:1") is OutboxState.UNSURE
    await post.dispatcher.drain()
    assert post.called("conversations.history") == 0, "Slack gets a moment to show it"
    await post.settle()

    assert (post.called("chat.postMessage"), post.called("conversations.history")) == (1, 1)
    assert post.state("board:1") is OutboxState.SENT


async def test_what_the_database_cannot_be_told_is_told_it_later_and_is_not_in_doubt(post: Office) -> None:
    def away(*_: object) -> None:
        raise OperationalError("COMMIT", None, Exception("away"))

    def goes_away(*_: object) -> None:
        post.db.before_commit.append(away)

    post.post("board:1")
    post.post("direct", to="vera")
    post.server.web_api.on_request.append(goes_away)

    for _ in range(2):
        with pytest.raises(OperationalError):
            await post.dispatcher.drain()
    post.server.web_api.on_request.clear()
    post.db.before_commit.clear()
    await post.settle()

    assert {row.state for row in post.rows()} == {OutboxState.SENT}
    assert (post.called("chat.postMessage"), post.called("conversations.history")) == (2, 0)


async def test_one_look_settles_all_that_is_unsure_in_a_channel(post: Office) -> None:
    post.server.workspace.limits.enabled = False
    post.post("root")
    await post.settle()
    ts = post.posts()[0].ts
    for number in range(3):
        post.post(f"m:{number}", channel_id=CHANNEL, thread_ts=ts)
    post.server.faults.add(Fault("chat.postMessage", 0, Kind.TIMEOUT, after=True, seconds=1))
    for _ in range(3):  # the lane goes on only when its message is settled or given up waiting for
        await post.dispatcher.drain()
        post.clock.advance(timedelta(minutes=11))
    post.server.faults.clear()
    before = post.called("conversations.replies")

    await post.settle()

    assert post.shown() == ["root", "m:0", "m:1", "m:2"]
    assert post.called("conversations.replies") - before <= 2


async def test_an_unreadable_channel_leaves_it_visible_and_sends_nothing_blindly(post: Office) -> None:
    post.server.faults.add(
        Fault("chat.postMessage", 1, Kind.RESET, after=True),
        Fault("conversations.history", 0, Kind.ERROR, code="missing_scope"),
    )
    post.post("board:1")
    post.post("next")

    await post.settle(timedelta(minutes=9))
    assert (post.state("board:1"), post.row("board:1").error) == (OutboxState.UNSURE, "missing_scope")
    assert post.shown() == ["board:1"], "its lane waits for it for a while"
    await post.settle(timedelta(minutes=5))

    assert post.state("board:1") is OutboxState.UNSURE
    assert post.shown() == ["board:1", "next"]

    post.server.faults.clear()
    await post.settle()
    assert post.state("board:1") is OutboxState.SENT


async def test_nothing_listens(post: Office) -> None:
    post.post("board:1")
    nowhere = Gateway("xoxb-nobody", base_url="http://127.0.0.1:1/api/")

    await post.another(slack=nowhere).drain()
    await nowhere.close()

    row = post.row("board:1")
    assert (row.state, row.error, row.attempts) == (OutboxState.READY, "not_connected", 1)
    assert await post.dispatcher.next_wake() == post.clock.now() + timedelta(seconds=2)


async def test_a_rate_limit_is_obeyed_by_every_worker(post: Office) -> None:
    post.server.faults.add(Fault("chat.postMessage", 1, Kind.RATE_LIMITED, retry_after=30))
    post.post("a")
    post.post("b", place=Place.INHOUSE)
    limited_at = post.clock.now()
    await post.another(in_flight=1).drain()

    await post.settle(timedelta(minutes=10), post.another())

    first, *others = [call.at for call in post.server.calls]
    assert first == limited_at
    assert min(others) >= limited_at + timedelta(seconds=30)
    assert all(row.attempts == 0 for row in post.rows()), "nobody is to blame"
    assert post.shown() == ["a"]


async def test_a_refused_token_halts_the_workspace_with_one_alarm(post: Office) -> None:
    alarms: list[tuple[str, str]] = []
    worker = post.another(on_trouble=lambda *alarm: alarms.append(alarm))
    post.server.workspace.app.token_error = "token_revoked"
    for number in range(3):
        post.post(f"n:{number}", place=Place.INHOUSE if number == 1 else Place.CHANNEL)

    for _ in range(3):
        await worker.drain()
        post.clock.advance(timedelta(seconds=61))
    calls = post.called("chat.postMessage")
    post.server.workspace.app.token_error = ""
    await post.settle()

    assert alarms == [("T0NORTHWIND", "token_revoked")]
    assert calls <= 6
    assert post.shown() == ["n:0", "n:2"]


async def test_refused_content_is_dead_and_the_next_one_goes(post: Office) -> None:
    post.server.faults.add(Fault("chat.postMessage", 1, Kind.ERROR, code="invalid_blocks"))
    post.post("bad")
    post.post("good")

    await post.settle()

    assert (post.state("bad"), post.row("bad").error) == (OutboxState.DEAD, "invalid_blocks")
    assert post.shown() == ["good"]


async def test_a_channel_that_refuses_is_told_to_the_owner_once(post: Office) -> None:
    post.server.workspace.channels[CHANNEL].archived = True
    post.post("a")
    post.post("b")

    await post.settle()

    assert "is_archived" in (post.engagement().trouble or "")
    assert (post.state("a"), post.state("b")) == (OutboxState.DEAD, OutboxState.DEAD)
    notices = [row for row in post.rows() if row.kind == "owner.notice"]
    assert [row.person_id for row in notices] == [post.person("ines").id]
    assert notices[0].extra["code"] == "is_archived"
    assert post.direct("ines") == [notices[0].key]

    post.server.workspace.channels[CHANNEL].archived = False
    post.post("c")
    await post.settle()

    assert post.shown() == ["c"], "what is from yesterday does not pour in"
    assert post.engagement().trouble is None


async def test_a_message_somebody_deleted_is_followed_no_longer(post: Office) -> None:
    post.post("board:1")
    await post.settle()
    del post.server.workspace.channels[CHANNEL].messages[post.posts()[0].ts]
    post.refresh("board:1")
    await post.settle()
    post.post("answer:1", parent_key="board:1")
    await post.settle()

    assert post.posts() == []
    assert post.state("answer:1") is OutboxState.DEAD
    assert post.engagement().trouble is None


async def test_a_message_of_somebodys_that_is_gone_is_no_trouble_of_the_channel(post: Office) -> None:
    post.post("card:1", channel_id=CHANNEL, thread_ts="1.000001")

    await post.settle()

    assert post.state("card:1") is OutboxState.DEAD
    assert post.engagement().trouble is None
    assert [row.key for row in post.rows()] == ["card:1"]


@pytest.mark.parametrize("code", ["edit_window_closed", "cant_update_message"])
async def test_a_message_that_cannot_be_edited_any_more_is_no_trouble_of_the_channel(post: Office, code: str) -> None:
    post.post("board:1")
    await post.settle()
    post.server.faults.add(Fault("chat.update", 1, Kind.ERROR, code=code))
    post.refresh("board:1")

    await post.settle()

    assert [row.state for row in post.rows() if row.operation is Operation.REFRESH] == [OutboxState.DEAD]
    assert post.engagement().trouble is None


async def test_an_answer_finds_its_thread_where_it_was_left(post: Office) -> None:
    post.post("board:1")
    await post.settle()
    board = post.posts()[0]
    with post.db.transaction(SYSTEM) as tx:
        tx.one(Engagement, WORKSPACE, post.engagement().id).channel_id = "C0ELSEWHERE"

    post.post("answer:1", parent_key="board:1")
    await post.settle()

    assert [(one.key, one.thread_ts) for one in post.posts()] == [("board:1", None), ("answer:1", board.ts)]


async def test_a_stale_direct_channel_is_opened_anew(post: Office) -> None:
    post.post("prompt:1", place=Place.DIRECT, to="vera")
    await post.settle()
    post.server.faults.add(Fault("chat.postMessage", 1, Kind.ERROR, code="channel_not_found"))
    post.post("prompt:2", place=Place.DIRECT, to="vera")

    await post.settle()

    assert post.direct("vera") == ["prompt:1", "prompt:2"]


async def test_a_deletion_waits_for_a_post_in_doubt(post: Office) -> None:
    post.server.faults.add(Fault("chat.postMessage", 1, Kind.RESET, after=True))
    post.post("reminder:1")
    await post.dispatcher.drain()
    post.remove("reminder:1")

    await post.settle()

    assert post.shown() == []
    assert post.called("chat.postMessage") == 1


async def test_a_post_found_twice_is_shown_once(post: Office) -> None:
    post.post("board:1")
    await post.settle()
    row, first = post.row("board:1"), post.posts()[0].ts
    ts = await post.slack.post_message(CHANNEL, "board:1", key=row.id.hex)
    with post.db.transaction(SYSTEM) as tx:  # as if the worker had died twice between posting and recording
        lost = tx.one(OutboxMessage, row.workspace_id, row.id)
        lost.state, lost.lease_until = OutboxState.UNSURE, None
        tx.session.exec(delete(Post))

    await post.settle()

    assert [one.ts for one in post.posts()] == [first]
    assert post.shown() == ["board:1"]
    assert post.called("chat.delete") == 1
    assert ts not in post.server.workspace.channels[CHANNEL].messages

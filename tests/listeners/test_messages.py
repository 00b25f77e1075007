"""Replies, direct messages, edits, deletions and mentions, from both sides, however often they are delivered."""

from datetime import timedelta

import pytest
from sqlmodel import select

from models.access import SYSTEM
from models.blockers.rules import BlockerState
from models.blockers.tables import Blocker, BlockerEntry
from models.checkins.tables import CheckIn, Prompt, Reply, Response
from models.engagements.tables import Absence, Person
from models.outbox.rules import OutboxState
from models.outbox.tables import OutboxMessage, Post
from sandbox.faults import Fault, Kind
from tests.listeners.conftest import Desk
from tests.support import payloads
from tests.support.payloads import BOT_USER, CHANNEL, TEAM, VENDOR_TEAM, Json

DIRECT = "D0INES"


def reply(desk: Desk, user: str, text: str, *, team: str = TEAM) -> Json:
    return payloads.message(user, text, CHANNEL, team=team, thread=desk.board.ts)


def answers(desk: Desk) -> list[str]:
    """The answers to mentions, by what was asked."""
    return [row.extra["words"] for row in desk.world.said("reply.mention")]


@pytest.mark.parametrize(("user", "team"), [("U0INES", TEAM), ("U0VIKRAM", VENDOR_TEAM)])
async def test_a_reply_in_the_thread_is_an_answer_of_either_side(desk: Desk, user: str, team: str) -> None:
    body = payloads.event(reply(desk, user, "Index done\nnext: report", team=team), team=team, shared=True)

    answer = await desk.sends(body)

    assert answer.status == 200
    assert len(desk.world.rows(Reply)) == 1
    assert len(desk.world.rows(Response)) == 1


async def test_the_same_reply_delivered_again_is_one_answer(desk: Desk) -> None:
    message = reply(desk, "U0INES", "Index done")

    for event_id in ("Ev1", "Ev1", "Ev2"):  # a retry, and Slack Connect's second copy
        assert (await desk.sends(payloads.event(message, event_id=event_id))).status == 200

    assert len(desk.world.rows(Reply)) == 1
    assert len(desk.world.rows(Response)) == 1


@pytest.mark.parametrize("state", [OutboxState.LEASED, OutboxState.UNSURE])
async def test_a_reply_to_what_is_not_known_to_be_there_yet_is_brought_again(desk: Desk, state: OutboxState) -> None:
    message = reply(desk, "U0INES", "Index done")
    board = desk.board
    with desk.world.db.transaction(SYSTEM) as tx:  # Slack has it, and the process that sends it has not recorded that
        row = tx.session.exec(select(OutboxMessage).where(OutboxMessage.key == board.key)).one()
        row.state, row.lease_until = state, tx.wall + timedelta(seconds=1)
        tx.session.delete(tx.get(Post, board.workspace_id, board.id))

    early = await desk.sends(payloads.event(message))
    talk = await desk.sends(payloads.event(message | {"ts": "1.1", "parent_user_id": "U0OLAF"}))
    with desk.world.db.transaction(SYSTEM) as tx:
        tx.get(OutboxMessage, row.workspace_id, row.id).state = OutboxState.SENT
        tx.add(Post(**board.model_dump()))
    again = await desk.sends(payloads.event(message))

    assert (early.status, talk.status, again.status) == (503, 200, 200)
    assert [said.ts for said in desk.world.rows(Reply)] == [message["ts"]]


async def test_a_reply_to_what_nobody_has_found_for_long_is_talk(desk: Desk) -> None:
    message = reply(desk, "U0INES", "Index done")
    board = desk.board
    with desk.world.db.transaction(SYSTEM) as tx:
        row = tx.session.exec(select(OutboxMessage).where(OutboxMessage.key == board.key)).one()
        row.state, row.lease_until = OutboxState.UNSURE, tx.wall
        tx.session.delete(tx.get(Post, board.workspace_id, board.id))

    assert (await desk.sends(payloads.event(message))).status == 200
    assert desk.world.rows(Reply) == []


async def test_edits_and_deletions_are_followed(desk: Desk) -> None:
    message = reply(desk, "U0INES", "Index done")
    await desk.sends(payloads.event(message))

    edit = payloads.event(payloads.changed(message, "Index almost done"))
    for _ in range(2):
        await desk.sends(edit)
    assert [row.version for row in desk.world.rows(Response)] == [1, 2]

    gone = payloads.event(payloads.deleted(message))
    for _ in range(2):
        await desk.sends(gone)
    assert desk.world.rows(Reply)[0].is_deleted
    assert [row.version for row in desk.world.rows(Response)] == [1, 2, 3]


async def test_an_edit_that_comes_before_the_message_is_taken_for_it(desk: Desk) -> None:
    message = reply(desk, "U0INES", "Index done")

    await desk.sends(payloads.event(payloads.changed(message, "Index almost done")))
    await desk.sends(payloads.event(message))

    with desk.world.db.read(SYSTEM) as tx:
        assert [tx.unseal(row, "text") for row in desk.world.rows(Reply)] == ["Index almost done"]
    assert len(desk.world.rows(Response)) == 1


async def test_a_message_that_is_deleted_before_it_is_heard_was_never_said(desk: Desk) -> None:
    at = f"{desk.world.clock.now().timestamp():.6f}"
    message = payloads.message("U0INES", "Index done", CHANNEL, thread=desk.board.ts, at=at)

    await desk.sends(payloads.event(payloads.deleted(message)))
    await desk.sends(payloads.event(message))

    assert not desk.world.rows(Response)


async def test_a_deletion_need_not_say_whose_message_it_was(desk: Desk) -> None:
    message = reply(desk, "U0VERA", "Index done", team=VENDOR_TEAM)
    await desk.sends(payloads.event(message, team=VENDOR_TEAM, shared=True))
    gone = payloads.deleted(message)
    del gone["previous_message"]

    for _ in range(2):
        assert (await desk.sends(payloads.event(gone, shared=True))).status == 200

    assert desk.world.rows(Reply)[0].is_deleted
    assert [row.is_withdrawn for row in desk.world.rows(Response)] == [False, True]


async def test_slacks_own_changes_of_a_message_are_no_edits(desk: Desk) -> None:
    message = reply(desk, "U0INES", "see https://a.example")
    await desk.sends(payloads.event(message))
    unfolded = payloads.changed(message, "see https://a.example")
    del unfolded["message"]["edited"]

    await desk.sends(payloads.event(unfolded))

    assert len(desk.world.rows(Response)) == 1


async def test_a_reply_also_sent_to_the_channel_counts(desk: Desk) -> None:
    message = reply(desk, "U0INES", "Index done") | {"subtype": "thread_broadcast", "root": {}}

    await desk.sends(payloads.event(message))

    assert len(desk.world.rows(Reply)) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"subtype": "bot_message", "bot_id": "B0OTHER"},
        {"bot_id": "B0CADENCE", "user": BOT_USER},
        {"subtype": "channel_join"},
        {"subtype": "channel_topic"},
        {"user": "U0MALLORY"},
        {"team": "T0ELSEWHERE0", "user": "U0NOBODY"},
        {"thread_ts": None},
        {"thread_ts": "1.000001"},
        {"user": None},
    ],
    ids=str,
)
async def test_what_is_no_answer_of_the_roster_is_left_alone(desk: Desk, change: Json) -> None:
    body = payloads.event(reply(desk, "U0INES", "blocked: everything") | change, shared=True)

    answer = await desk.sends(body)

    assert answer.status == 200
    assert not desk.world.rows(Reply)
    assert not desk.world.rows(Response)


async def test_without_a_team_in_a_shared_channel_slack_is_asked_whose_somebody_is(desk: Desk) -> None:
    message = reply(desk, "U0VERA", "Index done", team=VENDOR_TEAM)
    del message["team"]
    body = payloads.event(message, team=VENDOR_TEAM, shared=True)

    desk.server.faults.add(Fault("users.info", 1, Kind.HTTP_503), Fault("users.info", 2, Kind.HTTP_503))
    assert (await desk.sends(body)).status == 503  # Slack delivers it again
    assert not desk.world.rows(Reply)
    desk.server.faults.clear()

    assert (await desk.sends(body)).status == 200
    assert len(desk.world.rows(Reply)) == 1


async def test_who_comes_from_another_workspace_than_the_roster_says_stays_a_stranger(desk: Desk) -> None:
    message = reply(desk, "U0VERA", "Index done", team=VENDOR_TEAM)
    del message["team"]
    desk.world.change(Person, {"slack_user_id": "U0VERA"}, slack_team_id="T0ELSEWHERE0")

    await desk.sends(payloads.event(message, shared=True))

    assert not desk.world.rows(Reply)


async def test_an_organisations_id_in_place_of_a_workspaces_is_looked_up(desk: Desk) -> None:
    mention = payloads.mention("U0VERA", "status", CHANNEL, team=VENDOR_TEAM)
    mention |= {"user_team": "E0BRIGHTLANE", "source_team": "E0BRIGHTLANE"}

    await desk.sends(payloads.event(mention, shared=True))

    assert answers(desk) == ["status"]


async def test_a_direct_message_is_an_answer(desk: Desk) -> None:
    await desk.sends(payloads.event(payloads.message("U0INES", "Index done", DIRECT)))

    assert [row.channel_id for row in desk.world.rows(Reply)] == [DIRECT]


async def test_a_direct_message_that_answers_nothing_gets_a_short_reply(desk: Desk) -> None:
    body = payloads.event(payloads.message("U0ADA", "what is this?", "D0ADA"))

    for _ in range(2):
        await desk.sends(body)

    assert answers(desk) == ["help"]
    assert desk.world.said("reply.mention")[0].place == "direct"


async def test_a_stranger_in_a_direct_message_is_told_how_it_is(desk: Desk) -> None:
    await desk.sends(payloads.event(payloads.message("U0MALLORY", "hello?", "D0MALLORY")))

    assert "not on its roster" in desk.told("U0MALLORY")
    assert not desk.world.rows(Reply)


@pytest.mark.parametrize("asked", ["status", "help", "summary", "answer"])
@pytest.mark.parametrize(("user", "team"), [("U0OLAF", TEAM), ("U0VERA", VENDOR_TEAM)])
async def test_a_mention_is_answered_once_in_its_thread(desk: Desk, user: str, team: str, asked: str) -> None:
    body = payloads.event(payloads.mention(user, asked, CHANNEL, team=team), team=team, shared=True)

    for _ in range(2):
        assert (await desk.sends(body)).status == 200

    (row,) = desk.world.said("reply.mention")
    words, _, checkin_id = row.extra["words"].partition(" ")
    assert (words, row.extra["user"]) == (asked, user)
    assert bool(checkin_id) == (asked == "answer")
    assert (row.channel_id, row.thread_ts) == (CHANNEL, body["event"]["ts"])


async def test_a_mention_can_skip_and_be_away(desk: Desk) -> None:
    away = payloads.event(payloads.mention("U0INES", "away Thursday to Friday", CHANNEL))
    for body in (payloads.event(payloads.mention("U0OLAF", "skip all day in court", CHANNEL)), away, away):
        await desk.sends(body)

    assert [row.state for row in desk.world.rows(Prompt)].count("skipped") == 1
    assert len(desk.world.rows(Absence)) == 1
    assert answers(desk) == ["skip", "away"]


async def test_a_mention_can_ask_to_be_asked_now_and_early_and_late(desk: Desk) -> None:
    def offered() -> list[int]:
        days = {str(row.id): row.local_date.day for row in desk.world.rows(CheckIn)}
        return [days[words.removeprefix("answer ")] for words in answers(desk)]

    vera_has_a_holiday = payloads.mention("U0VERA", "answer", CHANNEL, team=VENDOR_TEAM)
    await desk.sends(payloads.event(payloads.mention("U0OLAF", "now", CHANNEL)))
    await desk.sends(payloads.event(vera_has_a_holiday, team=VENDOR_TEAM, shared=True))
    desk.world.until(desk.world.clock.now().replace(hour=20))
    await desk.sends(payloads.event(payloads.mention("U0OLAF", "answer", CHANNEL)))

    assert offered() == [24, 23, 25]


async def test_a_lead_of_the_provider_opens_the_next_check_in_by_a_mention(desk: Desk) -> None:
    desk.world.until(desk.world.clock.now().replace(hour=20))
    body = payloads.event(payloads.mention("U0VERA", "now", CHANNEL, team=VENDOR_TEAM), team=VENDOR_TEAM, shared=True)

    for _ in range(2):
        assert (await desk.sends(body)).status == 200

    assert answers(desk) == [f"now {desk.checkin.id}"]
    assert desk.checkin.local_date.isoformat() == "2026-11-25"


async def test_a_mention_that_makes_no_sense_is_told_so_alone(desk: Desk) -> None:
    await desk.sends(payloads.event(payloads.mention("U0INES", "away sometime", CHANNEL)))

    assert "I did not understand the days" in desk.told("U0INES")
    assert not answers(desk)


async def test_an_answer_that_mentions_the_bot_is_taken_once(desk: Desk) -> None:
    mention = payloads.mention("U0INES", "index done", CHANNEL, thread=desk.board.ts)
    message = {**mention, "type": "message", "channel_type": "channel"}

    await desk.sends(payloads.event(message))
    await desk.sends(payloads.event(mention))

    assert len(desk.world.rows(Reply)) == 1
    assert not answers(desk)


async def test_the_edit_of_an_answer_that_mentions_the_bot_is_read_like_the_answer(desk: Desk) -> None:
    mention = payloads.mention("U0INES", "blocked: no VPN", CHANNEL, thread=desk.board.ts)
    await desk.sends(payloads.event(mention))

    await desk.sends(payloads.event(_edited(mention, "blocked: no VPN since noon")))

    with desk.world.db.read(SYSTEM) as tx:
        found = [(row.state, tx.unseal(row, "what")) for row in desk.world.rows(Blocker)]
    assert found == [(BlockerState.OPEN, "no VPN since noon")]


async def test_a_command_that_is_edited_is_no_answer(desk: Desk) -> None:
    mention = payloads.mention("U0INES", "away tomorow", CHANNEL, thread=desk.board.ts)

    await desk.sends(payloads.event(_edited(mention, "away tomorrow")))

    assert not desk.world.rows(Reply)


def _edited(mention: Json, words: str) -> Json:
    """The edit of a mention: it comes as that of a message."""
    message = {**mention, "type": "message", "channel_type": "channel"}
    return payloads.changed(message, f"<@{BOT_USER}> {words}")


async def test_a_strangers_mention_changes_and_tells_nothing(desk: Desk) -> None:
    before = len(desk.world.rows(OutboxMessage))

    for words in ("status", "summary", "skip it", "away tomorrow"):
        await desk.sends(payloads.event(payloads.mention("U0MALLORY", words, CHANNEL)))

    assert len(desk.world.rows(OutboxMessage)) == before
    assert "not on its roster" in desk.told("U0MALLORY")


@pytest.mark.parametrize(
    "event",
    [
        {"type": "app_home_opened", "user": "U0INES", "channel": DIRECT, "tab": "home"},
        {"type": "member_left_channel", "user": "U0INES", "channel": CHANNEL, "team": TEAM},
        {"type": "tokens_revoked", "tokens": {"oauth": ["U1"], "bot": [BOT_USER]}},
        {"type": "app_uninstalled"},
        {"type": "channel_shared", "connected_team_id": "T1", "channel": CHANNEL},
        {"type": "something_new", "user": {"id": "U0INES"}},
    ],
    ids=lambda event: event["type"],
)
async def test_every_other_event_is_acknowledged(desk: Desk, event: Json) -> None:
    assert (await desk.sends(payloads.event(event))).status == 200


async def test_the_notice_of_withheld_events_is_acknowledged(desk: Desk) -> None:
    body = {"type": "app_rate_limited", "team_id": TEAM, "minute_rate_limited": 1, "api_app_id": "A1", "token": "x"}

    assert (await desk.sends(body)).status == 200


async def test_an_event_of_another_installation_reaches_nobody(desk: Desk) -> None:
    body = payloads.event(reply(desk, "U0INES", "Index done"))
    body["authorizations"][0]["team_id"] = "T0ANOTHER00"

    assert (await desk.sends(body)).status == 200
    assert not desk.world.rows(Reply)


async def test_the_buttons_of_a_blockers_card_have_words_for_people_without_buttons(desk: Desk) -> None:
    await desk.sends(payloads.event(reply(desk, "U0INES", "blocked: No access")))

    async def says(words: str, user: str = "U0VERA", team: str = VENDOR_TEAM) -> BlockerState:
        said = payloads.mention(user, words, CHANNEL, team=team, thread=desk.board.ts)
        for _ in range(2):
            assert (await desk.sends(payloads.event(said, team=team, shared=True))).status == 200
        return desk.world.rows(Blocker)[0].state

    assert await says("B-1 update: the key is ordered") is BlockerState.OPEN
    assert await says("b1 mine") is BlockerState.OWNED
    assert await says("B-1 done: access given") is BlockerState.RESOLVED
    assert answers(desk) == ["noted"] * 3
    assert [row.event for row in desk.world.rows(BlockerEntry)][1:] == ["updated", "mine", "resolved"]
    await says("B-1 done")
    assert "has been resolved already" in desk.told("U0VERA")
    await says("B-9 mine")
    assert "B-9" in desk.told("U0VERA")
    await says("B-1 mine", "U0MALLORY", TEAM)
    assert answers(desk) == ["noted"] * 3

"""Questions across the line as Slack sends them: mention, shortcut, replies, edits, deletions, buttons, commands."""

from itertools import count
from typing import Any

import pytest

from bot import ids
from models.asks import queries
from models.asks.rules import AskState
from models.asks.tables import Ask, AskEntry
from models.outbox.tables import OutboxMessage
from sandbox.faults import Fault, Kind
from sandbox.seed import INHOUSE, SHARED
from tests.listeners.conftest import Desk
from tests.support import payloads
from tests.support.payloads import TEAM, VENDOR_TEAM, Json

_numbers = count(1)


def stamped(desk: Desk, message: Json) -> Json:
    """The message as it was written just now, by the desk's clock."""
    ts = f"{desk.world.clock.now().timestamp():.0f}.{next(_numbers):06d}"
    return message | {"ts": ts, "event_ts": ts}


def said(desk: Desk, user: str, text: str, thread: str = "", channel: str = SHARED) -> Json:
    team = VENDOR_TEAM if user in ("U0VERA", "U0VIKRAM") else TEAM
    return stamped(desk, payloads.message(user, text, channel, team=team, thread=thread))


def sent(message: Json) -> Json:
    return payloads.event(message, team=message.get("user_team", TEAM), shared=True)


async def asked(desk: Desk, user: str = "U0VERA", words: str = "needs an answer: which port?", thread: str = "") -> Ask:
    """Somebody mentions the bot with a question."""
    team = VENDOR_TEAM if user == "U0VERA" else TEAM
    message = stamped(desk, payloads.mention(user, words, SHARED, team=team, thread=thread))
    before = {row.id for row in desk.world.rows(Ask)}
    assert (await desk.sends(sent(message))).status == 200
    (row,) = [row for row in desk.world.rows(Ask) if row.id not in before]
    return row


def state(desk: Desk) -> AskState:
    return desk.world.one(Ask).state


def what(desk: Desk) -> str:
    row = desk.world.one(Ask)
    return desk.world.sees("system", lambda tx: tx.unseal(row, "what"))


async def test_an_external_person_asks_by_a_mention_and_in_house_answers_in_the_thread(desk: Desk) -> None:
    ask = await asked(desk)

    assert (ask.asked_side.value, what(desk), ask.thread_ts) == ("inhouse", "which port?", ask.ts)
    reply = said(desk, "U0OLAF", "It is 443", thread=str(ask.ts))
    for _ in range(2):
        assert (await desk.sends(sent(reply))).status == 200
    assert state(desk) is AskState.REPLIED
    assert len(desk.world.rows(AskEntry)) == 2
    assert desk.world.said("reply.mention") == []


async def test_the_same_mention_delivered_again_is_one_question(desk: Desk) -> None:
    message = stamped(desk, payloads.mention("U0INES", "needs an answer: who?", SHARED))

    for event_id in ("Ev1", "Ev1", "Ev2"):
        assert (await desk.sends(payloads.event(message, event_id=event_id))).status == 200

    assert len(desk.world.rows(Ask)) == 1


async def test_edits_and_deletions_of_replies_and_of_the_question_are_followed(desk: Desk) -> None:
    question = said(desk, "U0INES", "Which port?")
    await desk.sends(shortcut(desk, "U0INES", question))
    reply = said(desk, "U0VERA", "443", thread=question["ts"])
    await desk.sends(sent(reply))
    assert state(desk) is AskState.REPLIED

    await desk.sends(sent(payloads.changed(reply, "Thanks!")))
    assert state(desk) is AskState.WAITING
    second = said(desk, "U0VERA", "443", thread=question["ts"])
    await desk.sends(sent(second))
    await desk.sends(sent(payloads.deleted(second)))
    assert state(desk) is AskState.WAITING

    await desk.sends(sent(payloads.changed(question, "Which port, please?")))
    assert what(desk) == "Which port, please?"
    await desk.sends(sent(payloads.deleted(question)))
    assert state(desk) is AskState.WITHDRAWN


def shortcut(desk: Desk, user: str, message: Json, channel: str = SHARED) -> Json:
    body = payloads.message_action(user, ids.ASK_MESSAGE, message, channel)
    return body | {"trigger_id": desk.server.workspace.new_trigger(user)}


async def test_the_shortcut_makes_any_message_a_question_of_its_writer(desk: Desk) -> None:
    question = said(desk, "U0VERA", "Who signs the &lt;release&gt;, <@U0OLAF>?")

    for user in ("U0INES", "U0OLAF"):
        assert (await desk.sends(shortcut(desk, user, question))).status == 200

    row = desk.world.one(Ask)
    assert (row.asker_id, row.marked_by_id) == (desk.world.place("vera"), desk.world.place("ines"))
    assert (what(desk), row.asked_id) == ("Who signs the <release>, @U0OLAF?", desk.world.place("olaf"))


@pytest.mark.parametrize(
    ("user", "channel", "text", "told"),
    [
        ("U0INES", INHOUSE, "Who?", "shared channel"),
        ("U0INES", SHARED, "", "what you want to know"),
        ("U0ADA", SHARED, "Who?", "you can read this, but not do that"),
        ("U0MALLORY", SHARED, "Who?", "not yours to see"),
    ],
)
async def test_a_question_that_cannot_be_asked_says_why(
    desk: Desk, user: str, channel: str, text: str, told: str
) -> None:
    await desk.sends(shortcut(desk, user, said(desk, "U0OLAF", text, channel=channel), channel))

    assert desk.world.rows(Ask) == []
    assert told in desk.told(user)


async def test_a_question_in_a_thread_is_asked_where_it_stands(desk: Desk) -> None:
    root = said(desk, "U0INES", "About the release")
    ask = await asked(desk, thread=root["ts"])

    assert (ask.thread_ts, ask.ts != root["ts"]) == (root["ts"], True)
    await desk.sends(sent(said(desk, "U0INES", "443", thread=root["ts"])))
    assert state(desk) is AskState.REPLIED


async def test_in_a_check_ins_thread_a_question_is_no_answer_to_the_check_in(desk: Desk) -> None:
    ask = await asked(desk, thread=desk.board.ts)

    assert ask.thread_ts is None
    assert [row.thread_ts for row in desk.world.said("ask.card")] == [None]


async def test_needs_an_answer_alone_means_the_first_message_of_the_thread(desk: Desk) -> None:
    root = await desk.server.person("U0VERA").posts(SHARED, "Who signs the release?")

    ask = await asked(desk, user="U0VERA", words="needs an answer", thread=root["ts"])

    assert (what(desk), ask.ts, ask.thread_ts) == ("Who signs the release?", root["ts"], root["ts"])
    assert ask.asker_id == desk.world.place("vera")


@pytest.mark.parametrize(
    ("fault", "status", "told"),
    [
        (Fault("conversations.replies", 1, Kind.INTERNAL_ERROR), 503, ""),
        (Fault("conversations.replies", 1, Kind.ERROR, code="thread_not_found"), 200, "did not let me look"),
    ],
)
async def test_a_question_that_slack_does_not_show_is_heard_again_or_its_writer_is_told(
    desk: Desk, fault: Fault, status: int, told: str
) -> None:
    root = await desk.server.person("U0VERA").posts(SHARED, "Who signs the release?")
    message = stamped(desk, payloads.mention("U0INES", "needs an answer", SHARED, thread=root["ts"]))
    desk.server.faults.add(fault)

    assert (await desk.sends(sent(message))).status == status

    assert (told in desk.told("U0INES")) if told else not desk.server.workspace.ephemerals.get("U0INES")
    assert "press" not in desk.told("U0INES")
    assert (await desk.sends(sent(message))).status == 200
    assert what(desk) == "Who signs the release?"


@pytest.mark.parametrize(
    ("words", "expected"),
    [("Q-1 answered", AskState.ANSWERED), ("Q-1 withdrawn", AskState.WITHDRAWN), ("Q-1: more", AskState.WAITING)],
)
async def test_an_external_person_closes_their_question_by_a_mention(
    desk: Desk, words: str, expected: AskState
) -> None:
    await asked(desk)

    message = stamped(desk, payloads.mention("U0VERA", words, SHARED, team=VENDOR_TEAM))
    await desk.sends(sent(message))

    assert state(desk) is expected


async def test_a_message_that_begins_with_a_number_is_a_reply_wherever_it_stands(desk: Desk) -> None:
    await asked(desk)

    await desk.sends(sent(said(desk, "U0INES", "Q-1: it is 443")))

    assert state(desk) is AskState.REPLIED


async def test_the_buttons_are_for_the_side_that_asked(desk: Desk) -> None:
    ask = await asked(desk)
    presses: list[tuple[str, str, AskState]] = [
        ("U0INES", ids.ASK_ANSWERED, AskState.WAITING),
        ("U0VERA", ids.ASK_ANSWERED, AskState.ANSWERED),
        ("U0VERA", ids.ASK_WITHDRAW, AskState.ANSWERED),
        ("U0VERA", ids.ASK_AGAIN, AskState.WAITING),
        ("U0VERA", ids.ASK_WITHDRAW, AskState.WITHDRAWN),
    ]

    for user, action, expected in presses:
        team = VENDOR_TEAM if user == "U0VERA" else TEAM
        assert (await desk.sends(desk.press(user, action, str(ask.id), team=team))).status == 200
        assert state(desk) is expected
    assert "asked this, and their people say whether it is answered" in desk.told("U0INES")
    assert "is answered already" in desk.told("U0VERA")


async def test_the_open_questions_are_listed_by_command_and_by_mention(desk: Desk) -> None:
    await asked(desk)

    answer = await desk.sends(desk.command("U0INES", "/cadence", "questions"))
    assert "Northwind Retail's turn" in answer.text
    assert "which port?" in answer.text

    message = stamped(desk, payloads.mention("U0VERA", "questions", SHARED, team=VENDOR_TEAM))
    await desk.sends(sent(message))
    assert [row.extra["words"] for row in desk.world.said("reply.mention")] == ["questions"]


@pytest.mark.parametrize("text", ["Q-99: what", "Q-", "needs an answer?", "See Q-1"])
async def test_talk_that_looks_like_a_question_stays_talk(desk: Desk, text: str) -> None:
    await asked(desk)

    await desk.sends(sent(said(desk, "U0INES", text)))

    assert state(desk) is AskState.WAITING
    assert len(desk.world.rows(AskEntry)) == 1


async def test_what_was_asked_is_kept_sealed_and_in_no_message_waiting_to_be_sent(desk: Desk) -> None:
    await asked(desk, words="needs an answer: the password is swordfish, is it?")
    everything: list[Any] = [*desk.world.rows(Ask), *desk.world.rows(AskEntry), *desk.world.rows(OutboxMessage)]

    assert "swordfish" not in repr([row.model_dump() for row in everything])
    listed = desk.world.sees("ines", queries.listed, desk.world.engagement_id)
    assert "swordfish" in listed[1][0].what

"""A blocker's buttons and forms."""

import pytest

from bot import ids
from models.asks.rules import AskState
from models.asks.tables import Ask
from models.base import Row
from models.blockers import service as blockers
from models.blockers.rules import BlockerState
from models.blockers.tables import Blocker, BlockerEntry
from models.checkins.tables import Reply
from tests.listeners.conftest import Desk
from tests.support import payloads
from tests.support.payloads import CHANNEL, TEAM, VENDOR_TEAM, Json


@pytest.fixture
async def blocker(desk: Desk) -> Blocker:
    """Raised by Vik; the in-house side must act."""
    message = payloads.message("U0VIKRAM", "blocked: no access", CHANNEL, team=VENDOR_TEAM, thread=desk.board.ts)
    await desk.sends(payloads.event(message, team=VENDOR_TEAM, shared=True))
    (row,) = desk.world.rows(Blocker)
    return row


def note(text: str) -> Json:
    return {ids.NOTE: {ids.VALUE: {"type": "plain_text_input", "value": text}}}


async def test_mine_is_for_the_side_that_must_act(desk: Desk, blocker: Blocker) -> None:
    refused = desk.press("U0VERA", ids.MINE_PRESS, str(blocker.id), team=VENDOR_TEAM)
    taken = desk.press("U0OLAF", ids.MINE_PRESS, str(blocker.id))

    assert (await desk.sends(refused)).status == 200
    assert desk.world.rows(Blocker)[0].state is BlockerState.OPEN
    assert "one of their people has to take it" in desk.told("U0VERA")

    assert (await desk.sends(taken)).status == 200
    assert desk.world.rows(Blocker)[0].state is BlockerState.OWNED


@pytest.mark.parametrize(
    ("action_id", "state"), [(ids.UPDATE_OPEN, BlockerState.OPEN), (ids.RESOLVE_OPEN, BlockerState.RESOLVED)]
)
async def test_update_and_resolve_through_their_forms(
    desk: Desk, blocker: Blocker, action_id: str, state: BlockerState
) -> None:
    await desk.sends(desk.press("U0VIKRAM", action_id, str(blocker.id), team=VENDOR_TEAM))
    form = desk.form("U0VIKRAM")
    assert form is not None

    answer = await desk.sends(payloads.submission("U0VIKRAM", form, note("Access came"), team=VENDOR_TEAM))

    assert answer.body == ""
    assert desk.world.rows(Blocker)[0].state is state
    assert len(desk.world.rows(BlockerEntry)) == 2


async def test_a_stale_form_says_what_happened_and_keeps_what_was_written(desk: Desk, blocker: Blocker) -> None:
    await desk.sends(desk.press("U0VIKRAM", ids.RESOLVE_OPEN, str(blocker.id), team=VENDOR_TEAM))
    form = desk.form("U0VIKRAM")
    assert form is not None
    sent = payloads.submission("U0VIKRAM", form, note("Access came"), team=VENDOR_TEAM)
    await desk.sends(sent)

    again = await desk.sends(sent | {"trigger_id": "1.2.3"})

    assert again.errors == {ids.NOTE: f"B-{blocker.number} has been resolved already. Nothing was changed."}
    assert len(desk.world.rows(BlockerEntry)) == 2


@pytest.mark.parametrize("action_id", [ids.MINE_PRESS, ids.UPDATE_OPEN, ids.RESOLVE_OPEN])
async def test_a_stranger_cannot_touch_it(desk: Desk, blocker: Blocker, action_id: str) -> None:
    await desk.sends(desk.press("U0MALLORY", action_id, str(blocker.id), team=TEAM))

    assert desk.form("U0MALLORY") is None
    assert "not yours to see" in desk.told("U0MALLORY")
    assert desk.world.rows(Blocker)[0].state is BlockerState.OPEN


# -- the same in plain words, in the thread in which the card stands ---------------------------------------------------


def said(desk: Desk, user: str, text: str, *, team: str = TEAM) -> Json:
    """A reply in the thread of the stand-up."""
    message = payloads.message(user, text, CHANNEL, team=team, thread=desk.board.ts)
    return payloads.event(message, team=team, shared=team != TEAM)


def replies(desk: Desk) -> list[str]:
    return [unsealed(desk, row, "text") for row in desk.world.rows(Reply)]


def unsealed(desk: Desk, row: Row, column: str) -> str:
    return str(desk.world.sees("system", lambda tx: tx.unseal(row, column)))


@pytest.mark.parametrize("text", ["mine", "I’ll take it", "*on it*", "B-1 mine", "b1: mine"])
async def test_a_reply_takes_it_and_is_no_answer(desk: Desk, blocker: Blocker, text: str) -> None:
    desk.world.sent()
    before, reply = replies(desk), said(desk, "U0OLAF", text)

    await desk.sends(reply)
    await desk.sends(reply)  # Slack delivers some twice

    (row,) = desk.world.rows(Blocker)
    assert (row.state, row.owner_id) == (BlockerState.OWNED, desk.world.place("olaf"))
    assert replies(desk) == before
    assert not desk.told("U0OLAF").count("yours already")

    await desk.sends(payloads.event(payloads.changed(reply["event"], "mine, and the index too")))
    assert replies(desk) == before


async def test_a_reply_resolves_it(desk: Desk, blocker: Blocker) -> None:
    desk.world.sent()

    await desk.sends(said(desk, "U0VIKRAM", "B-1 done: access came", team=VENDOR_TEAM))

    (row,) = desk.world.rows(Blocker)
    assert row.state is BlockerState.RESOLVED
    assert unsealed(desk, desk.world.rows(BlockerEntry)[-1], "note") == "access came"


@pytest.mark.parametrize(
    ("user", "text", "why"),
    [
        ("U0OLAF", "B-1 done", "was raised by Brightlane Systems"),
        ("U0VERA", "mine", "B-1 cannot be taken by your side"),
        ("U0VERA", "B-1 mine", "waits for Northwind Retail"),
    ],
)
async def test_what_cannot_be_done_is_said_and_is_no_answer(
    desk: Desk, blocker: Blocker, user: str, text: str, why: str
) -> None:
    desk.world.sent()
    before, team = replies(desk), VENDOR_TEAM if user == "U0VERA" else TEAM
    reply = said(desk, user, text, team=team)

    await desk.sends(reply)

    assert why in desk.told(user)
    assert replies(desk) == before
    assert desk.world.rows(Blocker)[0].state is BlockerState.OPEN


async def test_one_that_is_resolved_is_not_resolved_again(desk: Desk, blocker: Blocker) -> None:
    desk.world.sent()
    desk.world.does("vik", blockers.resolve, blocker.id, "")
    before = replies(desk)

    await desk.sends(said(desk, "U0VIKRAM", "B-1 done: really", team=VENDOR_TEAM))

    assert "B-1 has been resolved already" in desk.told("U0VIKRAM")
    assert replies(desk) == before


async def test_an_edit_after_a_refusal_does_what_it_says(desk: Desk, blocker: Blocker) -> None:
    await desk.sends(said(desk, "U0VERA", "blocked: no data", team=VENDOR_TEAM))
    desk.world.sent()
    before, reply = replies(desk), said(desk, "U0OLAF", "mine")
    await desk.sends(reply)

    await desk.sends(payloads.event(payloads.changed(reply["event"], "B-2 mine")))

    assert [row.state for row in desk.world.rows(Blocker)] == [BlockerState.OPEN, BlockerState.OWNED]
    assert replies(desk) == before


async def test_a_whole_answer_that_begins_with_one_is_an_answer(desk: Desk, blocker: Blocker) -> None:
    desk.world.sent()
    text = "B-1 done: access came\nnext: the index by Friday"

    await desk.sends(said(desk, "U0VERA", text, team=VENDOR_TEAM))

    assert text in replies(desk)
    assert desk.world.rows(Blocker)[0].state is BlockerState.OPEN


async def test_an_answer_that_comes_again_later_resolves_nothing(desk: Desk) -> None:
    answer = said(desk, "U0VIKRAM", "done", team=VENDOR_TEAM)
    await desk.sends(answer)
    await desk.sends(said(desk, "U0VIKRAM", "blocked: no access", team=VENDOR_TEAM))
    desk.world.sent()

    await desk.sends(answer)

    assert desk.world.rows(Blocker)[0].state is BlockerState.OPEN


async def test_done_of_somebody_else_on_the_raising_side_is_talk_in_a_stand_up(desk: Desk, blocker: Blocker) -> None:
    desk.world.sent()

    await desk.sends(said(desk, "U0VERA", "done", team=VENDOR_TEAM))

    assert desk.world.rows(Blocker)[0].state is BlockerState.OPEN
    assert "done" in replies(desk)


async def test_where_a_question_waits_a_bare_word_answers_it(desk: Desk) -> None:
    asked = payloads.mention("U0VERA", "needs an answer: is the rule in place?", CHANNEL, team=VENDOR_TEAM)
    await desk.sends(payloads.event(asked, team=VENDOR_TEAM, shared=True))
    blocked = payloads.mention("U0OLAF", "blocked: nobody approves it", CHANNEL, thread=asked["ts"])
    await desk.sends(payloads.event(blocked))
    desk.world.sent()
    (ask,), (row,) = desk.world.rows(Ask), desk.world.rows(Blocker)
    assert (ask.state, row.state) == (AskState.WAITING, BlockerState.OPEN)

    await desk.sends(payloads.event(payloads.message("U0OLAF", "done", CHANNEL, thread=asked["ts"])))

    assert desk.world.rows(Ask)[0].state is AskState.REPLIED
    assert desk.world.rows(Blocker)[0].state is BlockerState.OPEN


async def test_a_mention_in_the_thread_does_the_same(desk: Desk, blocker: Blocker) -> None:
    desk.world.sent()
    before = replies(desk)

    await desk.sends(payloads.event(payloads.mention("U0OLAF", "mine", CHANNEL, thread=desk.board.ts)))

    assert desk.world.rows(Blocker)[0].state is BlockerState.OWNED
    assert replies(desk) == before


async def test_where_several_can_be_meant_it_is_asked_which(desk: Desk, blocker: Blocker) -> None:
    await desk.sends(said(desk, "U0VERA", "blocked: no data", team=VENDOR_TEAM))
    desk.world.sent()
    before = replies(desk)

    await desk.sends(said(desk, "U0OLAF", "mine"))

    assert "Please write “B-1 mine” or “B-2 mine”" in desk.told("U0OLAF")
    assert [row.state for row in desk.world.rows(Blocker)] == [BlockerState.OPEN] * 2
    assert replies(desk) == before


async def test_where_no_card_stands_the_words_are_an_answer(desk: Desk) -> None:
    await desk.sends(said(desk, "U0OLAF", "done"))

    assert replies(desk) == ["done"]


async def test_more_words_are_an_answer_even_where_a_card_stands(desk: Desk, blocker: Blocker) -> None:
    desk.world.sent()

    await desk.sends(said(desk, "U0OLAF", "done: the firewall rule"))

    assert "done: the firewall rule" in replies(desk)
    assert desk.world.rows(Blocker)[0].state is BlockerState.OPEN

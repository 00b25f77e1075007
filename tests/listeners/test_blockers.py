"""A blocker's buttons and forms."""

import pytest

from bot import ids
from models.base import Row
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

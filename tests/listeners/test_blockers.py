"""A blocker's buttons and forms."""

import pytest

from bot import ids
from models.blockers.rules import BlockerState
from models.blockers.tables import Blocker, BlockerEntry
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

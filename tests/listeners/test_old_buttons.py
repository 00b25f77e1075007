"""An old button or form says what happened meanwhile, to who pressed it alone, and what it stood in is drawn anew."""

from uuid import uuid4

import pytest

from bot import ids
from models.access import Side
from models.blockers import service as blockers
from models.blockers.tables import Blocker
from models.escalations import moves, service
from models.escalations.ladders import Severity
from models.escalations.tables import Escalation
from models.outbox import service as outbox
from models.outbox.rules import Operation
from models.outbox.tables import OutboxMessage, Post
from tests.listeners.conftest import Desk
from tests.listeners.matrix import ESCALATIONS, PEOPLE
from tests.listeners.test_matrix import request
from tests.support import payloads

OVER = (
    "press_own", "open_word", "open_finish", "open_snooze", "open_rerate", "submit_word", "submit_finish",
    "submit_snooze", "submit_rerate",
)  # fmt: skip
"""What can still be pressed or sent once it is resolved."""


@pytest.fixture
def escalation(desk: Desk) -> Escalation:
    """Against the provider; Vera has been told of it directly, and it stands in both channels."""
    where = (desk.world.engagement_id, "The tills are down", Severity.S2, Side.VENDOR)
    row = desk.world.does("ines", service.escalate, *where, source_key="view:1")
    desk.world.sent()
    return row


def drawn_again(desk: Desk) -> set[str]:
    """Keys of the messages that wait to be drawn anew."""
    waiting = [row for row in desk.world.rows(OutboxMessage) if row.operation is Operation.REFRESH]
    return {row.post_key for row in waiting if row.state == "ready"}


async def says(desk: Desk, name: str, person: str, row: Escalation) -> str:
    """Let somebody use a handler's button or form; what they are told."""
    user = PEOPLE[person][0]
    desk.server.workspace.ephemerals.pop(user, None)
    desk.server.workspace.modals.pop(user, None)
    answer = await desk.sends(request(desk, ESCALATIONS[f"escalations.{name}"], person, str(row.id)))
    return f"{desk.told(user)}{answer.text}"


async def test_once_it_is_resolved_every_button_and_form_says_by_whom(desk: Desk, escalation: Escalation) -> None:
    desk.world.does("olaf", service.finish, escalation.id, "New switch")
    desk.world.sent()
    messages = {moves.card_key(escalation), moves.twin_key(escalation)}

    for name in OVER:
        told = await says(desk, name, "owner", escalation)

        assert "Nothing was changed: E-1 has moved on meanwhile" in told, name
        assert "🟢 Resolved" in told, name
        assert "Resolved by Olaf Lindqvist" in told, name
        assert drawn_again(desk) > messages, name
        assert any(key.startswith("escalation-told:") for key in drawn_again(desk)), name
        assert desk.world.rows(Escalation)[0].resolved_by_id == desk.world.place("olaf"), name
        desk.world.sent()


async def test_to_own_what_is_ones_own_already_and_to_open_what_is_open_changes_nothing(
    desk: Desk, escalation: Escalation
) -> None:
    desk.world.does("vik", service.acknowledge, escalation.id)
    for name, person in (("press_own", "other side"), ("open_reopen", "owner"), ("submit_reopen", "external")):
        desk.world.sent()

        told = await says(desk, name, person, escalation)

        assert "Nothing was changed: E-1 has moved on meanwhile" in told, name
        assert "owned by Vikram Rao" in told, name
        assert moves.card_key(escalation) in drawn_again(desk), name


@pytest.mark.parametrize(
    ("user", "action_id", "why"),
    [
        ("U0INES", ids.MINE_PRESS, "one of their people has to take it"),
        ("U0OLAF", ids.UPDATE_OPEN, "has been resolved already"),
        ("U0INES", ids.RESOLVE_OPEN, "has been resolved already"),
    ],
)
async def test_a_message_in_which_something_was_pressed_in_vain_is_drawn_anew(
    desk: Desk, user: str, action_id: str, why: str
) -> None:
    said = payloads.message("U0INES", "blocked: no access", payloads.CHANNEL, thread=desk.board.ts)
    await desk.sends(payloads.event(said))
    (blocker,) = desk.world.rows(Blocker)
    desk.world.sent()
    if "resolved" in why:
        desk.world.does("ines", blockers.resolve, blocker.id, "")
        desk.world.sent()
    (card,) = [row for row in desk.world.rows(Post) if row.key == f"blocker:{blocker.id}"]
    container = {"type": "message", "channel_id": card.channel_id, "message_ts": card.ts}

    await desk.sends(desk.press(user, action_id, str(blocker.id), container=container))

    assert why in desk.told(user)
    assert drawn_again(desk) == {card.key}


async def test_a_strangers_press_draws_nothing(desk: Desk, escalation: Escalation) -> None:
    (card,) = [row for row in desk.world.rows(Post) if row.key == moves.card_key(escalation)]
    container = {"type": "message", "channel_id": card.channel_id, "message_ts": card.ts}

    await desk.sends(desk.press("U0MALLORY", ids.MINE_PRESS, str(escalation.id), container=container))

    assert not drawn_again(desk)


async def test_what_was_said_to_somebody_stays_as_it_was_said(desk: Desk) -> None:
    await desk.sends(payloads.event(payloads.mention("U0INES", "status", payloads.CHANNEL)))
    desk.world.sent()
    (said,) = [row for row in desk.world.rows(Post) if row.kind == "reply.mention"]
    container = {"type": "message", "channel_id": said.channel_id, "message_ts": said.ts}

    await desk.sends(desk.press("U0INES", ids.MINE_PRESS, str(uuid4()), container=container))
    desk.world.does("ines", outbox.draw_again, said.channel_id, said.ts)

    assert not drawn_again(desk)

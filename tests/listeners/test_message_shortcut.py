"""The message shortcut "Raise a blocker": any message becomes a blocker, once."""

import pytest

from bot import ids
from models.access import Side
from models.blockers.tables import Blocker
from models.escalations.ladders import Severity
from models.escalations.tables import Escalation
from models.outbox.tables import OutboxMessage
from sandbox.errors import Refused
from sandbox.seed import INHOUSE, SHARED
from tests.listeners.conftest import Desk
from tests.support import payloads
from tests.support.payloads import TEAM, VENDOR_TEAM, Json


def used(desk: Desk, user: str, message: Json, channel: str = SHARED, *, team: str = TEAM) -> Json:
    body = payloads.message_action(user, ids.RAISE_MESSAGE, message, channel, team=team)
    return body | {"trigger_id": desk.server.workspace.new_trigger(user)}


def filled(
    what: str = "The tills are down", side: str = "vendor", person: str = "", needed: str = "", bad: str = "S3"
) -> Json:
    option = {"selected_option": {"value": person}} if person else {"selected_option": None}
    return {
        ids.WHAT: {ids.VALUE: {"type": "plain_text_input", "value": what}},
        ids.SIDE: {ids.VALUE: {"type": "radio_buttons", "selected_option": {"value": side}}},
        ids.PERSON: {ids.VALUE: {"type": "static_select", **option}},
        ids.SEVERITY: {ids.VALUE: {"type": "static_select", "selected_option": {"value": bad}}},
        ids.NEEDED: {ids.VALUE: {"type": "datepicker", "selected_date": needed or None}},
    }


async def raises(desk: Desk, user: str, message: Json, values: Json, channel: str = SHARED) -> Json:
    await desk.sends(used(desk, user, message, channel))
    form = desk.form(user)
    assert form is not None
    return (await desk.sends(payloads.submission(user, form, values))).errors


async def test_a_message_becomes_a_blocker_in_its_own_thread(desk: Desk) -> None:
    said = payloads.message("U0VERA", "The new rule blocks <@U0OLAF>&#x27;s tills", SHARED, team=VENDOR_TEAM)
    await desk.sends(used(desk, "U0INES", said))
    form = desk.form("U0INES")
    assert form is not None
    assert "The new rule blocks @U0OLAF" in str(form["blocks"])

    assert await raises(desk, "U0INES", said, filled(needed="2026-11-27")) == {}

    (row,) = desk.world.rows(Blocker)
    (card,) = [item for item in desk.world.rows(OutboxMessage) if item.kind == "blocker.card"]
    assert (row.raised_by_id, row.acting_side) == (desk.world.place("ines"), Side.VENDOR)
    assert (card.channel_id, card.thread_ts) == (SHARED, said["ts"])


async def test_what_has_stopped_the_work_is_escalated_at_once(desk: Desk) -> None:
    said = payloads.message("U0VERA", "The tills are down", SHARED, team=VENDOR_TEAM)

    assert await raises(desk, "U0INES", said, filled(bad="S1")) == {}

    assert [(row.cause_ref, row.severity) for row in desk.world.rows(Escalation)] == [("B-1", Severity.S1)]


async def test_people_without_the_shortcut_raise_one_by_a_mention(desk: Desk) -> None:
    text = "blocked S1: the tills are down\nblocked: no VPN for <@U0OLAF>"
    body = payloads.event(payloads.mention("U0VERA", text, SHARED, team=VENDOR_TEAM), team=VENDOR_TEAM, shared=True)

    for _ in range(2):
        await desk.sends(body)

    rows = desk.world.rows(Blocker)
    assert [(row.number, row.severity, row.acting_side) for row in rows] == [
        (1, Severity.S1, Side.INHOUSE),
        (2, Severity.S3, Side.INHOUSE),
    ]
    assert rows[1].acting_id == desk.world.place("olaf")
    cards = [item for item in desk.world.rows(OutboxMessage) if item.kind == "blocker.card"]
    assert {(card.channel_id, card.thread_ts) for card in cards} == {(SHARED, body["event"]["ts"])}
    assert desk.world.said("reply.mention") == []


@pytest.mark.parametrize("user", ["U0ADA", "U0MALLORY"])
async def test_a_mention_of_somebody_who_may_not_raise_one_raises_none(desk: Desk, user: str) -> None:
    await desk.sends(payloads.event(payloads.mention(user, "blocked: no VPN", SHARED)))

    assert desk.world.rows(Blocker) == []


async def test_a_reply_is_raised_in_the_thread_it_stands_in(desk: Desk) -> None:
    said = payloads.message("U0OLAF", "And this too", SHARED, thread=desk.board.ts)

    await raises(desk, "U0INES", said, filled())

    (card,) = [item for item in desk.world.rows(OutboxMessage) if item.kind == "blocker.card"]
    assert card.thread_ts == desk.board.ts


async def test_a_message_is_raised_only_once(desk: Desk) -> None:
    said = payloads.message("U0VERA", "We are stuck", SHARED, team=VENDOR_TEAM)
    await raises(desk, "U0INES", said, filled())

    errors = await raises(desk, "U0OLAF", said, filled("Something else"))

    assert "was made blocker B-1 already" in errors[ids.WHAT]
    assert len(desk.world.rows(Blocker)) == 1


async def test_words_said_in_house_go_where_they_were_said_to_nobody_else(desk: Desk) -> None:
    """The message stays in its channel; the card with the person's own words goes to the shared one."""
    said = payloads.message("U0OLAF", "They are slow", INHOUSE)

    await raises(desk, "U0INES", said, filled("The export is late"), INHOUSE)

    (row,) = desk.world.rows(Blocker)
    (card,) = [item for item in desk.world.rows(OutboxMessage) if item.kind == "blocker.card"]
    assert (card.channel_id, card.thread_ts, card.parent_key) == (None, None, f"board:{desk.checkin.id}")
    with desk.world.db.read(desk.world.actor("ines")) as tx:
        assert tx.unseal(row, "what") == "The export is late"


async def test_whoever_is_named_decides_the_side(desk: Desk) -> None:
    said = payloads.message("U0VERA", "We are stuck", SHARED, team=VENDOR_TEAM)

    await raises(desk, "U0INES", said, filled(side="vendor", person=str(desk.world.place("olaf"))))

    (row,) = desk.world.rows(Blocker)
    assert (row.acting_side, row.acting_id) == (Side.INHOUSE, desk.world.place("olaf"))


async def test_what_is_missing_is_said_on_its_field(desk: Desk) -> None:
    said = payloads.message("U0VERA", "We are stuck", SHARED, team=VENDOR_TEAM)

    assert set(await raises(desk, "U0INES", said, filled(what=" ", needed="2020-01-01"))) == {ids.WHAT, ids.NEEDED}
    assert desk.world.rows(Blocker) == []


@pytest.mark.parametrize("user", ["U0MALLORY", "U0ADA"])
async def test_strangers_and_observers_raise_nothing(desk: Desk, user: str) -> None:
    await desk.sends(used(desk, user, payloads.message("U0VERA", "We are stuck", SHARED)))

    assert desk.form(user) is None
    assert desk.told(user) != "[[], []]"


async def test_external_people_have_no_shortcuts(desk: Desk) -> None:
    message = await desk.server.person("U0VERA").posts(SHARED, "We are stuck")

    with pytest.raises(Refused):
        await desk.server.person("U0VERA").uses_shortcut(ids.RAISE_MESSAGE, message)


async def test_a_reference_of_another_shape_is_nothing_of_ours(desk: Desk) -> None:
    said = payloads.message("U0VERA", "We are stuck", SHARED, team=VENDOR_TEAM)
    await desk.sends(used(desk, "U0INES", said))
    form = desk.form("U0INES")
    assert form is not None

    answer = await desk.sends(payloads.submission("U0INES", form | {"private_metadata": "x"}, filled()))

    assert "not yours to see" in answer.text
    assert desk.world.rows(Blocker) == []

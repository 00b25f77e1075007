"""/standup and /cadence, answered to the person alone."""

import pytest
from sqlmodel import select

from bot import ids
from models.access import SYSTEM, Role
from models.checkins.rules import CheckInState
from models.checkins.tables import CheckIn, Prompt
from models.engagements.tables import Absence, Participant
from tests.listeners.conftest import Desk


async def test_standup_opens_the_form_that_most_wants_an_answer(desk: Desk) -> None:
    answer = await desk.sends(desk.command("U0INES", "/standup"))

    form = desk.form("U0INES")
    assert answer.body == ""
    assert form is not None
    assert form["private_metadata"] == str(desk.checkin.id)


async def test_help_is_the_answer_to_nothing_and_to_the_unknown(desk: Desk) -> None:
    for text in ("", "help", "dance"):
        answer = await desk.sends(desk.command("U0INES", "/cadence", text))
        assert "/cadence status" in answer.text


@pytest.mark.parametrize("text", ["status", "summary", "summary last week"])
async def test_what_is_stored_is_shown(desk: Desk, text: str) -> None:
    answer = await desk.sends(desk.command("U0OLAF", "/cadence", text))

    assert answer.status == 200
    assert "blocks" in answer.body
    assert "not yours" not in answer.text


async def test_a_week_that_is_none_is_asked_for_again(desk: Desk) -> None:
    answer = await desk.sends(desk.command("U0OLAF", "/cadence", "summary of the outage"))

    assert "I did not understand which week" in answer.text


async def test_skip_with_and_without_a_reason(desk: Desk) -> None:
    await desk.sends(desk.command("U0INES", "/cadence", "skip"))
    answer = await desk.sends(desk.command("U0OLAF", "/cadence", "skip on a train"))

    form = desk.form("U0INES")
    assert form is not None
    assert form["callback_id"] == ids.SKIP_SUBMIT
    assert "Skipped: Daily stand-up" in answer.text
    assert [row.state for row in desk.world.rows(Prompt)].count("skipped") == 1


async def test_away_and_back(desk: Desk) -> None:
    away = await desk.sends(desk.command("U0INES", "/cadence", "away tomorrow to Friday"))
    assert [(str(row.first_day), str(row.last_day)) for row in desk.world.rows(Absence)] == [
        ("2026-11-25", "2026-11-27")
    ]
    assert "You are away" in away.text

    back = await desk.sends(desk.command("U0INES", "/cadence", "away back"))
    assert not desk.world.rows(Absence)
    assert "Welcome back" in back.text

    await desk.sends(desk.command("U0INES", "/cadence", "away"))
    form = desk.form("U0INES")
    assert form is not None
    assert form["callback_id"] == ids.AWAY_SUBMIT


async def test_days_that_are_none_are_told(desk: Desk) -> None:
    answer = await desk.sends(desk.command("U0INES", "/cadence", "away whenever"))

    assert "I did not understand the days" in answer.text
    assert not desk.world.rows(Absence)


async def test_an_owner_starts_the_next_check_in_and_an_observer_does_not(desk: Desk) -> None:
    desk.world.until(desk.world.clock.now().replace(hour=20))

    refused = await desk.sends(desk.command("U0ADA", "/cadence", "now"))
    answer = await desk.sends(desk.command("U0INES", "/cadence", "now"))

    assert "No check-in waits for your answer" in refused.text
    assert "Opened: Daily stand-up" in answer.text
    assert [row.state for row in desk.world.rows(CheckIn)].count(CheckInState.OPEN) == 1


async def test_a_member_who_says_now_is_asked_now(desk: Desk) -> None:
    """Everybody on the in-house roster here but a member can open it for all; so Olaf's place is made a member's."""
    with desk.world.db.transaction(SYSTEM) as tx:
        places = tx.session.exec(select(Participant).where(Participant.role == Role.LEAD)).all()
        for place in places:
            place.role = Role.MEMBER
    desk.world.until(desk.world.clock.now().replace(hour=20))

    await desk.sends(desk.command("U0OLAF", "/cadence", "now"))

    form = desk.form("U0OLAF")
    assert form is not None
    assert form["callback_id"] == ids.ANSWER_SUBMIT
    assert [row.state for row in desk.world.rows(CheckIn)].count(CheckInState.OPEN) == 0


@pytest.mark.parametrize("text", ["status", "summary", "skip it", "away tomorrow", "now", "answer"])
async def test_a_stranger_gets_one_neutral_sentence(desk: Desk, text: str) -> None:
    answer = await desk.sends(desk.command("U0MALLORY", "/cadence", text))

    assert "is not here any more, or it is not yours to see" in answer.text
    assert "Northwind" not in answer.text
    assert not desk.world.rows(Absence)

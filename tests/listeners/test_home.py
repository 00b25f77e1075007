"""The Home tab's events and buttons, whoever presses."""

from typing import Any

import pytest

from bot import ids
from models.base import new_id
from models.engagements.tables import Absence
from models.outbox.rules import Operation
from models.outbox.tables import Home, OutboxMessage
from tests.listeners.conftest import Desk
from tests.support import payloads
from tests.support.payloads import TEAM, VENDOR_TEAM, Json
from tests.support.world import nov


def opened(user: str, *, tab: str = "home", shared: bool = False, view: Json | None = None) -> Json:
    body: Json = {"type": "app_home_opened", "user": user, "channel": "D0X", "tab": tab, "event_ts": payloads.ts()}
    return payloads.event(body | ({"view": view} if view else {}), shared=shared)


def published(desk: Desk) -> list[OutboxMessage]:
    return [row for row in desk.world.rows(OutboxMessage) if row.operation is Operation.PUBLISH]


def press(desk: Desk, user: str, action_id: str, *, team: str = TEAM) -> Json:
    """A press on the Home tab: from a view, in no channel."""
    view = {"id": "V0HOME", "type": "home", "app_installed_team_id": TEAM, "blocks": []}
    action = {"action_id": action_id, "block_id": "b", "type": "button", "value": str(new_id())}
    trigger = desk.server.workspace.new_trigger(user)
    return payloads.view_press(user, view, action, team=team) | {"trigger_id": trigger}


async def test_opening_it_draws_it(desk: Desk) -> None:
    answer = await desk.sends(opened("U0INES", view={"hash": "1.abc"}))

    assert answer.status == 200
    assert len(published(desk)) == 1
    assert desk.world.one(Home).view_hash == "1.abc"


async def test_the_messages_tab_draws_nothing(desk: Desk) -> None:
    await desk.sends(opened("U0INES", tab="messages"))

    assert published(desk) == []


async def test_somebody_on_no_roster_is_told_so_and_nothing_is_stored(desk: Desk) -> None:
    await desk.sends(opened("U0MALLORY"))

    assert published(desk) == []
    assert desk.world.rows(Home) == []


async def test_people_of_other_companies_see_slacks_placeholder_so_nothing_is_published(desk: Desk) -> None:
    await desk.sends(opened("U0VERA", shared=True))

    assert published(desk) == []
    assert "U0VERA" not in desk.server.workspace.homes


async def test_the_same_event_twice_is_one_publication(desk: Desk) -> None:
    body = opened("U0INES")

    for _ in range(3):
        await desk.sends(body)

    assert len(published(desk)) == 1


async def test_away_opens_the_form_and_back_ends_it(desk: Desk) -> None:
    await desk.sends(press(desk, "U0INES", ids.HOME_AWAY_OPEN))
    form = desk.form("U0INES")
    assert form is not None
    assert form["callback_id"] == ids.AWAY_SUBMIT
    days = {
        ids.FIRST_DAY: {ids.VALUE: {"type": "datepicker", "selected_date": "2026-11-24"}},
        ids.LAST_DAY: {ids.VALUE: {"type": "datepicker", "selected_date": "2026-11-26"}},
    }
    assert not (await desk.sends(payloads.submission("U0INES", form, days))).errors
    assert [row.last_day for row in desk.world.rows(Absence)] == [nov(26)]

    await desk.sends(press(desk, "U0INES", ids.HOME_BACK_PRESS))

    assert desk.world.rows(Absence) == []


@pytest.mark.parametrize(("user", "words"), [("U0INES", "/cadence"), ("U0VERA", "Mention me"), ("U0MALLORY", "roster")])
async def test_help_speaks_to_the_side_of_whoever_asks(desk: Desk, user: str, words: str) -> None:
    team = VENDOR_TEAM if user == "U0VERA" else TEAM

    await desk.sends(press(desk, user, ids.HOME_HELP_OPEN, team=team))

    assert words in str(desk.form(user))


@pytest.mark.parametrize("action_id", [ids.HOME_NEXT_PRESS, ids.HOME_PREVIOUS_PRESS, ids.HOME_BACK_PRESS])
async def test_buttons_change_nothing_for_somebody_without_a_home(desk: Desk, action_id: str) -> None:
    before: list[Any] = [desk.world.rows(table) for table in (Home, Absence)]

    answer = await desk.sends(press(desk, "U0MALLORY", action_id))

    assert answer.status == 200
    assert [desk.world.rows(table) for table in (Home, Absence)] == before
    assert published(desk) == []


async def test_turning_the_page_draws_it_anew(desk: Desk) -> None:
    await desk.sends(opened("U0INES"))
    desk.world.sent()

    await desk.sends(press(desk, "U0INES", ids.HOME_NEXT_PRESS))

    assert desk.world.one(Home).page == 1
    assert len(published(desk)) == 2

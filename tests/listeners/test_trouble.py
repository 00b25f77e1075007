"""When the database is busy, when many press at once, when one floods: nothing is lost and nobody waits for another."""

import asyncio
import sqlite3

import pytest
from sqlalchemy import event

from bot import ids
from models.access import SYSTEM, Role, Side
from models.blockers.tables import Blocker
from models.checkins.tables import Prompt, Reply, Response
from models.db import Database, Tx
from models.engagements.tables import Participant, Person
from sandbox.state import User
from tests.listeners.conftest import Desk
from tests.listeners.test_checkins import FILLED, open_form
from tests.support import payloads
from tests.support.payloads import CHANNEL, TEAM, VENDOR_TEAM, Json
from tests.support.world import WORKSPACE

CROWD, AT_ONCE = 50, 5


class Busy:
    """Somebody else writes to the SQLite file and does not finish; waiting for it is short, for the test's sake."""

    def __init__(self, db: Database) -> None:
        if not db.is_sqlite:
            pytest.skip("is about SQLite's one writer")
        event.listen(db.engine, "checkout", lambda connection, *_: connection.execute("PRAGMA busy_timeout=20"))
        self._connection = sqlite3.connect(str(db.engine.url.database), isolation_level=None)

    def __enter__(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, *_: object) -> None:
        self._connection.execute("ROLLBACK")
        self._connection.close()


async def test_an_event_that_cannot_be_stored_is_delivered_again_by_slack(desk: Desk) -> None:
    body = payloads.event(payloads.message("U0INES", "Index done", CHANNEL, thread=desk.board.ts))

    with Busy(desk.world.db):
        refused = await desk.sends(body)
    again = await desk.sends(body)

    assert (refused.status, again.status) == (503, 200)
    assert len(desk.world.rows(Reply)) == 1


async def test_a_form_that_cannot_be_stored_stays_with_what_was_written(desk: Desk) -> None:
    body = payloads.submission("U0INES", await open_form(desk, "U0INES"), FILLED)

    with Busy(desk.world.db):
        refused = await desk.sends(body)
    again = await desk.sends(body)

    assert "Nothing is lost" in next(iter(refused.errors.values()))
    assert again.body == ""
    assert len(desk.world.rows(Response)) == 1


async def test_a_button_that_cannot_be_served_says_so_alone(desk: Desk) -> None:
    message = payloads.message("U0VIKRAM", "blocked: no access", CHANNEL, team=VENDOR_TEAM, thread=desk.board.ts)
    await desk.sends(payloads.event(message, team=VENDOR_TEAM, shared=True))
    (row,) = desk.world.rows(Blocker)
    with Busy(desk.world.db):
        answer = await desk.sends(desk.press("U0OLAF", ids.MINE_PRESS, str(row.id)))

    assert answer.status == 200
    assert "could not be stored just now" in desk.told("U0OLAF")


async def test_a_trigger_that_came_too_late_is_told(desk: Desk) -> None:
    await desk.sends(payloads.press("U0INES", ids.ANSWER_OPEN, str(desk.checkin.id)))

    assert desk.form("U0INES") is None
    assert "Please press the button again" in desk.told("U0INES")


async def test_one_persons_flood_does_not_keep_out_the_others(desk: Desk) -> None:
    body = payloads.event(payloads.message("U0MALLORY", "hi", CHANNEL))

    statuses = [(await desk.sends(body)).status for _ in range(40)]
    other = await desk.sends(payloads.event(payloads.message("U0INES", "hi", CHANNEL)))

    assert statuses[:20] == [200] * 20
    assert statuses[30:] == [503] * 10
    assert other.status == 200


def crowd(tx: Tx, desk: Desk) -> list[str]:
    """Fifty more people of the in-house side who are asked in the open check-in."""
    pattern = next(row for row in desk.world.rows(Prompt) if row.checkin_id == desk.checkin.id)
    users = [f"U0CROWD{number:02}" for number in range(CROWD)]
    for user in users:
        person = tx.add(Person(workspace_id=WORKSPACE, slack_user_id=user, name=user, zone="Europe/Paris"))
        place = tx.add(
            Participant(
                workspace_id=WORKSPACE,
                engagement_id=desk.world.engagement_id,
                person_id=person.id,
                side=Side.INHOUSE,
                role=Role.MEMBER,
            )
        )
        data = pattern.model_dump(exclude={"id", "participant_id"})
        tx.add(Prompt(**data, participant_id=place.id))
    return users


async def test_nobodys_form_waits_for_that_of_another_while_slack_is_slow(desk: Desk) -> None:
    with desk.world.db.transaction(SYSTEM) as tx:
        users = crowd(tx, desk)
    for user in users:
        desk.server.workspace.add_user(User(user, TEAM, user.lower(), user))
    opening, all_here = 0, asyncio.Event()

    async def slow(method: str, _args: Json, when: str) -> None:
        """Slack answers nobody before the others of a group have asked, too."""
        nonlocal opening
        if method == "views.open" and when == "before":
            opening += 1
            if opening % AT_ONCE == 0:
                all_here.set()
            await all_here.wait()

    desk.server.web_api.on_request.append(slow)
    for first in range(0, CROWD, AT_ONCE):
        all_here.clear()
        group = users[first : first + AT_ONCE]
        answers = await asyncio.gather(
            *(desk.sends(desk.press(user, ids.ANSWER_OPEN, str(desk.checkin.id))) for user in group)
        )
        assert {answer.status for answer in answers} == {200}

    assert opening == CROWD
    assert all(desk.form(user) for user in users)

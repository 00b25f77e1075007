"""What the busiest use cases cost, counted in statements: a number that no loaded machine changes."""

from models.access import SYSTEM, Role, Side
from models.blockers import service as blocking
from models.blockers.rules import NewBlocker
from models.blockers.tables import Blocker
from models.checkins.rules import PromptState
from models.checkins.submissions import Promise, Submission
from models.checkins.tables import Prompt
from models.clock import ManualClock
from models.db import Database
from models.engagements import queries as engagements
from models.engagements.tables import Absence
from models.outbox.tables import OutboxMessage
from tests.support.statements import statements
from tests.support.world import World, at, build, nov


def crowd(db: Database, clock: ManualClock, count: int) -> World:
    """An engagement of so many people, all on the in-house side, all in one zone."""
    people = {
        f"p{number}": (f"U0P{number}", f"Person {number}", Side.INHOUSE, Role.MEMBER, "Europe/Paris")
        for number in range(count)
    }
    return build(db, clock, people=people)


def test_asking_forty_people_takes_as_many_statements_as_asking_four(db: Database, clock: ManualClock) -> None:
    world = crowd(db, clock, 40)
    world.until(at(23, 8, 29))
    with world.db.engine.begin() as connection:  # the check-in has opened already, and its board is out
        connection.execute(Prompt.__table__.update().values(ask_at=at(23, 8, 30), due_at=at(23, 8, 30)))  # type: ignore[attr-defined]
    clock.set(at(23, 8, 30))

    with statements(db) as seen:
        world.queue.run()

    asked = [row for row in world.rows(Prompt) if row.checkin_id == world.checkin(nov(23)).id]
    assert {row.state for row in asked} == {PromptState.ASKED}
    assert sum("UPDATE prompt" in line for line in seen) == 1
    assert sum("INSERT INTO outbox_message" in line for line in seen) <= 2  # the board, and all invitations at once
    assert len([row for row in world.rows(OutboxMessage) if row.kind == "checkin.prompt"]) == 40


def test_an_answer_takes_two_dozen_statements_at_the_most(world: World) -> None:
    world.until(at(23, 8, 35))
    said = Submission(promises=(Promise("The index"),), is_blocked=False)

    with statements(world.db) as seen:
        world.answers("ines", nov(23), said)

    assert len(seen) <= 24, seen


def test_taking_a_blocker_takes_eight_statements_at_the_most(world: World) -> None:
    world.until(at(23, 8, 35))
    blocked = Submission(is_blocked=True, blockers=(NewBlocker("No access", Side.VENDOR),))
    world.answers("ines", nov(23), blocked)
    world.sent()
    blocker = world.one(Blocker)
    vera = world.actor("vera")

    with statements(world.db) as seen, world.db.transaction(vera) as tx:
        blocking.take(tx, blocker.id)

    assert len(seen) <= 8, seen


def test_the_roster_is_read_once_a_transaction_and_again_after_it_was_changed(world: World) -> None:
    ines = world.actor("ines").person_id

    with world.db.transaction(SYSTEM) as tx, statements(world.db) as seen:
        for _ in range(3):
            crew = engagements.crew(tx, world.workspace_id, world.engagement_id)
        once = len(seen)
        tx.add(Absence(workspace_id=world.workspace_id, person_id=ines, first_day=nov(23), last_day=nov(24)))
        again = engagements.crew(tx, world.workspace_id, world.engagement_id)

    assert once == 3
    place = world.place("ines")
    assert crew.members[place].hours.absences == ()
    assert again.members[place].hours.absences == ((nov(23), nov(24)),)

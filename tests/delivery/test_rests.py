"""Of many workspaces only those are claimed from, and looked at again, in which something can be done."""

from datetime import timedelta

from bot.delivery.turns import Rests
from models.access import SYSTEM
from models.clock import ManualClock
from models.db import Database
from models.engagements.tables import Engagement
from models.outbox import service
from models.outbox.agenda import agenda
from models.outbox.gates import WORKSPACE as GATE
from models.outbox.tables import Gate
from tests.support.statements import statements
from tests.support.world import World, build

OPEN, SHUT = "T0OPEN", "T0SHUT"


def test_only_a_workspace_whose_gate_is_open_is_due(db: Database, clock: ManualClock) -> None:
    _both(db, clock)

    with db.read(SYSTEM) as tx:
        plan = agenda(tx, clock.now())

    assert plan.due(clock.now()) == (OPEN,)
    assert plan.wakes[SHUT] == clock.now() + timedelta(minutes=1)
    assert plan.wake is not None
    assert plan.wake <= clock.now()


def test_a_workspace_that_rests_is_not_looked_at(db: Database, clock: ManualClock) -> None:
    _both(db, clock)
    rests = {SHUT: clock.now() + timedelta(minutes=1)}

    asked = {}
    for name, known in (("both", {}), ("one", rests)):
        with statements(db) as seen, db.read(SYSTEM) as tx:
            assert agenda(tx, clock.now(), known=known).wakes.keys() == {OPEN, SHUT}
        asked[name] = len(seen)

    assert asked["one"] < asked["both"]


def test_rest_ends_when_something_was_done_there(clock: ManualClock) -> None:
    rests, wall = Rests(), clock.now()
    wakes = {"A": wall + timedelta(seconds=9), "B": wall + timedelta(seconds=9), "C": wall, "D": None}

    assert rests.after(wakes, wall, {"B"}).keys() == {"A"}
    assert rests.after(wakes, wall, {"A"}).keys() == {"B"}


def _both(db: Database, clock: ManualClock) -> None:
    """Two workspaces with a message waiting each; one has just used up what Slack allows it."""
    for workspace_id in (OPEN, SHUT):
        world = build(db, clock, workspace_id=workspace_id)
        _says(world)
    with db.transaction(SYSTEM) as tx:
        tx.session.add(Gate(workspace_id=SHUT, key=GATE, free_at=clock.now() + timedelta(minutes=1)))


def _says(world: World) -> None:
    with world.db.transaction(SYSTEM) as tx:
        engagement = tx.one(Engagement, world.workspace_id, world.engagement_id)
        service.post(tx, engagement, "test", engagement.id, key="m:1")

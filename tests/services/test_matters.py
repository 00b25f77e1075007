"""An escalation and the blocker it is about end together, and come back together."""

import pytest

from models.access import Side
from models.blockers import climbing
from models.blockers import service as blockers
from models.blockers.rules import BlockerEvent, BlockerState
from models.blockers.tables import Blocker, BlockerEntry
from models.checkins.submissions import NewBlocker, Submission
from models.clock import ManualClock
from models.db import Database
from models.escalations import service as escalations
from models.escalations.causes import EntryKind
from models.escalations.ladders import Severity
from models.escalations.rules import EscalationState
from models.escalations.tables import Escalation, EscalationEntry
from models.matters import service as matters
from tests.support.world import World, at, build, nov


@pytest.fixture
def world(db: Database, clock: ManualClock) -> World:
    """Vera is blocked by the in-house side, and has escalated it."""
    world = build(db, clock, countries=(None, None))
    world.until(at(23, 10))
    return world


def blocked(world: World, acting: Side = Side.INHOUSE) -> Escalation:
    new = NewBlocker("No access to staging", acting_side=acting)
    world.answers("vera", nov(23), Submission(is_blocked=True, blockers=(new,)))
    world.does("vera", climbing.escalate, world.one(Blocker, number=1).id, Severity.S2, "")
    return world.one(Escalation, number=1)


def states(world: World) -> tuple[EscalationState, BlockerState]:
    return world.one(Escalation, number=1).state, world.one(Blocker, number=1).state


def test_who_closes_the_escalation_has_resolved_the_blocker_of_their_side(world: World) -> None:
    row = blocked(world)

    assert world.does("vik", matters.finish, row.id, "We have the access")

    assert states(world) == (EscalationState.RESOLVED, BlockerState.RESOLVED)
    assert world.rows(BlockerEntry)[-1].event is BlockerEvent.RESOLVED
    assert [one.kind for one in world.rows(EscalationEntry)].count(EntryKind.RESOLVED) == 1


def test_who_only_says_that_it_is_done_has_resolved_nothing(world: World) -> None:
    row = blocked(world)

    world.does("ines", matters.finish, row.id, "Try again, please")

    assert states(world) == (EscalationState.ACKNOWLEDGED, BlockerState.OPEN)


def test_a_blocker_within_the_other_side_is_not_theirs_to_resolve(world: World) -> None:
    row = blocked(world, acting=Side.VENDOR)

    world.does("ines", matters.finish, row.id, "We can wait")

    assert states(world) == (EscalationState.RESOLVED, BlockerState.OPEN)


def test_both_come_back_together_and_climb(world: World) -> None:
    row = blocked(world)
    world.does("vera", matters.finish, row.id, "")

    assert world.does("ines", matters.reopen, row.id, "It came back")

    assert states(world) == (EscalationState.OPEN, BlockerState.OPEN)
    assert world.one(Blocker, number=1).due_at is None, "its escalation is open: it raises no other one"
    world.until(at(27, 17))
    assert len(world.rows(Escalation)) == 1
    world.does("vera", blockers.resolve, world.one(Blocker, number=1).id, "")
    assert states(world) == (EscalationState.RESOLVED, BlockerState.RESOLVED)


def test_what_is_over_on_one_side_already_is_left_alone(world: World) -> None:
    row = blocked(world)
    world.does("vera", blockers.resolve, world.one(Blocker, number=1).id, "")

    before = world.rows(BlockerEntry)

    assert not world.does("vera", matters.finish, row.id, "")

    assert world.rows(BlockerEntry) == before


def test_an_escalation_without_a_blocker_ends_and_comes_back_alone(world: World) -> None:
    how = {"source_key": "view:1"}
    world.does("ines", escalations.escalate, world.engagement_id, "The tills are down", Severity.S2, **how)
    row = world.one(Escalation, number=1)

    assert world.does("ines", matters.finish, row.id, "")
    assert world.does("vera", matters.reopen, row.id, "")
    assert world.one(Escalation, number=1).state is EscalationState.OPEN

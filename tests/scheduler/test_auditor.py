"""The auditor finds what should have happened and has not, and keeps quiet while all is well."""

from datetime import timedelta

import pytest

from models.access import SYSTEM
from models.cadences.tables import Cadence
from models.checkins.rules import CheckInState, PromptState
from models.checkins.submissions import Submission
from models.checkins.tables import CheckIn, Prompt
from models.clock import ManualClock
from models.db import Database, select
from models.engagements.tables import Engagement
from models.installations import service as installations
from models.outbox.rules import OutboxState, back_off
from models.outbox.tables import OutboxMessage
from models.vault import Vault
from scheduler.auditor import KINDS, STUCK, audit
from scheduler.steps import STEPS
from tests.support.world import World, at, build, nov


@pytest.fixture
def world(db: Database, clock: ManualClock) -> World:
    """In the middle of Tuesday's stand-up; nothing is due, and everything was posted."""
    world = build(db, clock)
    world.until(at(24, 8, 45))
    world.sent()
    return world


def found(world: World, *, is_whole: bool = True) -> dict[str, int]:
    with world.db.read(SYSTEM) as tx:
        return {one.what: one.count for one in audit(tx, STEPS, is_whole=is_whole)}


@pytest.mark.slow
def test_all_is_well_all_through_a_week(db: Database, clock: ManualClock) -> None:
    world = build(db, clock)
    for day in range(23, 30):
        for hour in range(0, 24, 3):
            world.until(at(day, hour))
            world.sent()
            if (day, hour) == (24, 9):
                world.answers("vera", nov(24), Submission(note="done"))
            assert found(world) == {}, (day, hour)


def test_what_should_have_been_done_minutes_ago(world: World) -> None:
    world.clock.advance(timedelta(hours=6))

    assert found(world)["overdue"] > 0


def test_what_fails_again_and_again(world: World) -> None:
    checkin = world.checkin(nov(24))
    later = world.clock.now() + timedelta(hours=1)
    world.change(CheckIn, {"id": checkin.id}, due_failures=3, due_at=later, due_error="ValueError")

    assert found(world) == {"failing": 1}


@pytest.mark.parametrize("state", [OutboxState.LEASED, OutboxState.UNSURE, OutboxState.READY])
def test_a_message_that_hangs(world: World, state: OutboxState) -> None:
    message = world.rows(OutboxMessage)[0]
    long_ago = world.clock.now() - timedelta(hours=1)
    world.change(
        OutboxMessage,
        {"id": message.id},
        state=state,
        written_at=long_ago,
        first_sent_at=long_ago,
        lease_until=long_ago,
        not_before=long_ago,
    )
    what = {OutboxState.LEASED: "leases", OutboxState.UNSURE: "unsure", OutboxState.READY: "stuck"}[state]

    assert found(world) == {what: 1}

    world.change(Engagement, {"id": message.engagement_id}, trouble="The channel was archived.")
    assert found(world) == {}


def test_a_check_in_that_would_never_close(world: World) -> None:
    world.change(CheckIn, {"id": world.checkin(nov(24)).id}, due_at=None)

    assert found(world) == {"due_at": 1}


def test_somebody_who_would_never_be_reminded(world: World) -> None:
    prompt = next(row for row in world.rows(Prompt) if row.due_at and row.state is PromptState.ASKED)
    world.change(Prompt, {"id": prompt.id}, due_at=None)

    assert found(world) == {"due_at": 1}


def test_a_cadence_that_nothing_will_wake(world: World) -> None:
    with world.db.transaction(SYSTEM) as tx:
        next(row for row in tx.session.exec(select(Cadence)) if row.due_at).due_at = None

    assert found(world) == {"silent_cadence": 1}


def test_an_answer_that_still_counts_as_open_in_a_check_in_that_is_over(world: World) -> None:
    checkin = world.checkin(nov(24))
    world.change(CheckIn, {"id": checkin.id}, state=CheckInState.CLOSED, due_at=None)

    assert found(world)["unfinished"] > 0


def test_every_kind_is_announced_to_the_metrics(world: World) -> None:
    world.clock.advance(timedelta(days=2))

    assert set(found(world)) <= set(KINDS)


def test_messages_are_not_stuck_because_the_clock_hopped_over_hours(
    database_address: str, clock: ManualClock, vault: Vault
) -> None:
    """As in the demo: the domain's clock goes to the next event, while delivery goes on at its own pace."""
    wall = ManualClock(clock.now())
    db = Database(database_address, clock, vault, wall)
    world = build(db, clock)
    while (due := world.queue.next_due()) and due <= at(24, 8, 45):
        clock.set(max(due, clock.now()))
        world.queue.run()
    clock.set(at(24, 8, 45))
    waiting = [row for row in world.rows(OutboxMessage) if row.state is OutboxState.READY]
    assert clock.now() - min(row.written_at for row in waiting) > STUCK

    assert found(world) == {}

    wall.advance(timedelta(minutes=31))
    assert set(found(world)) == {"stuck"}
    db.close()


def test_a_message_that_was_tried_for_half_an_hour(world: World) -> None:
    tried, wait = timedelta(0), 0
    while tried < timedelta(minutes=30):
        wait += 1
        tried += back_off(wait)
    message = world.rows(OutboxMessage)[0]
    world.change(
        OutboxMessage, {"id": message.id}, state=OutboxState.READY, attempts=wait, not_before=world.clock.now()
    )

    assert found(world) == {"stuck": 1}


def test_a_workspace_that_the_app_was_removed_from_rests(world: World) -> None:
    message = world.rows(OutboxMessage)[0]
    long_ago = world.clock.now() - timedelta(hours=1)
    world.change(OutboxMessage, {"id": message.id}, state=OutboxState.READY, not_before=long_ago)
    with world.db.transaction(SYSTEM) as tx:
        installations.remember(tx, world.workspace_id, "Northwind", "U0BOT", "B0BOT")
        installations.stop(tx, world.workspace_id, None)
    world.clock.advance(timedelta(days=3))

    assert found(world) == {}


def test_a_quick_look_leaves_what_costs_more_to_the_whole_one(world: World) -> None:
    world.change(CheckIn, {"id": world.checkin(nov(24)).id}, due_at=None)
    assert found(world, is_whole=False) == {}
    assert set(found(world)) == {"due_at"}

    world.clock.advance(timedelta(hours=6))
    assert set(found(world, is_whole=False)) == {"overdue"}

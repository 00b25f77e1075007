"""What only matters for a while goes when its time is over; what may still be asked for stays."""

from datetime import timedelta
from typing import Any

import pytest

from models.access import SYSTEM
from models.activity.tables import Activity
from models.checkins.submissions import Submission
from models.checkins.tables import Prompt, Response
from models.clock import ManualClock
from models.db import Database
from models.engagements.tables import Engagement
from models.outbox import service as outbox
from models.outbox.rules import Operation, OutboxState
from models.outbox.tables import OutboxMessage, Post
from models.upkeep import retention
from models.upkeep.retention import Keep
from models.vault import Vault
from tests.support.databases import BACKENDS, fresh_database
from tests.support.plans import asked, searches
from tests.support.world import World, at, build, nov

DAY = timedelta(days=1)
KEEP = Keep(deliveries=30 * DAY, activity=730 * DAY)
FOLLOWS = (Operation.REFRESH, Operation.DELETE, Operation.PUBLISH)


@pytest.fixture
def world(each_db: Database, clock: ManualClock) -> World:
    """A day is over: answers, reminders, edits and removals, all of it sent."""
    world = build(each_db, clock)
    _day(world, 23)
    return world


def _day(world: World, day: int) -> None:
    world.until(at(day, 5))
    world.sent()
    world.answers("vera", nov(day), Submission(note="Done."))
    world.until(at(day, 20))
    world.sent()


def tidy(world: World, keep: Keep = KEEP, limit: int = retention.BATCH) -> int:
    """Until nothing is left; how many rows."""
    removed = 0
    while True:
        with world.db.transaction(SYSTEM) as tx:
            count = retention.tidy(tx, keep, limit)
        if not count:
            return removed
        assert count <= limit
        removed += count


def follows(world: World) -> list[OutboxMessage]:
    return [row for row in world.rows(OutboxMessage) if row.operation in FOLLOWS]


def _posts(world: World) -> list[OutboxMessage]:
    return [row for row in world.rows(OutboxMessage) if row.operation is Operation.POST]


def posts(world: World) -> set[str]:
    return {row.key for row in _posts(world)}


def test_edits_and_removals_that_are_done_go_after_their_days_and_posts_stay(world: World) -> None:
    there, said = follows(world), posts(world)
    assert {row.operation for row in there} == {Operation.REFRESH, Operation.DELETE}

    world.clock.set(min(row.written_at for row in there) + KEEP.deliveries)
    assert tidy(world) == 0

    world.clock.advance(DAY)
    assert tidy(world) == len(there)
    assert tidy(world) == 0, "twice is the same"
    assert (follows(world), posts(world)) == ([], said)


@pytest.mark.parametrize("state", [OutboxState.READY, OutboxState.LEASED, OutboxState.UNSURE])
def test_what_is_still_to_be_done_or_in_doubt_stays_however_old(world: World, state: OutboxState) -> None:
    kept = follows(world)[0]
    world.change(OutboxMessage, {"id": kept.id}, state=state)
    world.clock.advance(400 * DAY)

    tidy(world)

    assert [row.id for row in follows(world)] == [kept.id]


def test_it_goes_in_batches_of_which_each_may_be_the_last(world: World) -> None:
    """As when the process is killed after any of them."""
    count = len(follows(world))
    world.clock.advance(40 * DAY)
    with world.db.transaction(SYSTEM) as tx:
        assert retention.tidy(tx, KEEP, 1) == 1

    assert len(follows(world)) == count - 1
    assert tidy(world, limit=1) == count - 1


def test_a_message_is_edited_and_removed_after_its_earlier_edits_have_gone(world: World) -> None:
    board = f"board:{world.checkin(nov(23)).id}"
    world.clock.advance(40 * DAY)
    tidy(world)

    for use in (outbox.refresh, outbox.delete):
        world.does("system", use, world.workspace_id, board)
    assert [(row.operation, row.post_key) for row in follows(world)] == [
        (Operation.REFRESH, board),
        (Operation.DELETE, board),
    ]


def test_what_was_said_once_is_not_said_again(world: World) -> None:
    checkin, engagement = world.checkin(nov(23)), world.one(Engagement, id=world.engagement_id)
    world.clock.advance(2_000 * DAY)
    tidy(world)

    assert not world.does("system", outbox.post, engagement, "checkin.board", checkin.id, key=f"board:{checkin.id}")


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_two_weeks_go_the_same_way_with_and_without_it(backend: str, tmp_path: Any, vault: Vault) -> None:
    told = []
    for number, keep in enumerate((None, Keep(deliveries=timedelta(0), activity=timedelta(0)))):
        folder = tmp_path / str(number)
        folder.mkdir()
        with fresh_database(backend, folder) as url:
            clock = ManualClock(at(23, 0))
            db = Database(url, clock, vault)
            world = build(db, clock)
            for day in (23, 24, 25, 26, 27, 30):
                _day(world, day)
                if keep:
                    assert tidy(world, keep) > 0
            told.append(
                (
                    sorted(
                        (row.kind, row.written_at, row.state)
                        for row in world.rows(OutboxMessage)
                        if row.key in posts(world)
                    ),
                    sorted((row.ask_at, row.state) for row in world.rows(Prompt)),
                    len(world.rows(Response)),
                    sorted((row.kind, row.is_deleted) for row in world.rows(Post)),
                )
            )
            db.close()

    assert told[0] == told[1]


def test_the_log_of_changes_goes_after_two_years(world: World) -> None:
    before = len(world.rows(Activity))
    world.clock.advance(729 * DAY)
    tidy(world)
    assert len(world.rows(Activity)) == before > 0

    world.clock.advance(3 * DAY)
    tidy(world)
    assert world.rows(Activity) == []


def test_it_is_found_by_an_index(world: World) -> None:
    world.clock.advance(40 * DAY)
    with asked(world.db) as seen:
        tidy(world)
    with world.db.engine.connect() as connection:
        if not world.db.is_sqlite:
            connection.exec_driver_sql("SET enable_seqscan = off")
        found = {by for statement, values in seen.items() for _, by in searches(connection, statement, values)}

    assert seen
    assert "" not in found, found

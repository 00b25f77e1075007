"""Promises: made, kept, moved, dropped; what editing an answer can and cannot do to them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest

from models.access import SYSTEM
from models.blockers.tables import Blocker
from models.checkins import replies
from models.checkins import service as checkins
from models.checkins.rules import Source
from models.checkins.submissions import NewBlocker, Outcome, Promise, Submission, Verdict
from models.clock import ManualClock
from models.commitments import queries as commitments
from models.commitments.rules import CommitmentState, MoveCause
from models.commitments.tables import Commitment, CommitmentMove
from models.db import Database
from tests.support.databases import somebody_waits
from tests.support.world import CHANNEL, WORKSPACE, World, at, build, nov

TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = nov(24), nov(25), nov(26), nov(27)


@pytest.fixture
def world(db: Database, clock: ManualClock) -> World:
    """Without public holidays: Tuesday would be one in India."""
    return build(db, clock, countries=(None, None))


@pytest.fixture
def promised(world: World) -> World:
    """On Monday Vera promised A by Wednesday; on Tuesday she is asked what became of it."""
    world.until(at(23, 4, 30))
    world.answers("vera", nov(23), Submission(promises=(Promise("A", WEDNESDAY),)))
    world.until(at(24, 4, 30))
    return world


def only(world: World) -> Commitment:
    return world.one(Commitment)


def says(world: World, *outcomes: Outcome, day: date = TUESDAY, note: str = "") -> None:
    world.answers("vera", day, Submission(outcomes=outcomes, note=note))


def outcome(world: World, verdict: Verdict, due: date | None = None, reason: str = "") -> Outcome:
    cause = MoveCause.INHOUSE if verdict is Verdict.MOVED else None
    return Outcome(world.one(Commitment, number=1).id, verdict, due, cause, reason)


def test_a_promise_without_a_date_means_the_next_working_day(world: World) -> None:
    world.until(at(27, 4, 30))

    world.answers("vera", FRIDAY, Submission(promises=(Promise("A"),)))

    assert only(world).promised_due == nov(30)


def test_a_kept_promise_is_kept_on_the_owners_day(promised: World) -> None:
    says(promised, outcome(promised, Verdict.KEPT))

    assert (only(promised).state, only(promised).closed_on) == (CommitmentState.KEPT, nov(24))


def test_a_moved_promise_stays_open_with_its_first_date(promised: World) -> None:
    says(promised, outcome(promised, Verdict.MOVED, FRIDAY, "key is missing"))

    row = only(promised)
    assert (row.state, row.promised_due, row.current_due) == (CommitmentState.OPEN, WEDNESDAY, FRIDAY)


def test_a_move_keeps_cause_and_reason(promised: World) -> None:
    says(promised, outcome(promised, Verdict.MOVED, FRIDAY, "key is missing"))

    move = promised.one(CommitmentMove)
    with promised.db.read(SYSTEM) as tx:
        assert (move.cause, tx.unseal(move, "reason")) == (MoveCause.INHOUSE, "key is missing")


def test_a_dropped_promise_keeps_its_reason(promised: World) -> None:
    says(promised, outcome(promised, Verdict.DROPPED, reason="not wanted any more"))

    with promised.db.read(SYSTEM) as tx:
        assert (only(promised).state, tx.unseal(only(promised), "drop_reason")) == (
            CommitmentState.DROPPED,
            "not wanted any more",
        )


def test_a_promise_nobody_speaks_of_stays_open(promised: World) -> None:
    says(promised, note="Something else.")

    assert only(promised).state is CommitmentState.OPEN


def test_nobody_speaks_for_somebody_elses_promise(promised: World) -> None:
    promised.answers("vik", nov(24), Submission(outcomes=(outcome(promised, Verdict.KEPT),)))

    assert only(promised).state is CommitmentState.OPEN


def test_a_reply_speaks_of_a_promise_by_its_number(promised: World) -> None:
    promised.replies("vera", nov(24), "C-1 done")

    assert only(promised).state is CommitmentState.KEPT


@pytest.mark.parametrize("verdict", [Verdict.KEPT, Verdict.DROPPED, Verdict.MOVED])
def test_an_edit_takes_back_what_it_no_longer_says(promised: World, verdict: Verdict) -> None:
    says(promised, outcome(promised, verdict, FRIDAY, "because"))

    says(promised, note="I was mistaken.")

    row = only(promised)
    assert (row.state, row.current_due, row.closed_on, row.drop_reason) == (
        CommitmentState.OPEN,
        WEDNESDAY,
        None,
        None,
    )


def test_an_edit_days_later_leaves_the_day_of_what_it_says_again(promised: World) -> None:
    says(promised, outcome(promised, Verdict.KEPT))
    closed_at = only(promised).closed_at
    promised.until(at(27, 5))

    says(promised, outcome(promised, Verdict.KEPT), note="And the tests are green.")

    assert (only(promised).closed_on, only(promised).closed_at) == (nov(24), closed_at)


def test_an_edit_corrects_the_new_date(promised: World) -> None:
    says(promised, outcome(promised, Verdict.MOVED, FRIDAY, "because"))

    says(promised, outcome(promised, Verdict.MOVED, THURSDAY, "because"))

    assert (only(promised).current_due, len(promised.rows(CommitmentMove))) == (THURSDAY, 1)


def test_an_edit_from_moved_to_kept_takes_the_move_back(promised: World) -> None:
    says(promised, outcome(promised, Verdict.MOVED, FRIDAY, "because"))

    says(promised, outcome(promised, Verdict.KEPT))

    row = only(promised)
    assert (row.state, row.current_due, promised.rows(CommitmentMove)) == (CommitmentState.KEPT, WEDNESDAY, [])


def test_a_move_taken_back_leaves_a_later_one(promised: World) -> None:
    says(promised, outcome(promised, Verdict.MOVED, THURSDAY, "because"))
    promised.until(at(25, 4, 30))
    says(promised, outcome(promised, Verdict.MOVED, FRIDAY, "because"), day=WEDNESDAY)

    says(promised, note="Not moved on Tuesday.")

    assert [(row.from_due, row.to_due) for row in promised.rows(CommitmentMove)] == [(WEDNESDAY, FRIDAY)]
    assert only(promised).current_due == FRIDAY


def test_an_earlier_move_corrected_leaves_a_later_one(promised: World) -> None:
    says(promised, outcome(promised, Verdict.MOVED, THURSDAY, "because"))
    promised.until(at(25, 4, 30))
    says(promised, outcome(promised, Verdict.MOVED, nov(30), "because"), day=WEDNESDAY)

    says(promised, outcome(promised, Verdict.MOVED, FRIDAY, "because"))

    assert [(row.from_due, row.to_due) for row in promised.rows(CommitmentMove)] == [
        (WEDNESDAY, FRIDAY),
        (FRIDAY, nov(30)),
    ]
    assert only(promised).current_due == nov(30)


def test_what_was_kept_later_is_not_reopened_by_an_older_answer(promised: World) -> None:
    says(promised, outcome(promised, Verdict.MOVED, FRIDAY, "because"))
    promised.until(at(25, 4, 30))
    says(promised, outcome(promised, Verdict.KEPT), day=WEDNESDAY)

    says(promised, note="Forget what I said on Tuesday.")

    assert (only(promised).state, only(promised).current_due) == (CommitmentState.KEPT, FRIDAY)


def test_a_promise_can_be_corrected_while_its_check_in_is_open(world: World) -> None:
    world.until(at(23, 4, 30))
    world.answers("vera", nov(23), Submission(promises=(Promise("A", WEDNESDAY),)))

    world.answers("vera", nov(23), Submission(promises=(Promise("A", FRIDAY),)))

    found = [(row.state, row.promised_due) for row in world.rows(Commitment)]
    assert found == [(CommitmentState.WITHDRAWN, WEDNESDAY), (CommitmentState.OPEN, FRIDAY)]


def test_a_promise_that_counts_cannot_be_edited_away(promised: World) -> None:
    promised.until(at(26, 5))

    promised.answers("vera", nov(23), Submission(note="I never promised anything."))

    assert [row.state for row in promised.rows(Commitment)] == [CommitmentState.OPEN]


def test_a_date_that_counts_is_moved_and_not_replaced_by_an_edit(promised: World) -> None:
    promised.until(at(26, 5))

    promised.answers("vera", nov(23), Submission(promises=(Promise("A", FRIDAY),)))

    row = only(promised)
    assert (row.promised_due, row.current_due, len(promised.rows(CommitmentMove))) == (WEDNESDAY, FRIDAY, 1)


def test_a_date_moved_by_an_edit_and_edited_back_is_as_it_was(promised: World) -> None:
    promised.until(at(26, 5))
    promised.answers("vera", nov(23), Submission(promises=(Promise("A", FRIDAY),)))

    promised.answers("vera", nov(23), Submission(promises=(Promise("A", WEDNESDAY),)))

    assert (only(promised).current_due, promised.rows(CommitmentMove)) == (WEDNESDAY, [])


def test_a_slip_in_a_late_answer_can_be_put_right_for_an_hour(world: World) -> None:
    world.until(at(23, 14))
    ts = world.replies("vera", nov(23), "next: lgoin page")
    world.clock.advance(timedelta(minutes=5))
    world.does("vera", replies.edited, channel_id=CHANNEL, ts=ts, text="next: login page", revision="2")

    assert [row.state for row in world.rows(Commitment)] == [CommitmentState.WITHDRAWN, CommitmentState.OPEN]


def test_an_absence_entered_later_does_not_change_a_date(world: World) -> None:
    world.until(at(23, 4, 30))
    world.replies("vera", nov(23), "next: A")
    world.does("vera", checkins.away, nov(24), nov(26))

    world.replies("vera", nov(23), "no blockers")

    assert [(row.state, row.promised_due) for row in world.rows(Commitment)] == [(CommitmentState.OPEN, nov(24))]


def test_the_same_promise_by_form_and_by_reply_is_one(world: World) -> None:
    world.until(at(23, 4, 30))
    world.replies("vera", nov(23), "next: A by Tuesday")

    world.answers("vera", nov(23), Submission(promises=(Promise("A"),)))

    assert len(world.rows(Commitment)) == 1


def test_numbers_are_given_once_however_many_promise_at_once(postgres_db: Database) -> None:
    clock = postgres_db.clock
    world = build(postgres_db, clock)  # type: ignore[arg-type]
    world.until(at(23, 9))
    names = ("ines", "olaf", "vera", "vik")
    start = Barrier(len(names))

    def promise(name: str) -> None:
        said = Submission(
            promises=tuple(Promise(f"{name} {number}") for number in range(5)),
            blockers=tuple(NewBlocker(f"{name} {number}") for number in range(5)),
        )
        start.wait()
        world.answers(name, nov(23), said, key=f"key:{name}")

    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(promise, names))

    assert sorted(row.number for row in world.rows(Commitment)) == list(range(1, 21))
    assert sorted(row.number for row in world.rows(Blocker)) == list(range(1, 21))


def test_a_promise_that_is_moved_while_it_is_escalated_can_be_escalated_again(postgres_db: Database) -> None:
    world = build(postgres_db, postgres_db.clock, countries=(None, None))  # type: ignore[arg-type]
    world.until(at(23, 4, 30))
    world.answers("vera", nov(23), Submission(promises=(Promise("A", nov(24)),)))
    row = world.one(Commitment)
    world.until(at(25, 4, 30))
    moved = Outcome(row.id, Verdict.MOVED, nov(27), MoveCause.VENDOR, "waiting for parts")

    with ThreadPoolExecutor(1) as pool:
        with world.db.transaction(SYSTEM) as tx:
            looked_at = tx.get(Commitment, WORKSPACE, row.id, lock=True)
            assert looked_at is not None
            looked_at.is_escalated, looked_at.due_at = True, None
            tx.session.flush()
            answer = pool.submit(world.answers, "vera", nov(25), Submission(outcomes=(moved,)))
            somebody_waits(world.db)
        answer.result()

    row = world.one(Commitment)
    assert (row.current_due, row.is_escalated) == (nov(27), False)
    assert row.due_at is not None


def test_one_person_on_many_devices_makes_one_record(postgres_db: Database) -> None:
    world = build(postgres_db, postgres_db.clock)  # type: ignore[arg-type]
    world.until(at(23, 4, 30))
    start = Barrier(4)

    def send(_: int) -> None:
        start.wait()
        world.answers("vera", nov(23), Submission(promises=(Promise("A"),)), source=Source.MODAL, key="view:V1")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(send, range(4)))

    assert len(world.rows(Commitment)) == 1


def test_open_promises_are_listed_earliest_due_first(promised: World) -> None:
    promised.answers("vera", nov(24), Submission(promises=(Promise("B", nov(24)), Promise("C", FRIDAY))))

    found = promised.sees("vera", commitments.open_of, "T0NORTHWIND", promised.place("vera"))
    assert [row.number for row in found] == [2, 1, 3]

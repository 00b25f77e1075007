"""Answers: every way makes the same record; versions, early, late, skipped, away."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest

from models.access import SYSTEM, Role, Side
from models.channels import people
from models.checkins import answers as views
from models.checkins import boards, choices, queries
from models.checkins import service as checkins
from models.checkins.rules import PromptState, Source
from models.checkins.submissions import Promise, Submission
from models.checkins.tables import Prompt, Response
from models.commitments.tables import Commitment
from models.db import Database, Tx
from models.errors import Conflict, Invalid, NotAllowed, NotFound
from models.outbox.tables import OutboxMessage
from tests.support.databases import somebody_waits
from tests.support.world import CHANNEL, WORKSPACE, World, add_cadence, at, build, nov

LOGIN = Submission(promises=(Promise("the login page", nov(25)),), note="Working.")


@pytest.fixture
def open_world(world: World) -> World:
    """Monday's check-in is open, Vera and Vik have been asked."""
    world.until(at(23, 4, 30))
    return world


def record(world: World, name: str = "vera") -> tuple[object, ...]:
    """What an answer left behind, without the way it came in."""
    prompt = world.prompt(name, nov(23))
    with world.db.read(SYSTEM) as tx:
        last = queries.latest_response(tx, prompt)
        assert last is not None
        said = queries.said(tx, last)
    made = [(row.promised_due, row.side, row.participant_id) for row in world.rows(Commitment)]
    return prompt.state, prompt.is_late, said.promises, said.note, made


@pytest.mark.parametrize("source", [Source.MODAL, Source.COMMAND])
def test_a_form_makes_the_record(open_world: World, source: Source) -> None:
    open_world.answers("vera", nov(23), LOGIN, source=source)

    assert record(open_world)[:2] == (PromptState.ANSWERED, False)


def test_a_thread_reply_makes_the_same_record_as_a_form(open_world: World) -> None:
    open_world.answers("vera", nov(23), LOGIN)
    open_world.replies("vik", nov(23), "Working.\nnext: the login page by Wednesday")

    vera, vik = record(open_world), record(open_world, "vik")
    assert vera[:4] == vik[:4]
    assert {(due, side) for due, side, _ in vik[4]} == {(nov(25), Side.VENDOR)}  # type: ignore[attr-defined]


def test_a_direct_message_makes_the_same_record_as_a_thread_reply(open_world: World) -> None:
    open_world.replies("vera", nov(23), "Working.\nnext: the login page by Wednesday")
    open_world.direct("vik", "Working.\nnext: the login page by Wednesday")

    assert record(open_world)[:4] == record(open_world, "vik")[:4]


def test_a_direct_message_gets_a_receipt(open_world: World) -> None:
    open_world.direct("vik", "Working.")

    assert [row.person_id for row in open_world.said("checkin.receipt")] == [open_world.actor("vik").person_id]


def test_an_answer_is_told_in_the_thread_once(open_world: World) -> None:
    for _ in range(3):
        open_world.answers("vera", nov(23), LOGIN)

    assert [row.parent_key for row in open_world.said("checkin.answer")] == [f"board:{open_world.checkin(nov(23)).id}"]


def test_every_answer_is_a_version(open_world: World) -> None:
    for text in ("A", "B", "C"):
        open_world.answers("vera", nov(23), Submission(note=text))

    assert [row.version for row in open_world.rows(Response)] == [1, 2, 3]
    assert record(open_world)[3] == "C"


def test_the_same_submission_twice_is_one_version(open_world: World) -> None:
    first = open_world.answers("vera", nov(23), LOGIN, key="view:V1")

    second = open_world.answers("vera", nov(23), LOGIN, key="view:V1")

    assert first == second
    assert len(open_world.rows(Response)) == 1


def test_the_first_answer_decides_whether_somebody_was_late(open_world: World) -> None:
    open_world.answers("vera", nov(23), LOGIN)
    open_world.until(at(23, 10))

    open_world.answers("vera", nov(23), Submission(note="One more thing."))

    vera = open_world.prompt("vera", nov(23))
    assert (vera.is_late, vera.answered_at) == (False, at(23, 4, 30))


def test_an_answer_at_the_deadline_is_in_time(open_world: World) -> None:
    open_world.clock.set(at(23, 8))

    open_world.answers("vera", nov(23), LOGIN)

    assert open_world.prompt("vera", nov(23)).is_late is False


def test_an_answer_after_the_own_deadline_is_late_though_others_still_answer(open_world: World) -> None:
    open_world.until(at(23, 8, 1))

    open_world.answers("vera", nov(23), LOGIN)

    assert open_world.prompt("vera", nov(23)).is_late is True


def test_the_form_says_that_the_answer_will_be_late(open_world: World) -> None:
    open_world.until(at(23, 8, 1))

    assert open_world.sees("vera", views.answer_form, open_world.checkin(nov(23)).id).is_late is True


def test_a_late_answer_counts_in_the_report(open_world: World) -> None:
    open_world.until(at(23, 14))

    open_world.answers("vera", nov(23), LOGIN)

    board = open_world.sees("system", boards.board, "T0NORTHWIND", open_world.checkin(nov(23)).id)
    assert [(line.state, line.is_late) for line in board.lines if line.who.name == "Vera Iyer"] == [
        (PromptState.ANSWERED, True)
    ]


def test_a_late_answer_refreshes_the_report(open_world: World) -> None:
    open_world.until(at(23, 14))

    open_world.answers("vera", nov(23), LOGIN)

    waiting = [row.post_key for row in open_world.rows(OutboxMessage) if row.state == "ready"]
    assert f"board:{open_world.checkin(nov(23)).id}" in waiting


def test_late_answers_are_taken_for_a_week(open_world: World) -> None:
    open_world.until(at(30, 12, 30))

    open_world.answers("vera", nov(23), LOGIN)

    assert open_world.prompt("vera", nov(23)).is_late is True


def test_after_a_week_a_check_in_takes_no_answers(open_world: World) -> None:
    open_world.until(at(30, 12, 31))

    with pytest.raises(Conflict, match="closed more than 7 days ago"):
        open_world.answers("vera", nov(23), LOGIN)


def test_a_skipped_check_in_takes_no_answers(world: World) -> None:
    world.advance()
    world.clock.set(at(23, 13))
    world.advance()

    with pytest.raises(Conflict, match="was skipped"):
        world.answers("vera", nov(23), LOGIN)


def test_the_next_check_in_can_be_answered_early_when_the_last_has_closed(open_world: World) -> None:
    open_world.until(at(23, 13))

    open_world.answers("vera", nov(24), LOGIN)

    assert open_world.prompt("vera", nov(24)).state is PromptState.ANSWERED


def test_the_next_check_in_takes_no_answer_while_the_last_is_open(open_world: World) -> None:
    with pytest.raises(Conflict, match="Monday is still open"):
        open_world.answers("vera", nov(24), LOGIN)


def test_an_early_answer_is_told_when_the_check_in_opens(open_world: World) -> None:
    open_world.until(at(23, 13))
    open_world.answers("vera", nov(24), LOGIN)
    before = len(open_world.said("checkin.answer"))

    open_world.until(at(24, 5))

    assert (before, len(open_world.said("checkin.answer"))) == (0, 1)


def test_who_answered_early_is_not_asked(open_world: World) -> None:
    open_world.until(at(23, 13))
    open_world.answers("vera", nov(24), LOGIN)

    open_world.until(at(24, 5))

    assert open_world.prompt("vera", nov(24)).asked_at is None


def test_who_has_answered_is_offered_their_answer_before_the_next_check_in(open_world: World) -> None:
    open_world.answers("vera", nov(23), LOGIN)

    best = open_world.sees("vera", choices.answerable)[0]

    assert best.local_date == nov(23)


def test_after_the_closing_the_next_check_in_is_offered_first(open_world: World) -> None:
    open_world.until(at(23, 13))

    assert [item.local_date for item in open_world.sees("vera", choices.answerable)] == [nov(24), nov(23)]


def test_a_skip_keeps_its_reason(open_world: World) -> None:
    open_world.does("vera", checkins.skip, open_world.checkin(nov(23)).id, " At the dentist ")

    with open_world.db.read(SYSTEM) as tx:
        vera = open_world.prompt("vera", nov(23))
        assert (vera.state, tx.unseal(vera, "skip_reason")) == (PromptState.SKIPPED, "At the dentist")


def test_who_skips_is_neither_reminded_nor_missed(open_world: World) -> None:
    open_world.does("vera", checkins.skip, open_world.checkin(nov(23)).id, "At the dentist")

    open_world.until(at(23, 13))

    assert open_world.prompt("vera", nov(23)).state is PromptState.SKIPPED
    assert open_world.prompt("vera", nov(23)).reminded_at is None


def test_an_answer_replaces_a_skip(open_world: World) -> None:
    open_world.does("vera", checkins.skip, open_world.checkin(nov(23)).id, "At the dentist")

    open_world.answers("vera", nov(23), LOGIN)

    vera = open_world.prompt("vera", nov(23))
    assert (vera.state, vera.skip_reason) == (PromptState.ANSWERED, None)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 301])
def test_a_skip_needs_a_short_reason(open_world: World, reason: str) -> None:
    with pytest.raises(Invalid):
        open_world.does("vera", checkins.skip, open_world.checkin(nov(23)).id, reason)


def test_what_was_answered_cannot_be_skipped(open_world: World) -> None:
    open_world.answers("vera", nov(23), LOGIN)

    with pytest.raises(Conflict, match="answered this check-in already"):
        open_world.does("vera", checkins.skip, open_world.checkin(nov(23)).id, "Never mind")


def test_a_closed_check_in_cannot_be_skipped(open_world: World) -> None:
    open_world.until(at(23, 13))

    with pytest.raises(Conflict, match="not skipped"):
        open_world.does("vera", checkins.skip, open_world.checkin(nov(23)).id, "Forgot")


def test_who_is_excused_may_answer_all_the_same(world: World) -> None:
    world.does("vera", checkins.away, nov(23), nov(23))
    world.until(at(23, 5))

    world.answers("vera", nov(23), LOGIN)

    assert world.prompt("vera", nov(23)).state is PromptState.ANSWERED


@pytest.mark.parametrize(("first", "last"), [(25, 24), (1, 22)])
def test_an_absence_ends_after_it_begins_and_not_in_the_past(open_world: World, first: int, last: int) -> None:
    with pytest.raises(Invalid):
        open_world.does("vera", checkins.away, nov(first), nov(last))


def test_an_absence_is_a_year_long_at_the_most(open_world: World) -> None:
    with pytest.raises(Invalid):
        open_world.does("vera", checkins.away, nov(23), nov(23) + timedelta(days=367))


def test_an_absence_is_seen_on_the_board_at_once(open_world: World) -> None:
    open_world.does("vera", checkins.away, nov(23), nov(24))

    board = open_world.sees("system", boards.board, "T0NORTHWIND", open_world.checkin(nov(23)).id)
    assert "away until Tue 24 Nov" in {line.excuse for line in board.lines}


def test_an_absence_counts_in_every_engagement_of_a_person(open_world: World) -> None:
    open_world.does("vera", checkins.away, nov(24), nov(24))

    open_world.until(at(24, 13))

    assert open_world.prompt("vera", nov(24)).state is PromptState.EXCUSED


def test_a_started_check_in_is_not_started_again(open_world: World) -> None:
    with pytest.raises(Conflict, match="opened already"):
        open_world.does("ines", checkins.start_now, open_world.checkin(nov(23)).id)


def test_a_newcomer_is_told_to_wait_for_the_next_check_in(open_world: World) -> None:
    open_world.joins("uma", ("U0UMA", "Uma Das", Side.VENDOR, Role.MEMBER, "Asia/Kolkata"))

    with pytest.raises(NotAllowed, match="the next one asks you"):
        open_world.answers("uma", nov(23), LOGIN)


def test_an_unknown_check_in_is_not_found(open_world: World) -> None:
    with pytest.raises(NotFound):
        open_world.does("vera", checkins.submit, UUID(int=7), LOGIN, source=Source.MODAL, source_key="k")


def test_a_second_promise_of_one_answer_gets_its_own_number(open_world: World) -> None:
    open_world.answers("vera", nov(23), Submission(promises=(Promise("A"), Promise("B"))))

    assert [row.number for row in open_world.rows(Commitment)] == [1, 2]


def test_the_answer_form_is_filled_with_what_was_said(open_world: World) -> None:
    open_world.answers("vera", nov(23), LOGIN)

    assert open_world.sees("vera", views.answer_form, open_world.checkin(nov(23)).id).given == LOGIN


def test_two_open_check_ins_can_be_answered_in_any_order(world: World) -> None:
    add_cadence(world, "review", rule="FREQ=WEEKLY;BYDAY=MO")
    world.until(at(23, 5))
    found = world.sees("vera", choices.answerable)

    for item in reversed(found):
        world.does(
            "vera", checkins.submit, item.checkin_id, LOGIN, source=Source.MODAL, source_key=str(item.checkin_id)
        )

    assert [row.state for row in world.rows(Prompt) if row.participant_id == world.place("vera")].count(
        PromptState.ANSWERED
    ) == 2


def test_who_loses_their_place_while_they_answer_has_answered(postgres_db: Database) -> None:
    world = build(postgres_db, postgres_db.clock, countries=(None, None))  # type: ignore[arg-type]
    world.until(at(23, 4, 30))
    day, prompt_id = world.checkin(nov(23)).id, world.prompt("vik", nov(23)).id

    def leaves(tx: Tx) -> None:
        people.left_channel(tx, WORKSPACE, CHANNEL, world.people["vik"][0])

    with ThreadPoolExecutor(1) as pool:
        with world.db.transaction(world.actor("vik")) as tx:
            checkins.submit(tx, day, LOGIN, source=Source.MODAL, source_key="k")
            tx.session.flush()
            gone = pool.submit(world.does, "system", leaves)
            somebody_waits(world.db)
        gone.result()

    assert world.one(Prompt, id=prompt_id).state is PromptState.ANSWERED

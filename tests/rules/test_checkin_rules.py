"""Pure decisions about check-ins: hours, due times, late openings, what can be put right."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.checkins.rules import (
    GRACE,
    CheckInState,
    DuePrompt,
    Hours,
    Message,
    Opening,
    PromptState,
    Turn,
    caught_up,
    checkin_due,
    opening,
    personal_hours,
    prompt_due,
    span,
    turn,
)
from models.commitments.rules import CORRECTABLE_FOR, is_correctable

ASK = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
REMIND, DEADLINE = ASK + timedelta(hours=3), ASK + timedelta(hours=4)
HOURS = Hours(ASK, REMIND, DEADLINE)
MINUTE = timedelta(minutes=1)


def test_a_persons_hours_are_on_their_own_wall_clock() -> None:
    found = personal_hours(date(2026, 11, 23), time(9, 30), "Asia/Kolkata", timedelta(hours=4), timedelta(hours=1))

    assert found == Hours(
        datetime(2026, 11, 23, 4, tzinfo=UTC),
        datetime(2026, 11, 23, 7, tzinfo=UTC),
        datetime(2026, 11, 23, 8, tzinfo=UTC),
    )


@pytest.mark.parametrize("reminder", [timedelta(0), timedelta(hours=4), timedelta(hours=5)])
def test_a_reminder_that_does_not_fit_the_window_is_none(reminder: timedelta) -> None:
    found = personal_hours(date(2026, 11, 23), time(9, 30), "UTC", timedelta(hours=4), reminder)

    assert found.remind_at is None


def test_a_check_in_spans_everybody() -> None:
    later = Hours(ASK + MINUTE, None, DEADLINE + MINUTE)

    assert span([HOURS, later]) == (ASK, DEADLINE + MINUTE)


@pytest.mark.parametrize(
    ("state", "due"),
    [
        (CheckInState.SCHEDULED, ASK),
        (CheckInState.OPEN, DEADLINE),
        (CheckInState.CLOSED, None),
        (CheckInState.SKIPPED, None),
    ],
)
def test_when_a_check_in_is_due(state: CheckInState, due: datetime | None) -> None:
    assert checkin_due(state, ASK, DEADLINE) == due


@pytest.mark.parametrize("state", list(PromptState))
@pytest.mark.parametrize("checkin", [CheckInState.SCHEDULED, CheckInState.CLOSED, CheckInState.SKIPPED])
def test_nobody_is_asked_outside_an_open_check_in(checkin: CheckInState, state: PromptState) -> None:
    assert prompt_due(checkin, state, HOURS, was_reminded=False) is None


@pytest.mark.parametrize(
    ("state", "was_reminded", "due"),
    [
        (PromptState.WAITING, False, ASK),
        (PromptState.ASKED, False, REMIND),
        (PromptState.ASKED, True, None),
        (PromptState.ANSWERED, False, None),
        (PromptState.SKIPPED, False, None),
        (PromptState.MISSED, False, None),
        (PromptState.EXCUSED, False, None),
    ],
)
def test_when_a_prompt_is_due(state: PromptState, was_reminded: bool, due: datetime | None) -> None:
    assert prompt_due(CheckInState.OPEN, state, HOURS, was_reminded=was_reminded) == due


@pytest.mark.parametrize(
    ("now", "anybody", "expected"),
    [
        (ASK - MINUTE, True, Opening.WAIT),
        (ASK, True, Opening.OPEN),
        (DEADLINE - MINUTE, True, Opening.OPEN),
        (DEADLINE, True, Opening.TOO_LATE),
        (ASK, False, Opening.NOBODY),
        (DEADLINE, False, Opening.NOBODY),
    ],
)
def test_what_to_do_with_a_scheduled_check_in(now: datetime, anybody: bool, expected: Opening) -> None:
    assert opening(now, ASK, DEADLINE, anybody=anybody) is expected


@pytest.mark.parametrize(
    ("late", "remind_at", "deadline_at"),
    [
        (timedelta(seconds=3), REMIND, DEADLINE),
        (timedelta(hours=1), REMIND, DEADLINE),
        (timedelta(hours=2, minutes=55), None, DEADLINE),
        (timedelta(hours=3), None, DEADLINE),
        (timedelta(hours=3, minutes=30), None, ASK + timedelta(hours=4, minutes=30)),
        (timedelta(hours=9), None, ASK + timedelta(hours=10)),
    ],
)
def test_whoever_is_asked_late_has_an_hour_all_the_same(
    late: timedelta, remind_at: datetime | None, deadline_at: datetime
) -> None:
    assert caught_up(HOURS, ASK + late) == Hours(ASK, remind_at, deadline_at)


def test_a_short_window_is_made_no_longer() -> None:
    short = Hours(ASK, None, ASK + timedelta(minutes=30))

    assert caught_up(short, ASK + timedelta(minutes=25)).deadline_at == ASK + timedelta(minutes=55)


@given(
    st.integers(1, 1440),
    st.integers(0, 1440),
    st.integers(-60, 3000),
)
def test_nobody_ever_loses_time_by_being_asked_late(window: int, reminder: int, late: int) -> None:
    hours = personal_hours(date(2026, 11, 23), time(9, 30), "UTC", window * MINUTE, reminder * MINUTE)
    now = hours.ask_at + late * MINUTE

    found = caught_up(hours, now)

    assert found.deadline_at >= hours.deadline_at
    assert found.deadline_at - max(now, hours.ask_at) >= min(GRACE, window * MINUTE) - 10 * MINUTE
    assert found.remind_at is None or hours.ask_at < found.remind_at < found.deadline_at
    assert late <= 10 or found.remind_at is None or found.remind_at > now


@pytest.mark.parametrize(
    ("age", "is_closed", "expected"),
    [
        (timedelta(days=2), False, True),
        (CORRECTABLE_FOR, True, True),
        (CORRECTABLE_FOR + MINUTE, True, False),
    ],
)
def test_when_a_promise_can_be_put_right(age: timedelta, is_closed: bool, expected: bool) -> None:
    assert is_correctable(ASK, ASK + age, is_closed=is_closed) is expected


def due(
    state: PromptState,
    *,
    checkin: CheckInState = CheckInState.OPEN,
    was_reminded: bool = False,
    is_asked: bool = True,
) -> DuePrompt:
    return DuePrompt(checkin, state, HOURS, was_reminded, is_asked)


def test_a_person_is_asked_at_their_hour() -> None:
    assert turn(due(PromptState.WAITING), ASK) == Turn(PromptState.ASKED, HOURS, Message.PROMPT)


def test_a_person_asked_late_is_given_the_times_of_one_asked_late() -> None:
    now = ASK + timedelta(hours=9)

    assert turn(due(PromptState.WAITING), now) == Turn(PromptState.ASKED, caught_up(HOURS, now), Message.PROMPT)


def test_a_person_is_reminded_before_the_deadline_only() -> None:
    without = Hours(ASK, None, DEADLINE)

    assert turn(due(PromptState.ASKED), REMIND) == Turn(PromptState.ASKED, HOURS, Message.REMINDER)
    assert turn(due(PromptState.ASKED), DEADLINE) == Turn(PromptState.ASKED, without)
    assert turn(due(PromptState.ASKED, was_reminded=True), REMIND) == Turn(PromptState.ASKED, without)


@pytest.mark.parametrize("state", [PromptState.WAITING, PromptState.ASKED])
def test_somebody_who_has_left_is_excused(state: PromptState) -> None:
    assert turn(due(state, is_asked=False), ASK) == Turn(PromptState.EXCUSED, HOURS)


@pytest.mark.parametrize("checkin", [CheckInState.SCHEDULED, CheckInState.CLOSED, CheckInState.SKIPPED])
@pytest.mark.parametrize("is_asked", [True, False])
def test_nothing_becomes_of_a_prompt_outside_an_open_check_in(checkin: CheckInState, is_asked: bool) -> None:
    prompt = due(PromptState.WAITING, checkin=checkin, is_asked=is_asked)

    assert turn(prompt, ASK) == Turn(PromptState.WAITING, HOURS)


@given(st.sampled_from([PromptState.WAITING, PromptState.ASKED]), st.booleans(), st.integers(0, 3000))
def test_a_prompt_that_was_looked_at_is_not_due_at_the_same_time_again(
    state: PromptState, is_asked: bool, late: int
) -> None:
    before = prompt_due(CheckInState.OPEN, state, HOURS, was_reminded=False)
    assert before is not None

    found = turn(due(state, is_asked=is_asked), before + late * MINUTE)

    was_reminded = found.message is Message.REMINDER
    after = prompt_due(CheckInState.OPEN, found.state, found.hours, was_reminded=was_reminded)
    assert after is None or after > before

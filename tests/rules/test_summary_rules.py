"""The figures of the weekly summary, by the worked numbers of their definition."""

from datetime import UTC, date, datetime, timedelta

import pytest

from models.access import Side
from models.checkins.rules import PromptState
from models.commitments.rules import CommitmentState
from models.summaries.rules import AskedOnce, Promised, is_publishable, on_time, participation

MISSED, EXCUSED = PromptState.MISSED, PromptState.EXCUSED


def asked(side: Side, on_time: int, late: int, missed: int, excused: int) -> list[AskedOnce]:
    return [
        *[AskedOnce(side, PromptState.ANSWERED, False)] * on_time,
        *[AskedOnce(side, PromptState.ANSWERED, True)] * late,
        *[AskedOnce(side, MISSED, False)] * missed,
        *[AskedOnce(side, EXCUSED, False)] * excused,
    ]


WEEK = [*asked(Side.INHOUSE, 8, 0, 1, 1), *asked(Side.VENDOR, 5, 2, 1, 2)]


@pytest.mark.parametrize(
    ("side", "expected", "response", "timely"),
    [(Side.INHOUSE, 9, 88.89, 88.89), (Side.VENDOR, 8, 87.50, 62.50), (None, 17, 88.24, 76.47)],
)
def test_participation_of_the_worked_week(side: Side | None, expected: int, response: float, timely: float) -> None:
    found = participation(WEEK, side)

    assert found.expected == expected
    assert (round(100 * (found.response or 0), 2), round(100 * (found.timely or 0), 2)) == (response, timely)


def test_a_skip_is_expected_and_neither_answered_nor_missing() -> None:
    found = participation([AskedOnce(Side.VENDOR, PromptState.SKIPPED, False)], Side.VENDOR)

    assert (found.expected, found.response, found.missing, found.skipped) == (1, 0.0, 0, 1)


@pytest.mark.parametrize("prompts", [[], [AskedOnce(Side.VENDOR, EXCUSED, False)] * 3])
def test_without_a_denominator_there_is_no_figure(prompts: list[AskedOnce]) -> None:
    found = participation(prompts, Side.VENDOR)

    assert (found.response, found.timely) == (None, None)


def march(day: int) -> date:
    return date(2026, 3, day)


def promise(promised: int, current: int, closed: int | None, side: Side = Side.VENDOR) -> Promised:
    state = CommitmentState.KEPT if closed else CommitmentState.OPEN
    return Promised(side, state, march(promised), march(current), march(closed) if closed else None)


PERIOD = [promise(3, 3, 2), promise(5, 9, 9), promise(6, 6, 10), promise(12, 12, None), promise(13, 13, 13)]


def test_delivery_of_the_worked_period_against_the_first_promise() -> None:
    found = on_time(PERIOD, Side.VENDOR, march(16))

    assert (found.kept_original, found.due, found.original) == (2, 5, 0.4)


def test_delivery_of_the_worked_period_against_the_current_date() -> None:
    found = on_time(PERIOD, Side.VENDOR, march(16))

    assert (found.kept_current, found.due_current, found.current) == (3, 5, 0.6)


def test_a_moved_promise_still_to_come_is_pending_by_its_current_date_alone() -> None:
    found = on_time([promise(5, 20, None)], Side.VENDOR, march(16))

    assert (found.due, found.due_current, found.current, found.moved) == (1, 0, None, 1)


def test_a_dropped_promise_is_not_kept() -> None:
    dropped = Promised(Side.VENDOR, CommitmentState.DROPPED, march(5), march(5), march(4))

    found = on_time([dropped], Side.VENDOR, march(16))

    assert (found.original, found.current, found.dropped) == (0.0, 0.0, 1)


def test_a_promise_of_one_side_is_not_the_others() -> None:
    assert on_time(PERIOD, Side.INHOUSE, march(16)).original is None


def test_both_sides_together_are_all() -> None:
    assert on_time([*PERIOD, promise(4, 4, 4, Side.INHOUSE)], None, march(16)).due == 6


@pytest.mark.parametrize(("late", "publishable"), [(timedelta(0), True), (timedelta(days=3), True),
                                                   (timedelta(days=3, seconds=1), False)])  # fmt: skip
def test_a_summary_is_published_up_to_three_days_late(late: timedelta, publishable: bool) -> None:
    friday = datetime(2026, 11, 27, 16, 30, tzinfo=UTC)

    assert is_publishable(friday + late, friday) is publishable

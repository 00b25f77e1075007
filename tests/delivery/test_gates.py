"""Slack's limits are kept: never more than allowed in any window, whoever takes how many at a time."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.access import SYSTEM
from models.db import Database
from models.outbox import gates
from models.outbox.gates import HOMES, POSTS, SLACK, WORKSPACE, Rate
from sandbox.limits import Limits

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
STEPS = st.lists(
    st.tuples(st.integers(min_value=0, max_value=5_000), st.integers(min_value=1, max_value=30)), max_size=120
)


def _passed(rate: Rate, steps: Sequence[tuple[int, int]]) -> list[datetime]:
    """When each one passed: at each step so many milliseconds go by and so many ask."""
    now, free_at, passed = START, START - timedelta(days=1), []
    for milliseconds, most in steps:
        now += timedelta(milliseconds=milliseconds)
        count = rate.allowed(free_at, now, most)
        free_at = rate.after(free_at, now, count)
        passed += [now] * count
    return passed


@pytest.mark.parametrize("key", [*SLACK.gates])
@given(steps=STEPS)
@example(steps=[(0, 10), *[(700, 1)] * 119])
def test_no_minute_ever_sees_more_than_slack_allows(key: str, steps: list[tuple[int, int]]) -> None:
    allowed = {POSTS: 300, HOMES: 100}.get(key, 50)

    passed = _passed(SLACK.gates[key], steps)

    for index, moment in enumerate(passed):
        within = [other for other in passed[index:] if other - moment < timedelta(seconds=60)]
        assert len(within) <= allowed


@given(steps=STEPS)
def test_the_sandbox_never_refuses_what_the_gate_lets_pass(steps: list[tuple[int, int]]) -> None:
    seconds = [0.0]
    limits = Limits(lambda: seconds[0])
    for moment in _passed(SLACK.gates[gates.UPDATES], steps):
        seconds[0] = (moment - START).total_seconds()
        limits.check("chat.update", 3, "C1")


def test_the_pace_of_posting_is_within_ten_percent_of_the_limit() -> None:
    rate = SLACK.gates[POSTS]
    assert 60 / rate.every.total_seconds() >= 300 * 0.9
    assert SLACK.lane <= timedelta(seconds=1.1)


def test_a_gate_moves_on_and_never_back(each_db: Database) -> None:
    later, earlier = START + timedelta(seconds=30), START
    with each_db.transaction(SYSTEM) as tx:
        gates.touch(tx, "T1", {POSTS: later})
        assert gates.touch(tx, "T1", {POSTS: earlier, "channel:C1": None})[POSTS] == later
        assert gates.take(tx, "T1", POSTS, SLACK, START) == later
        assert gates.take(tx, "T1", POSTS, SLACK, later) is None
        gates.touch(tx, "T1", {WORKSPACE: later + timedelta(minutes=1)})
        assert gates.take(tx, "T1", POSTS, SLACK, later) == later + timedelta(minutes=1)
        assert gates.take(tx, "T2", POSTS, SLACK, START) is None

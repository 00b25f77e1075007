"""The health of an engagement: the worst rule that fits fires, and nothing is green for want of data."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.engagements.rules import EngagementState
from models.home.rules import COLOURS, MIN_ASKED, Colour, Rule, Signs, fired

WELL = Signs(EngagementState.ACTIVE, False, 0, 0, 0, answered=20, asked=20)


@pytest.mark.parametrize(
    ("changes", "rule", "colour"),
    [
        ({}, Rule.ALL_WELL, Colour.GREEN),
        ({"answered": 16}, Rule.ALL_WELL, Colour.GREEN),
        ({"answered": 15}, Rule.FEW_ANSWERS, Colour.AMBER),
        ({"answered": 0, "asked": MIN_ASKED - 1}, Rule.ALL_WELL, Colour.GREEN),
        ({"answered": 0, "asked": 0}, Rule.NO_DATA, Colour.GREY),
        ({"overdue_commitments": 1, "answered": 0}, Rule.OVERDUE_COMMITMENT, Colour.AMBER),
        ({"old_blockers": 1, "overdue_commitments": 1}, Rule.OLD_BLOCKER, Colour.AMBER),
        ({"unowned_escalations": 1, "old_blockers": 1}, Rule.UNOWNED_ESCALATION, Colour.AMBER),
        ({"overdue_blockers": 1, "unowned_escalations": 1}, Rule.OVERDUE_BLOCKER, Colour.RED),
        ({"stuck_escalations": 1, "overdue_blockers": 1}, Rule.STUCK_ESCALATION, Colour.RED),
        ({"overdue_blockers": 1, "old_blockers": 1}, Rule.OVERDUE_BLOCKER, Colour.RED),
        ({"has_trouble": True, "overdue_blockers": 1}, Rule.CANNOT_POST, Colour.RED),
        ({"state": EngagementState.PAUSED, "has_trouble": True}, Rule.NOT_RUNNING, Colour.GREY),
    ],
)
def test_the_worst_rule_that_fits_fires(changes: dict[str, object], rule: Rule, colour: Colour) -> None:
    found = fired(replace(WELL, **changes))  # type: ignore[arg-type]

    assert (found, COLOURS[found]) == (rule, colour)


@given(st.sampled_from(EngagementState), st.booleans(), *(st.integers(0, 3) for _ in range(4)), st.integers(0, 9))
def test_green_means_that_nothing_is_wrong_and_somebody_was_asked(
    state: EngagementState, trouble: bool, overdue: int, old: int, promises: int, unowned: int, asked: int
) -> None:
    signs = Signs(state, trouble, overdue, old, promises, asked, asked, unowned_escalations=unowned)

    if COLOURS[fired(signs)] is Colour.GREEN:
        assert state is EngagementState.ACTIVE
        assert (trouble, overdue, old, promises, unowned) == (False, 0, 0, 0, 0)
        assert asked > 0

"""Seeds of one week: people, trouble, a summary, I1 to I10 after every step. `make soak` plays more, of four weeks."""

import pytest

from tests.simulation.plans import plan_of
from tests.simulation.play import played
from tests.simulation.report import told

SEEDS = 12
"""In most of them something of Slack's or of the network breaks."""
LONG = 3
"""How many of four weeks are played before those that `make soak` is asked for."""


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(SEEDS))
async def test_whatever_people_do_and_whatever_breaks_the_invariants_hold(seed: int) -> None:
    outcome = await played(plan_of(seed, weeks=1))

    assert not outcome.wrong, told(outcome)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(LONG))
async def test_they_hold_for_weeks(seed: int) -> None:
    outcome = await played(plan_of(seed, weeks=4))

    assert not outcome.wrong, told(outcome)

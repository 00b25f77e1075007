"""Two hundred seeds of four weeks: people, trouble, summaries, I1 to I10 after every step. `make soak` plays more."""

import pytest

from tests.simulation.plans import plan_of
from tests.simulation.play import played
from tests.simulation.report import told

SEEDS = 200


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(SEEDS))
async def test_whatever_people_do_and_whatever_breaks_the_invariants_hold(seed: int) -> None:
    outcome = await played(plan_of(seed))

    assert not outcome.wrong, told(outcome)

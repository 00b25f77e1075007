"""Seeds of four weeks: people, trouble, and I1 to I10 after every step. `make soak SEEDS=1000` plays more of them."""

import pytest

from tests.simulation.plans import plan_of
from tests.simulation.play import played
from tests.simulation.report import told

pytestmark = pytest.mark.soak

SEEDS = 2
"""How many are played before those that `make soak` is asked for."""
WEEKS = 4


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_whatever_people_do_and_whatever_breaks_the_invariants_hold(seed: int) -> None:
    outcome = await played(plan_of(seed, WEEKS))

    assert not outcome.wrong, told(outcome)

"""Several processes of the whole application on one PostgreSQL, killed at random while check-ins open.

`python -m benchmarks.killed` does the same with a thousand check-ins.
"""

import pytest

from tests.support.fleet import Plan, play

pytestmark = [pytest.mark.kill, pytest.mark.slow]


async def test_every_check_in_opens_once_whichever_process_dies(postgres_url: str) -> None:
    plan = Plan(workspaces=2, engagements=10, replicas=3, kills=5, seed=7)

    found = await play(postgres_url, plan)

    assert not found.wrong
    assert (found.opened, found.kills, found.unclear) == (plan.checkins, plan.kills, 0)

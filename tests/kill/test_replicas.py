"""Several processes of the whole application on one PostgreSQL, killed at random while check-ins open, as it is itself.

`python -m benchmarks.killed` does the same with a thousand check-ins.
"""

import pytest

from tests.support.databases import own_postgres
from tests.support.fleet import Plan, play

pytestmark = [pytest.mark.kill, pytest.mark.slow]


async def test_every_check_in_opens_once_whichever_process_dies() -> None:
    plan = Plan(workspaces=2, engagements=20, replicas=3, kills=3, restarts=2, seed=7)

    with own_postgres() as (url, restart):
        found = await play(url, plan, restart=restart)

    assert not found.wrong
    assert (found.opened, found.unclear) == (plan.checkins, 0)
    assert (found.kills, found.restarts) == (plan.kills, plan.restarts)

"""SIGTERM while work falls due: the application as it runs, with its jobs, stops in order; nothing is lost."""

import asyncio
import signal

import pytest

from tests.kill.case import Strike
from tests.kill.flows import FLOWS, at
from tests.kill.scenes import Theatre
from tests.kill.test_kill import assert_same

pytestmark = pytest.mark.kill


@pytest.mark.parametrize(
    "strike",
    [
        Strike(commit=1, how=signal.SIGTERM),
        Strike(commit=3, how=signal.SIGTERM),
        Strike(commit=4, how=signal.SIGTERM),
        Strike(call=1, how=signal.SIGTERM),
        Strike(call=4, how=signal.SIGTERM),
    ],
    ids=str,
)
async def test_stopped_while_work_falls_due(theatre: Theatre, strike: Strike) -> None:
    flow = FLOWS["opening"]
    end = await theatre.unharmed(flow)
    async with theatre.stage(flow) as made:
        await made.begin(theatre.nursery, strike, how="run")
        made.clock.set(at(8, 30))
        await asyncio.wait_for(made.life.died.wait(), 20)
        await made.begin(theatre.nursery)
        await flow.play(made)
        assert_same(flow, theatre.look(made), end, str(strike))

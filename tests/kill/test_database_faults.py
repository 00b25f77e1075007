"""The database fails, and the process goes on: afterwards everything is there, and nothing is there twice.

One step in three of every flow fails, in every way there is. Whoever pressed is told that it was not stored, and
presses again; Slack brings again the events that were refused; the clock's own work is done again at the next tick.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest
from _pytest.mark import ParameterSet

from tests.kill.case import BUSY, Strike
from tests.kill.database_faults import POSTGRES, SQLITE
from tests.kill.findings import Found
from tests.kill.flows import FLOWS
from tests.kill.scenes import Theatre
from tests.kill.test_kill import STRUCK, assert_same

pytestmark = pytest.mark.kill

_TIME = re.compile(r"due \d{4}-\S+ \S+")

FAILING = [name for name in STRUCK if not FLOWS[name].from_start and name != "missing"]
"""Who fails at the start says so and ends: whoever looks after the process starts it again. And who fails in the
nightly look is waited for, ten minutes each time.
"""


def _cases() -> Iterator[ParameterSet]:
    """Every flow with every fault; with `make test` each flow meets one of them, with `make soak` all."""
    faults = [("sqlite", fault) for fault in SQLITE] + [("postgres", fault) for fault in POSTGRES]
    for (turn, name), (number, (backend, fault)) in product(enumerate(FAILING), enumerate(faults)):
        marks = () if turn % len(faults) == number else pytest.mark.soak
        yield pytest.param(backend, name, fault, marks=marks)


@pytest.mark.parametrize(("theatre", "name", "fault"), list(_cases()), indirect=["theatre"])
async def test_steps_fail(theatre: Theatre, name: str, fault: str) -> None:
    flow = FLOWS[name]
    end = await theatre.unharmed(flow)

    seed = len(name) + len(fault)
    _, after = await theatre.struck(flow, Strike(commit=seed, fault=fault))

    assert_same(flow, _but_for_the_delay(after), _but_for_the_delay(end), f"{fault}, with the steps of seed {seed}")


def _but_for_the_delay(end: Found) -> Found:
    """Without what says when something comes next, and without the messages that told people to press again.

    They press again in the same moment, which is faster than Slack takes such messages.
    """
    return replace(
        end,
        records=sorted(_TIME.sub("due later", line) for line in end.records),
        messages=[line for line in end.messages if BUSY not in line],
        wrong=[line for line in end.wrong if not line.startswith("limited")],
    )

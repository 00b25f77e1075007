"""kill -9 at every durable step of every flow: afterwards everything is there, and nothing is there twice.

The n-th step is struck for n = 1, 2, 3 … until a run is over before its n-th step: so no step can be forgotten.
Steps are each commit that changes something and each call of Slack that takes effect; the blow falls right after it,
before the process hears of it. Right before the next step would be the same: nothing that lasts lies between the two.

With `make test` each step is struck on one database: by turns, as with the flows for Slack's calls. `make soak` strikes
the commits on the other one as well.
"""

from collections.abc import Iterator
from itertools import count

import pytest
from _pytest.mark import ParameterSet

from tests.kill.case import Strike
from tests.kill.findings import Found
from tests.kill.flows import FLOWS, Flow
from tests.kill.scenes import Theatre
from tests.support.databases import BACKENDS
from tests.support.turns import by_turns

pytestmark = pytest.mark.kill


STRUCK = [name for name, flow in FLOWS.items() if not flow.is_way]


def _cases() -> Iterator[ParameterSet]:
    """Flow, kind of step, the first step to be struck and from each to the next one."""
    for turn, name in enumerate(STRUCK):
        yield pytest.param(BACKENDS[turn % 2], name, "call", 1, 1)  # Slack is the same to both
        for first in (1, 2):
            for backend, marks in by_turns(turn + first):
                yield pytest.param(backend, name, "commit", first, 2, marks=marks)


@pytest.mark.parametrize(("theatre", "name", "kind", "first", "then"), list(_cases()), indirect=["theatre"])
async def test_killed_at_every_step(theatre: Theatre, name: str, kind: str, first: int, then: int) -> None:
    flow = FLOWS[name]
    end = await theatre.unharmed(flow)
    assert (end.shown, end.wrong) == (flow.shown, [])
    for number in count(first, then):
        strike = Strike(**{kind: number}, from_start=flow.from_start)
        was_struck, after = await theatre.struck(flow, strike)
        assert_same(flow, after, end, f"killed at {kind} {number}")
        if not was_struck:
            break
    print(f"\n{name}: {number - 1} {kind} steps at the most")  # noqa: T201


def assert_same(flow: Flow, after: Found, end: Found, when: str) -> None:
    """The run ended as if nothing had happened."""
    assert after.wrong == [], f"{flow.name} {when}"
    assert after.messages == end.messages, f"{flow.name} {when}"
    assert after.records == end.records, f"{flow.name} {when}"
    assert after.shown == end.shown, f"{flow.name} {when}"

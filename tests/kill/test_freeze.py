"""A process that freezes past its lease, another one that takes over, and the first that wakes up in its place.

It is frozen after every commit and around every call of Slack, one after the other, but not in the middle of a
transaction: PostgreSQL ends such a one after a while, and SQLite serves one process.

Who freezes between the last look at the lease and the writing of the request posts once it wakes up, and nobody can
keep it from that: then the message is there twice for a moment, until it has recorded its own. At the end it is there
once, always.
"""

import asyncio
import signal
from collections.abc import Iterator
from datetime import timedelta
from itertools import count, product

import pytest
from _pytest.mark import ParameterSet

from models.outbox.delivery import GRACE, LEASE
from tests.kill.case import Case, Strike
from tests.kill.flows import FLOWS, Flow
from tests.kill.scenes import Theatre
from tests.kill.test_kill import assert_same
from tests.support.databases import is_held
from tests.support.turns import by_turns

pytestmark = pytest.mark.kill

_TOO_LONG = LEASE + GRACE + timedelta(seconds=1)
_SHORT = 0.15
"""Seconds that Slack waits for an acknowledgement while one of two processes gives none."""


def _cases() -> Iterator[ParameterSet]:
    """With `make test` each on one database, by turns; with `make soak` on the other one as well."""
    for turn, (name, kind) in enumerate(product(("opening", "summarising"), ("commit", "call"))):
        for backend, marks in by_turns(turn + turn // 2):
            yield pytest.param(backend, name, kind, marks=marks)


@pytest.mark.parametrize(("theatre", "name", "kind"), list(_cases()), indirect=["theatre"])
async def test_frozen_at_every_step(theatre: Theatre, name: str, kind: str) -> None:
    flow = FLOWS[name]
    end = await theatre.unharmed(flow)
    for number in count(1):
        async with theatre.stage(flow) as made:
            await made.begin(theatre.nursery, Strike(**{kind: number}, how=signal.SIGSTOP))
            if not await _plays_until_frozen(made, flow):
                break
            await _taken_over(made, theatre, flow)
            assert_same(flow, theatre.look(made, even_for_a_moment=False), end, f"frozen at {kind} {number}")
    assert number > 3
    print(f"\n{name}: frozen at {number - 1} {kind} steps")  # noqa: T201


async def _plays_until_frozen(made: Case, flow: Flow) -> bool:
    playing, frozen = asyncio.create_task(flow.play(made)), asyncio.create_task(made.life.is_frozen())
    await asyncio.wait({playing, frozen}, return_when=asyncio.FIRST_COMPLETED)
    for task in (playing, frozen):
        task.cancel()
    await asyncio.gather(playing, frozen, return_exceptions=True)
    return frozen.done() and not frozen.cancelled()


async def _between_transactions(made: Case) -> None:
    """Let it go on a little as long as others would have to wait for it."""
    for _ in range(500):
        if not is_held(made.address):
            return
        made.life.strike(signal.SIGCONT)
        await asyncio.sleep(0.002)
        made.life.strike(signal.SIGSTOP)
        await made.life.is_frozen()
    raise AssertionError("It is always in the middle of something.")


async def _taken_over(made: Case, theatre: Theatre, flow: Flow) -> None:
    """Another process does the work; then the first goes on as if nothing had been."""
    first = made.life
    await _between_transactions(made)
    made.clock.set(made.clock.now() + _TOO_LONG)
    await made.begin(theatre.nursery)
    made.sandbox.sockets.ack_seconds = _SHORT
    await flow.play(made)
    first.strike(signal.SIGCONT)
    await first.says()
    await first.asks("turn")
    await made.settle()

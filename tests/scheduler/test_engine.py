"""The heartbeat: what a tick begins goes on beside the ticks, and is waited for at the stop."""

import asyncio
import logging
from datetime import timedelta

import pytest

from models.clock import SystemClock
from scheduler.engine import Engine, Job

_OFTEN = 0.01
_LONG = 20.0
"""Seconds that nothing takes on any machine."""


class _Slow:
    """A job that goes on until it is let go."""

    def __init__(self) -> None:
        self.has_begun, self.may_end = asyncio.Event(), asyncio.Event()
        self.ends = 0

    async def run(self) -> None:
        self.has_begun.set()
        await self.may_end.wait()
        self.ends += 1


async def test_at_the_stop_what_a_tick_has_begun_is_finished_first(caplog: pytest.LogCaptureFixture) -> None:
    slow = _Slow()
    engine = Engine((Job("slow", _OFTEN, slow.run),))
    engine.start()
    await asyncio.wait_for(slow.has_begun.wait(), _LONG)

    stopping = asyncio.create_task(engine.stop())
    await asyncio.sleep(0)
    slow.may_end.set()
    await asyncio.wait_for(stopping, _LONG)

    assert slow.ends == 1
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


async def test_what_never_ends_is_let_go_at_the_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.engine._FINISH_SECONDS", _OFTEN)
    slow = _Slow()
    engine = Engine((Job("slow", _OFTEN, slow.run),))
    engine.start()
    await asyncio.wait_for(slow.has_begun.wait(), _LONG)

    await asyncio.wait_for(engine.stop(), _LONG)

    assert slow.ends == 0


async def test_after_a_clock_was_set_back_each_job_has_its_own_pace_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else every job, however rare, would be run by the watchdog every few seconds until that time comes again."""
    monkeypatch.setattr("scheduler.engine._WATCH_EVERY", _OFTEN)
    slow = _Slow()
    slow.may_end.set()
    engine = Engine((Job("often", _LONG, slow.run), Job("rare", 9 * _LONG, slow.run)))
    engine.start()
    scheduler = engine._scheduler

    for job in scheduler.get_jobs():
        job.modify(next_run_time=SystemClock().now() + timedelta(days=7))
    async with asyncio.timeout(_LONG):
        while slow.ends < 2:
            await asyncio.sleep(_OFTEN)

    left = sorted((job.next_run_time - SystemClock().now()).total_seconds() for job in scheduler.get_jobs())
    assert [round(one / _LONG) for one in left] == [1, 9]
    await engine.stop()


async def test_nobody_complains_of_the_ticks_that_come_while_something_takes_long(
    caplog: pytest.LogCaptureFixture,
) -> None:
    slow, ticks, many = _Slow(), 0, asyncio.Event()

    async def count() -> None:
        nonlocal ticks
        ticks += slow.has_begun.is_set()
        if ticks == 5:
            many.set()

    engine = Engine((Job("slow", _OFTEN, slow.run), Job("count", _OFTEN, count)))
    engine.start()
    await asyncio.wait_for(many.wait(), _LONG)
    slow.may_end.set()
    await asyncio.wait_for(engine.stop(), _LONG)

    assert slow.ends >= 1
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]

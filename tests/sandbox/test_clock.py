"""The clock that can be paused, sped up and moved."""

from datetime import UTC, datetime, timedelta

import pytest

from sandbox.clock import AdjustableClock
from sandbox.clock_control import Control
from tests.sandbox.conftest import START, Hand


def test_it_runs_pauses_speeds_up_and_jumps() -> None:
    hand = Hand()
    clock = AdjustableClock(START, monotonic=hand)
    hand.seconds += 10
    assert clock.now() == START + timedelta(seconds=10)
    clock.set_speed(60)
    hand.seconds += 10
    assert clock.now() == START + timedelta(seconds=610)
    clock.pause()
    hand.seconds += 100
    assert clock.now() == START + timedelta(seconds=610)
    clock.advance(timedelta(hours=1))
    clock.resume()
    hand.seconds += 1
    assert clock.now() == START + timedelta(seconds=610 + 3600 + 60)
    clock.jump(datetime(2027, 1, 1, tzinfo=UTC))
    assert clock.now().year == 2027


def test_it_refuses_what_makes_no_sense() -> None:
    clock = AdjustableClock(START)
    with pytest.raises(ValueError, match="positive"):
        clock.set_speed(0)
    with pytest.raises(ValueError, match="forward"):
        clock.advance(timedelta(seconds=-1))
    with pytest.raises(ValueError, match="time zone"):
        clock.jump(datetime(2027, 1, 1))  # noqa: DTZ001


def test_whoever_waits_for_a_time_hears_of_moves() -> None:
    clock, heard = AdjustableClock(START), list[str]()
    clock.on_change.append(lambda: heard.append("moved"))
    clock.pause()
    clock.advance(timedelta(days=1))
    clock.resume()
    clock.set_speed(2)
    assert heard == ["moved"] * 4


async def test_the_buttons_of_the_page() -> None:
    clock = AdjustableClock(START, paused=True)
    due = START + timedelta(hours=2)
    control = Control(clock, lambda: (due, "Daily check-in opens"))
    following = {"at": due.isoformat(), "what": "Daily check-in opens"}
    assert control.state() == {"now": START.isoformat(), "paused": True, "speed": 1.0, "next": following}
    await control.do({"op": "advance", "seconds": 60})
    await control.do({"op": "next"})
    assert clock.now() == due
    await control.do({"op": "speed", "speed": 30})
    await control.do({"op": "resume"})
    assert (clock.speed, clock.paused) == (30.0, False)
    await control.do({"op": "pause"})
    with pytest.raises(ValueError, match="no such button"):
        await control.do({"op": "explode"})

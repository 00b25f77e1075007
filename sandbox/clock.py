"""Time of the sandbox: a clock that can be paused, sped up and moved."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Anything that knows the time: `now()` is an aware datetime in UTC."""

    def now(self) -> datetime:
        """The time it is."""
        ...


def wall_seconds() -> float:
    """Seconds since 1970 of the machine: what signatures of requests are checked against."""
    return time.time()  # noqa: TID251 (signatures are about real time, whatever the workspace's clock shows)


class AdjustableClock:
    """A clock that starts at `start` (default: the machine's time) and runs `speed` times as fast as real time.

    It never goes backwards except by `jump`. `on_change` callbacks run after each pause, resume, change of speed
    and move, so that loops that wait for a time can look again.
    """

    def __init__(
        self,
        start: datetime | None = None,
        *,
        speed: float = 1.0,
        paused: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._monotonic = monotonic
        self._anchor = start or datetime.fromtimestamp(wall_seconds(), UTC)
        self._since = monotonic()
        self._speed = speed
        self._paused = paused
        self.on_change: list[Callable[[], None]] = []

    @property
    def paused(self) -> bool:
        """Whether time stands still."""
        return self._paused

    @property
    def speed(self) -> float:
        """Seconds of this clock in one real second while it is not paused."""
        return self._speed

    def now(self) -> datetime:
        """The time of this clock, aware, in UTC."""
        if self._paused:
            return self._anchor
        return self._anchor + timedelta(seconds=(self._monotonic() - self._since) * self._speed)

    def pause(self) -> None:
        """Stand still."""
        self._move(self.now())
        self._paused = True
        self._changed()

    def resume(self) -> None:
        """Run again."""
        self._move(self.now())
        self._paused = False
        self._changed()

    def set_speed(self, speed: float) -> None:
        """Run `speed` times as fast as real time. Raises ValueError unless it is positive."""
        if speed <= 0:
            raise ValueError("the speed of a clock is positive; use pause() to stop it")
        self._move(self.now())
        self._speed = speed
        self._changed()

    def advance(self, by: timedelta) -> None:
        """Move forward by a duration. Raises ValueError if it is negative."""
        if by < timedelta(0):
            raise ValueError("advance() goes forward only; use jump() to go to any time")
        self.jump(self.now() + by)

    def jump(self, to: datetime) -> None:
        """Go to any time (aware). Raises ValueError for a naive one."""
        if to.tzinfo is None:
            raise ValueError("a time without a time zone says nothing")
        self._move(to.astimezone(UTC))
        self._changed()

    def _move(self, to: datetime) -> None:
        self._anchor = to
        self._since = self._monotonic()

    def _changed(self) -> None:
        for callback in list(self.on_change):
            callback()

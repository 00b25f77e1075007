"""The page's clock buttons on an `AdjustableClock`."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sandbox.clock import AdjustableClock
from sandbox.state import Json

Upcoming = Callable[[], tuple[datetime, str] | None]


class Control:
    """Shows and moves a clock. `upcoming` says when the next thing happens and what it is, for the "next" button."""

    def __init__(self, clock: AdjustableClock, upcoming: Upcoming = lambda: None) -> None:
        self._clock = clock
        self._upcoming = upcoming
        self.on_change = clock.on_change

    def state(self) -> Json:
        """The clock as the page shows it."""
        coming = self._upcoming()
        following = None if coming is None else {"at": coming[0].isoformat(), "what": coming[1]}
        now = self._clock.now().isoformat()
        return {"now": now, "paused": self._clock.paused, "speed": self._clock.speed, "next": following}

    async def do(self, request: Json) -> None:
        """Carry out a button. Raises ValueError for one there is not, or a speed or time that cannot be."""
        match request:
            case {"op": "pause"}:
                self._clock.pause()
            case {"op": "resume"}:
                self._clock.resume()
            case {"op": "speed", "speed": speed}:
                self._clock.set_speed(float(speed))
            case {"op": "advance", "seconds": seconds}:
                self._clock.advance(timedelta(seconds=float(seconds)))
            case {"op": "next"}:
                self._next()
            case _:
                raise ValueError("the clock has no such button")

    def _next(self) -> None:
        coming = self._upcoming()
        if coming is not None and coming[0] > self._clock.now():
            self._clock.jump(coming[0])

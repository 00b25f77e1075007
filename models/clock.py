"""The clock is an argument: whatever acts on time asks one of these."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time as an aware UTC datetime."""

    def now(self) -> datetime:
        """The present instant, in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present instant, in UTC."""
        return datetime.now(UTC)


class ManualClock:
    """A clock that moves only when told to: tests and simulations run weeks in seconds with it."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """The instant it was last set to, in UTC."""
        return self._now

    def set(self, moment: datetime) -> None:
        """Move to `moment`; it may not go back."""
        moment = moment.astimezone(UTC)
        if moment < self._now:
            raise ValueError(f"The clock stands at {self._now:%Y-%m-%d %H:%M:%S} UTC and cannot go back to {moment}.")
        self._now = moment

    def advance(self, by: timedelta) -> None:
        """Move forward by `by`."""
        self.set(self._now + by)

"""Clocks that are wrong."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from models.clock import Clock, SystemClock


@dataclass
class Off:
    """A clock that is off by so much, from the machine's unless another one is right."""

    by: timedelta = timedelta(0)
    right: Clock = field(default_factory=SystemClock)

    def now(self) -> datetime:
        """What it shows."""
        return self.right.now() + self.by

"""One time for all processes on one PostgreSQL: the database's, whatever the clocks of their machines show.

A lease of one machine is over too early for another one whose clock is ahead, and it would send once more what the
first is sending. SQLite is of one machine, and needs none of this.
"""

import time
from datetime import datetime, timedelta

import structlog
from sqlalchemy import func, sql

from models.access import SYSTEM
from models.clock import Clock, SystemClock
from models.db import Database

EVERY_SECONDS = 10.0
"""How often the database is asked."""
_QUICK = timedelta(seconds=1)
"""An answer that took longer tells too little, once the time is known."""
_FAR = timedelta(seconds=5)
_ASKED = sql.select(func.clock_timestamp())
_log = structlog.get_logger(__name__)


class SharedClock:
    """Goes on by a clock that nobody sets, from the moment the database told; until it has, from the machine's."""

    def __init__(self, machine: Clock | None = None) -> None:
        self._machine = machine or SystemClock()
        self._known = (self._machine.now(), _ticks())
        self.is_told = False
        """Whether the database has told it by now."""

    def now(self) -> datetime:
        """The present instant, in UTC."""
        told, at = self._known
        return told + timedelta(seconds=_ticks() - at)

    def ask(self, db: Database) -> None:
        """Put it right by the database's. Raises DBAPIError when that cannot be asked; then it goes on as it was."""
        with db.connection(SYSTEM, reads=True) as connection:
            connection.scalar(_ASKED)  # the connection is open and its transaction begun: the next answer is quick
            asked = _ticks()
            told: datetime = connection.scalar(_ASKED) or self.now()
            answered = _ticks()
        if self.is_told and answered - asked > _QUICK.total_seconds():
            return
        self._known, self.is_told = (told, (asked + answered) / 2), True
        apart = self._machine.now() - self.now()
        if abs(apart) > _FAR:
            _log.warning("clock_is_off", seconds=round(apart.total_seconds(), 1))


def _ticks() -> float:
    """Seconds that go on while the machine sleeps, where it can tell."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()

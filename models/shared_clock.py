"""One time for all processes on one PostgreSQL: the database's, whatever the clocks of their machines show.

A lease of one machine is over too early for another one whose clock is ahead, and it would send once more what the
first is sending. SQLite is of one machine: there it is the machine's. A clock that hops is not followed before Slack
has told which of the two is right: by one that is days ahead, check-ins would close that nobody has answered yet, and
data be erased that are to be kept.
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
MOST = timedelta(minutes=10)
"""A clock that is further away from Slack's is not followed: up to there nothing is posted twice."""
_QUICK = timedelta(seconds=1)
"""An answer that took longer tells too little, once the time is known."""
_FAR = timedelta(seconds=5)
_ASKED = sql.select(func.clock_timestamp())
_log = structlog.get_logger(__name__)


class SharedClock:
    """Goes on by a clock that nobody sets, from the moment it was told; until it has been, from the machine's.

    Whoever asks lets Slack judge whenever `ask` says that it is in doubt.
    """

    def __init__(self, machine: Clock | None = None) -> None:
        self._machine = machine or SystemClock()
        self._known = self._doubted = (self._machine.now(), _ticks())
        self._is_of_many = False
        self.is_judged = False
        """Whether Slack has told who is right. Until then nothing is to fall due, to be sent or to be removed."""
        self.is_told = False
        """Whether the database (or the machine) has told it by now."""

    def now(self) -> datetime:
        """The present instant, in UTC."""
        return _now(self._known)

    def ask(self, db: Database) -> bool:
        """Put it right by the database's, on SQLite by the machine's. Whether it is in doubt: that one has hopped, or
        Slack has not judged yet. Raises DBAPIError when the database cannot be asked; then it goes on as it was."""
        self._is_of_many = not db.is_sqlite
        told = self._told(db) if self._is_of_many else (self._machine.now(), _ticks())
        if told is None:
            return False
        is_near = abs(_now(told) - self.now()) <= _FAR
        if is_near or not self.is_told:
            self._known, self.is_told = told, True
            self._warn(self._machine.now() - self.now())
        self._doubted = told
        return not (is_near and self.is_judged)

    def judge(self, slack: datetime | None) -> None:
        """What Slack's clock shows, to the second; none where Slack answers without telling, and so does not object."""
        self.is_judged = True
        if slack is None or abs(_now(self._doubted) - slack) <= MOST:
            self._known = self._doubted
            return
        self._warn(_now(self._doubted) - slack)
        if abs(self.now() - slack) > _FAR:
            self._known = (slack, _ticks())

    def go_on(self) -> None:
        """Slack cannot be asked. Processes on one database go on alike, by its time, and one on SQLite as it was."""
        if self._is_of_many:
            self._known, self.is_judged = self._doubted, False
        if not self.is_judged:
            _log.warning("time_not_confirmed")

    def _told(self, db: Database) -> tuple[datetime, float] | None:
        with db.connection(SYSTEM, reads=True) as connection:
            connection.scalar(_ASKED)  # the connection is open and its transaction begun: the next answer is quick
            asked = _ticks()
            told: datetime = connection.scalar(_ASKED) or self.now()
            answered = _ticks()
        if self.is_told and answered - asked > _QUICK.total_seconds():
            return None
        return told, (asked + answered) / 2

    def _warn(self, off: timedelta) -> None:
        if abs(off) > _FAR:
            _log.warning("clock_is_off", seconds=round(off.total_seconds(), 1))


def _now(known: tuple[datetime, float]) -> datetime:
    told, at = known
    return told + timedelta(seconds=_ticks() - at)


def _ticks() -> float:
    """Seconds that go on while the machine sleeps, where it can tell."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()

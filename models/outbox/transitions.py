"""The ways out of a lease: closed for good, again later, in doubt."""

from datetime import datetime, timedelta

from models.outbox.rules import OutboxState, back_off
from models.outbox.tables import OutboxMessage

WAIT = timedelta(seconds=5)
"""Until a message that waits for another one, or an unclear outcome, is looked at (again)."""
HOLD = timedelta(minutes=10)
"""How long a lane waits for an unsure message that cannot be settled. Then the others go on without it."""


def close(row: OutboxMessage, state: OutboxState, error: str | None = None) -> None:
    """Nothing more is to be done."""
    row.state, row.lease_by, row.lease_until, row.error = state, None, None, error


def again(row: OutboxMessage, wall: datetime, code: str, delay: timedelta = timedelta(0)) -> None:
    """Try it later: after `delay`, and each time after a longer wait."""
    close(row, OutboxState.READY, code)
    row.attempts += 1
    row.not_before = wall + max(back_off(row.attempts), delay)


def doubt(row: OutboxMessage, wall: datetime, code: str) -> None:
    """It may be in Slack or not: somebody has to look."""
    row.state, row.lease_by, row.error = OutboxState.UNSURE, None, code
    row.not_before, row.lease_until = wall + WAIT, wall + HOLD

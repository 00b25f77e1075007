"""A token that expires is renewed by one process at a time: two renewals at once would kill it.

The row is leased in one transaction, Slack is asked outside of any and while the lease is good, and the new pair is
stored before it is used. A lease that was lost meanwhile does no harm: the pair is stored only over the one it was
made from.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, func, or_, select

from models.access import system_only
from models.db import Tx
from models.installations.queries import stopped
from models.installations.service import row_of, store_pair
from models.installations.tables import Installation

MARGIN = timedelta(hours=2)
"""How long before it expires a token is renewed. Slack's tokens live for twelve hours."""
LEASE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Turn:
    """The right to renew one workspace's token."""

    workspace_id: str
    refresh_token: str
    generation: int
    until: datetime
    """Wall clock: from then on it is somebody else's."""


def due(tx: Tx, wall: datetime, limit: int = 100) -> tuple[str, ...]:
    """Workspaces whose tokens are to be renewed now, the most urgent first."""
    system_only(tx)
    rows = tx.session.exec(
        select(Installation.workspace_id)
        .where(
            col(Installation.expires_at) <= wall + MARGIN,
            col(Installation.refresh_token).is_not(None),
            or_(col(Installation.renewing_until).is_(None), col(Installation.renewing_until) <= wall),
        )
        .order_by(col(Installation.expires_at))
        .limit(limit)
    )
    return tuple(rows)


def first_to_end(tx: Tx) -> datetime | None:
    """When the first token ends that has to be renewed; none if none does."""
    system_only(tx)
    is_served = col(Installation.workspace_id).not_in(stopped())
    return tx.session.exec(select(func.min(Installation.expires_at)).where(is_served)).one()


def take_turn(tx: Tx, workspace_id: str, wall: datetime) -> Turn | None:
    """Become the one who renews; none if there is no need, no way, or somebody is at it."""
    system_only(tx)
    row = row_of(tx, workspace_id)
    if row is None or row.expires_at is None or row.refresh_token is None:
        return None
    if row.expires_at > wall + MARGIN or (row.renewing_until is not None and row.renewing_until > wall):
        return None
    row.renewing_until = wall + LEASE
    return Turn(workspace_id, tx.unseal(row, "refresh_token"), row.generation, row.renewing_until)


def renewed(tx: Tx, turn: Turn, bot_token: str, refresh_token: str, expires_at: datetime) -> bool:
    """Store the new pair; not if the workspace has another one by now, or none."""
    system_only(tx)
    row = row_of(tx, turn.workspace_id)
    if row is None or row.generation != turn.generation:
        return False
    row.expires_at = expires_at
    store_pair(tx, row, bot_token, refresh_token)
    return True


def failed(tx: Tx, turn: Turn, code: str, again_at: datetime) -> None:
    """It could not be renewed: say why, and let the next try come at `again_at` (wall clock)."""
    system_only(tx)
    row = row_of(tx, turn.workspace_id)
    if row is not None and row.generation == turn.generation:
        row.trouble, row.renewing_until = code[:100], again_at

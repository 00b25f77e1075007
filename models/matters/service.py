"""An escalation and its blocker end together, and come back together: nothing is left open that nobody looks at."""

from uuid import UUID

from models import access
from models.access import Permission
from models.blockers import service as blockers
from models.blockers.rules import BlockerState
from models.blockers.tables import Blocker
from models.db import Tx
from models.escalations import service as escalations
from models.escalations.causes import Cause
from models.escalations.rules import EscalationState
from models.escalations.tables import Escalation


def finish(tx: Tx, escalation_id: UUID, note: str, source_key: str | None = None) -> bool:
    """Say that an escalation is done. Whoever closes it has resolved the blocker that their side raised.

    Raises as `escalations.finish`; False where something else happened meanwhile.
    """
    row, blocker = _pair(tx, escalation_id)
    is_done = escalations.finish(tx, escalation_id, note, source_key)
    is_over = is_done and row.state is EscalationState.RESOLVED
    if is_over and blocker and blocker.state is not BlockerState.RESOLVED and blocker.raised_side is not row.against:
        blockers.close(tx, blocker, _actor_id(tx, row), note)
    return is_done


def reopen(tx: Tx, escalation_id: UUID, note: str, source_key: str | None = None) -> bool:
    """Open an escalation again, and its blocker with it. Raises as `escalations.reopen`; False as there."""
    row, blocker = _pair(tx, escalation_id)
    is_done = escalations.reopen(tx, escalation_id, note, source_key)
    if is_done and row.open_key and blocker and blocker.state is BlockerState.RESOLVED:
        blocker.is_escalated = True
        blockers.reopen(tx, blocker, _actor_id(tx, row))
    return is_done


def _pair(tx: Tx, escalation_id: UUID) -> tuple[Escalation, Blocker | None]:
    """The escalation, and the blocker it is about. That one is locked first, as by whoever resolves it."""
    row = access.load(tx, Escalation, escalation_id, Permission.ESCALATION_ACT)
    if row.cause is not Cause.BLOCKER or row.subject_id is None:
        return row, None
    return row, tx.get(Blocker, row.workspace_id, row.subject_id, lock=True)


def _actor_id(tx: Tx, row: Escalation) -> UUID:
    return access.place_of(tx, row.engagement_id, Permission.ESCALATION_ACT).participant_id

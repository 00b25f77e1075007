"""Write the activity log, in the transaction of the change itself."""

from typing import Any

from models.activity.tables import Activity
from models.base import Row
from models.db import Tx


def record(
    tx: Tx,
    action: str,
    subject: Row,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Note that the actor did `action` to `subject`. `before` and `after` hold ids, dates and states, never text."""
    tx.add(
        Activity(
            workspace_id=subject.workspace_id,
            at=tx.now,
            by_person_id=tx.actor.person_id,
            action=action,
            subject_kind=str(getattr(subject, "__tablename__", type(subject).__name__)),
            subject_id=subject.id,
            engagement_id=getattr(subject, "engagement_id", None),
            before=before,
            after=after,
        )
    )

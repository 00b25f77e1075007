"""Write the activity log, in the transaction of the change itself."""

from collections.abc import Collection
from datetime import date, time
from enum import Enum
from typing import Any
from uuid import UUID

from models.activity.tables import Activity
from models.base import Row, new_id
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
    values = {
        "workspace_id": subject.workspace_id,
        "id": new_id(),
        "at": tx.now,
        "by_person_id": tx.actor.person_id,
        "action": action,
        "subject_kind": str(getattr(subject, "__tablename__", type(subject).__name__)),
        "subject_id": subject.id,
        "engagement_id": getattr(subject, "engagement_id", None),
        "before": before,
        "after": after,
    }
    tx.add_last(Activity, values)


def change(tx: Tx, action: str, subject: Row, fields: dict[str, Any], *, untold: Collection[str] = ()) -> bool:
    """Set the fields that differ and note each of them before and after; whether any did.

    Of the fields in `untold`, which hold people's own words, the log says only that they changed.
    """
    before = {name: getattr(subject, name) for name, value in fields.items() if getattr(subject, name) != value}
    for name in before:
        setattr(subject, name, fields[name])
    if before:
        after = {name: fields[name] for name in before}
        record(tx, action, subject, before=facts(before, untold), after=facts(after, untold))
    return bool(before)


def facts(fields: dict[str, Any], untold: Collection[str] = ()) -> dict[str, Any]:
    """Fields as the log keeps them: plain values; "changed" for those that hold people's words."""
    return {name: "changed" if name in untold else _plain(value) for name, value in fields.items()}


def _plain(value: Any) -> Any:
    match value:
        case Enum():
            return value.value
        case date() | time():
            return value.isoformat()
        case UUID():
            return str(value)
        case dict():
            return sorted(value)  # the names of own days are words; their dates are not
        case _:
            return value

"""What a transaction writes, as it goes through its session: who follows it needs to know what changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event, inspect
from sqlmodel import Session

from models.base import Row

CHANGES = "changes"
"""Where a session keeps the list of its changes, in its `info`."""


@dataclass(frozen=True, slots=True)
class Change:
    """A row that was made, changed or deleted, and what its changed columns held before (empty for a new row)."""

    row: Row
    before: Mapping[str, Any] = field(default_factory=dict)


class Watched(Session):
    """A session that notes what it writes."""


def _note(session: Any, _context: Any) -> None:
    changes: list[Change] = session.info[CHANGES]
    for row in (*session.new, *session.deleted):
        if isinstance(row, Row):
            changes.append(Change(row))
    for row in session.dirty:
        if isinstance(row, Row) and (before := inspect(row).committed_state):
            changes.append(Change(row, dict(before)))


event.listen(Watched, "after_flush", _note)

"""Where sealed text lies: every column declared as `Sealed`, found by itself, so that none is forgotten."""

from dataclasses import dataclass
from typing import Any, get_args
from uuid import UUID

from models.base import Sealed
from models.tables import MAPPED
from models.vault import place


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """One column of sealed text."""

    table: Any
    column: str

    @property
    def name(self) -> str:
        """As an operator reads it: `table.column`."""
        return f"{self.table.__tablename__}.{self.column}"

    def place(self, workspace_id: str, row_id: UUID) -> str:
        """What the envelope in one of its cells is bound to."""
        return place(workspace_id, self.table.__tablename__, self.column, row_id)


def sealed_columns() -> tuple[SealedColumn, ...]:
    """All of them, in the order of their names."""
    found = [
        SealedColumn(mapper.class_, name)
        for mapper in MAPPED.mappers
        for name, field in mapper.class_.model_fields.items()
        if field.annotation is Sealed or Sealed in get_args(field.annotation)
    ]
    return tuple(sorted(found, key=lambda one: one.name))

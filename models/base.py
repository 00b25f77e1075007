"""What every table shares: keys, due columns, enum and foreign key declarations."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar, NewType
from uuid import UUID

from sqlalchemy import Enum as SqlEnum
from sqlalchemy import ForeignKeyConstraint
from sqlmodel import Field, SQLModel
from uuid6 import uuid7

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
"""Every constraint has a name, so that migrations can change it later on every database."""

Sealed = NewType("Sealed", str)
"""Text as it is stored: an envelope made by `models.vault`. `Tx.seal` and `Tx.unseal` go in and out."""


def new_id() -> UUID:
    """A new row id: UUIDv7, so ids made later sort later."""
    return UUID(int=uuid7().int)


class Reach(StrEnum):
    """Whose Home tab may show something else once a row has changed."""

    NOBODY = "nobody"
    PERSON = "person"
    """The person or participant the row names, and the owners of its engagement."""
    ENGAGEMENT = "engagement"
    """Everybody on the roster of the row's engagement."""


class Row(SQLModel):
    """Base of every table. Each row belongs to one workspace, and the workspace is part of every key.

    A new table reaches its whole engagement until it says something narrower.
    """

    reach: ClassVar[Reach] = Reach.ENGAGEMENT

    workspace_id: str = Field(primary_key=True, max_length=32, description="Slack team id of the installing workspace.")
    id: UUID = Field(default_factory=new_id, primary_key=True)


class Due(SQLModel):
    """For tables that act on time: `due_at` means "look at me then", and is always what the rules say."""

    due_at: datetime | None = Field(default=None, index=True, description="UTC; none when nothing will happen.")
    due_failures: int = Field(default=0, description="Failed looks in a row; each makes the next one later.")
    due_error: str | None = Field(default=None, max_length=500, description="What the last failed look said.")


def stored(kind: type[StrEnum], name: str | None = None) -> SqlEnum:
    """Column type of an enum: its value as short text with a CHECK, the same on every database.

    `name` tells two columns of one enum in one table apart.
    """
    return SqlEnum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=32,
        name=name or kind.__name__.lower(),
        values_callable=lambda members: [member.value for member in members],
    )


def belongs_to(table: str, column: str) -> ForeignKeyConstraint:
    """Foreign key to another row of the *same* workspace, checked at the commit: the order of inserts is free."""
    return ForeignKeyConstraint(
        ["workspace_id", column],
        [f"{table}.workspace_id", f"{table}.id"],
        deferrable=True,
        initially="DEFERRED",
    )

"""App Home: which Home tabs are kept true, and their publications in the outbox"""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision: str = "0004"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_OPERATIONS = ("post", "refresh", "delete")
_PLACES = ("channel", "inhouse", "direct")


def _choice(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        "home",
        sa.Column("workspace_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("view_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "person_id"],
            ["person.workspace_id", "person.id"],
            name=op.f("fk_home_workspace_id_person_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_home")),
        sa.UniqueConstraint("workspace_id", "person_id", name=op.f("uq_home_workspace_id_person_id")),
    )
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.alter_column(
            "operation",
            existing_type=_choice("operation", *_OPERATIONS),
            type_=_choice("operation", *_OPERATIONS, "publish"),
            existing_nullable=False,
        )
        batch_op.alter_column(
            "place",
            existing_type=_choice("place", *_PLACES),
            type_=_choice("place", *_PLACES, "home"),
            existing_nullable=False,
        )
        batch_op.create_index(
            "ix_outbox_failed",
            ["workspace_id", "engagement_id"],
            unique=False,
            sqlite_where=sa.text("state IN ('unsure', 'dead')"),
            postgresql_where=sa.text("state IN ('unsure', 'dead')"),
        )


def downgrade() -> None:
    op.execute("DELETE FROM outbox_message WHERE operation = 'publish'")
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_failed")
        batch_op.alter_column(
            "place",
            existing_type=_choice("place", *_PLACES, "home"),
            type_=_choice("place", *_PLACES),
            existing_nullable=False,
        )
        batch_op.alter_column(
            "operation",
            existing_type=_choice("operation", *_OPERATIONS, "publish"),
            type_=_choice("operation", *_OPERATIONS),
            existing_nullable=False,
        )
    op.drop_table("home")

"""Questions across the line"""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision: str = "0003"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "ask",
        sa.Column("due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("due_failures", sa.Integer(), nullable=False),
        sa.Column("due_error", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=True),
        sa.Column("workspace_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "replied",
                "answered",
                "withdrawn",
                name="askstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("asker_id", sa.Uuid(), nullable=False),
        sa.Column("marked_by_id", sa.Uuid(), nullable=False),
        sa.Column(
            "asked_side",
            sa.Enum("inhouse", "vendor", name="asked_side", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("asked_id", sa.Uuid(), nullable=True),
        sa.Column("asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("since", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("closed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("channel_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("ts", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=True),
        sa.Column("thread_ts", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=True),
        sa.Column("checkin_id", sa.Uuid(), nullable=True),
        sa.Column("prompt_id", sa.Uuid(), nullable=True),
        sa.Column("source_key", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("revision", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("nudged_for", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "asker_id"],
            ["participant.workspace_id", "participant.id"],
            name=op.f("fk_ask_workspace_id_asker_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "engagement_id"],
            ["engagement.workspace_id", "engagement.id"],
            name=op.f("fk_ask_workspace_id_engagement_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_ask")),
        sa.UniqueConstraint("workspace_id", "channel_id", "ts", name=op.f("uq_ask_workspace_id_channel_id_ts")),
        sa.UniqueConstraint(
            "workspace_id", "engagement_id", "number", name=op.f("uq_ask_workspace_id_engagement_id_number")
        ),
        sa.UniqueConstraint("workspace_id", "source_key", name=op.f("uq_ask_workspace_id_source_key")),
    )
    with op.batch_alter_table("ask", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ask_due_at"), ["due_at"], unique=False)
        batch_op.create_index("ix_ask_engagement_state", ["workspace_id", "engagement_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_ask_prompt_id"), ["prompt_id"], unique=False)
        batch_op.create_index("ix_ask_thread", ["workspace_id", "channel_id", "thread_ts"], unique=False)

    op.create_table(
        "ask_entry",
        sa.Column("workspace_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column("ask_id", sa.Uuid(), nullable=False),
        sa.Column(
            "event",
            sa.Enum(
                "asked",
                "replied",
                "followed_up",
                "thanked",
                "answered",
                "withdrawn",
                "reopened",
                "settled",
                name="askevent",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("channel_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=True),
        sa.Column("ts", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=True),
        sa.Column("revision", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("is_deleted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "ask_id"],
            ["ask.workspace_id", "ask.id"],
            name=op.f("fk_ask_entry_workspace_id_ask_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_ask_entry")),
        sa.UniqueConstraint(
            "workspace_id", "ask_id", "channel_id", "ts", name=op.f("uq_ask_entry_workspace_id_ask_id_channel_id_ts")
        ),
    )
    with op.batch_alter_table("ask_entry", schema=None) as batch_op:
        batch_op.create_index("ix_ask_entry_message", ["workspace_id", "channel_id", "ts"], unique=False)

    with op.batch_alter_table("engagement", schema=None) as batch_op:
        batch_op.add_column(sa.Column("answer_minutes", sa.Integer(), nullable=False, server_default="480"))
        batch_op.add_column(sa.Column("ask_count", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("engagement", schema=None) as batch_op:  # the defaults were for the rows that are there
        batch_op.alter_column("answer_minutes", existing_type=sa.Integer(), server_default=None)
        batch_op.alter_column("ask_count", existing_type=sa.Integer(), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("engagement", schema=None) as batch_op:
        batch_op.drop_column("ask_count")
        batch_op.drop_column("answer_minutes")

    with op.batch_alter_table("ask_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_ask_entry_message")

    op.drop_table("ask_entry")
    with op.batch_alter_table("ask", schema=None) as batch_op:
        batch_op.drop_index("ix_ask_thread")
        batch_op.drop_index(batch_op.f("ix_ask_prompt_id"))
        batch_op.drop_index("ix_ask_engagement_state")
        batch_op.drop_index(batch_op.f("ix_ask_due_at"))

    op.drop_table("ask")

"""Escalations"""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision: str = "0002"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "ladder",
        sa.Column("workspace_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("spec", sa.JSON(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "engagement_id"],
            ["engagement.workspace_id", "engagement.id"],
            name=op.f("fk_ladder_workspace_id_engagement_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_ladder")),
        sa.UniqueConstraint(
            "workspace_id", "engagement_id", "version", name=op.f("uq_ladder_workspace_id_engagement_id_version")
        ),
    )
    op.create_table(
        "escalation",
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
                "open",
                "acknowledged",
                "snoozed",
                "exhausted",
                "resolved",
                name="escalationstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "severity",
            sa.Enum("S1", "S2", "S3", "S4", name="severity", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column(
            "against",
            sa.Enum("inhouse", "vendor", name="against", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column(
            "cause",
            sa.Enum(
                "blocker",
                "commitment",
                "missed",
                "question",
                "person",
                name="cause",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("cause_key", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("open_key", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.Column("cause_ref", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("raised_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("raised_by_id", sa.Uuid(), nullable=True),
        sa.Column("concerned_inhouse_id", sa.Uuid(), nullable=True),
        sa.Column("concerned_vendor_id", sa.Uuid(), nullable=True),
        sa.Column("ladder_id", sa.Uuid(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("since", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("is_owned", sa.Boolean(), nullable=False),
        sa.Column("asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("snoozed_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("is_held", sa.Boolean(), nullable=False),
        sa.Column("inhouse_owner_id", sa.Uuid(), nullable=True),
        sa.Column("vendor_owner_id", sa.Uuid(), nullable=True),
        sa.Column("acknowledged_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("last_word_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("proposed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("proposed_by_id", sa.Uuid(), nullable=True),
        sa.Column("exhausted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("resolved_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("resolved_by_id", sa.Uuid(), nullable=True),
        sa.Column("reopened_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "engagement_id"],
            ["engagement.workspace_id", "engagement.id"],
            name=op.f("fk_escalation_workspace_id_engagement_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "ladder_id"],
            ["ladder.workspace_id", "ladder.id"],
            name=op.f("fk_escalation_workspace_id_ladder_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_escalation")),
        sa.UniqueConstraint(
            "workspace_id", "engagement_id", "number", name=op.f("uq_escalation_workspace_id_engagement_id_number")
        ),
        sa.UniqueConstraint("workspace_id", "open_key", name=op.f("uq_escalation_workspace_id_open_key")),
    )
    with op.batch_alter_table("escalation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_escalation_due_at"), ["due_at"], unique=False)
        batch_op.create_index("ix_escalation_engagement", ["workspace_id", "engagement_id", "state"], unique=False)
        batch_op.create_index("ix_escalation_raised", ["workspace_id", "engagement_id", "raised_at"], unique=False)

    op.create_table(
        "escalation_entry",
        sa.Column("workspace_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column("escalation_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "raised",
                "joined",
                "told",
                "owned",
                "followed",
                "updated",
                "asked",
                "lapsed",
                "snoozed",
                "woken",
                "exhausted",
                "reminded",
                "rerated",
                "proposed",
                "resolved",
                "reopened",
                "noted",
                name="entrykind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("is_private", sa.Boolean(), nullable=False),
        sa.Column("source_key", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "escalation_id"],
            ["escalation.workspace_id", "escalation.id"],
            name=op.f("fk_escalation_entry_workspace_id_escalation_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_escalation_entry")),
        sa.UniqueConstraint("workspace_id", "source_key", name=op.f("uq_escalation_entry_workspace_id_source_key")),
    )
    with op.batch_alter_table("escalation_entry", schema=None) as batch_op:
        batch_op.create_index("ix_escalation_entry_escalation", ["workspace_id", "escalation_id"], unique=False)

    with op.batch_alter_table("blocker", schema=None) as batch_op:
        batch_op.add_column(sa.Column("due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("due_failures", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("due_error", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=True))
        batch_op.add_column(
            sa.Column(
                "severity",
                sa.Enum("S1", "S2", "S3", "S4", name="severity", native_enum=False, create_constraint=True, length=32),
                nullable=False,
                server_default="S3",
            )
        )
        batch_op.add_column(sa.Column("watched_from", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("is_escalated", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.create_index(batch_op.f("ix_blocker_due_at"), ["due_at"], unique=False)

    with op.batch_alter_table("cadence", schema=None) as batch_op:
        batch_op.add_column(sa.Column("escalate_after", sa.Integer(), nullable=False, server_default="3"))

    with op.batch_alter_table("commitment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("due_failures", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("due_error", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=True))
        batch_op.add_column(sa.Column("word_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("watched_from", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("is_escalated", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.create_index(batch_op.f("ix_commitment_due_at"), ["due_at"], unique=False)

    with op.batch_alter_table("engagement", schema=None) as batch_op:
        batch_op.add_column(sa.Column("escalation_count", sa.Integer(), nullable=False, server_default="0"))

    _without_defaults("blocker", "due_failures", "severity", "is_escalated")
    _without_defaults("commitment", "due_failures", "is_escalated")
    _without_defaults("cadence", "escalate_after")
    _without_defaults("engagement", "escalation_count")
    # What is open already is looked at once; the look gives it a fresh wait.
    op.execute("UPDATE blocker SET due_at = raised_at WHERE state <> 'resolved'")
    op.execute("UPDATE commitment SET due_at = made_at WHERE state = 'open'")


def _without_defaults(table: str, *columns: str) -> None:
    """The defaults were for the rows that are there: new rows name their values."""
    with op.batch_alter_table(table, schema=None) as batch_op:
        for column in columns:
            batch_op.alter_column(column, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("engagement", schema=None) as batch_op:
        batch_op.drop_column("escalation_count")

    with op.batch_alter_table("commitment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_commitment_due_at"))
        batch_op.drop_column("is_escalated")
        batch_op.drop_column("watched_from")
        batch_op.drop_column("word_on")
        batch_op.drop_column("due_error")
        batch_op.drop_column("due_failures")
        batch_op.drop_column("due_at")

    with op.batch_alter_table("cadence", schema=None) as batch_op:
        batch_op.drop_column("escalate_after")

    with op.batch_alter_table("blocker", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_blocker_due_at"))
        batch_op.drop_column("is_escalated")
        batch_op.drop_column("watched_from")
        batch_op.drop_constraint(batch_op.f("ck_blocker_severity"), type_="check")
        batch_op.drop_column("severity")
        batch_op.drop_column("due_error")
        batch_op.drop_column("due_failures")
        batch_op.drop_column("due_at")

    with op.batch_alter_table("escalation_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_escalation_entry_escalation")

    op.drop_table("escalation_entry")
    with op.batch_alter_table("escalation", schema=None) as batch_op:
        batch_op.drop_index("ix_escalation_raised")
        batch_op.drop_index("ix_escalation_engagement")
        batch_op.drop_index(batch_op.f("ix_escalation_due_at"))

    op.drop_table("escalation")
    op.drop_table("ladder")

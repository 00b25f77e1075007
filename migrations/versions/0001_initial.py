"""Initial"""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "activity",
        sa.Column("workspace_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("by_person_id", sa.Uuid(), nullable=True),
        sa.Column("action", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("subject_kind", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=True),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_activity")),
    )
    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.create_index("ix_activity_subject", ["workspace_id", "subject_kind", "subject_id"], unique=False)

    op.create_table(
        "engagement",
        sa.Column("workspace_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("company", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("vendor", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("channel_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("inhouse_channel_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=True),
        sa.Column("zone", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "active",
                "paused",
                "closed",
                name="engagementstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("trouble", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=True),
        sa.Column("blocker_count", sa.Integer(), nullable=False),
        sa.Column("commitment_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_engagement")),
        sa.UniqueConstraint("workspace_id", "channel_id", name=op.f("uq_engagement_workspace_id_channel_id")),
        sa.UniqueConstraint("workspace_id", "key", name=op.f("uq_engagement_workspace_id_key")),
    )
    op.create_table(
        "gate",
        sa.Column("workspace_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("free_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "key", name=op.f("pk_gate")),
    )
    op.create_table(
        "person",
        sa.Column("workspace_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slack_user_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("slack_team_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=True),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("zone", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("workdays", sqlmodel.sql.sqltypes.AutoString(length=7), nullable=False),
        sa.Column("works_from", sa.Time(), nullable=False),
        sa.Column("works_to", sa.Time(), nullable=False),
        sa.Column("dm_channel_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=True),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_person")),
        sa.UniqueConstraint("workspace_id", "slack_user_id", name=op.f("uq_person_workspace_id_slack_user_id")),
    )
    op.create_table(
        "workspace",
        sa.Column("workspace_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("bot_user_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("bot_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", name=op.f("pk_workspace")),
    )
    op.create_table(
        "absence",
        sa.Column("workspace_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "person_id"],
            ["person.workspace_id", "person.id"],
            name=op.f("fk_absence_workspace_id_person_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_absence")),
    )
    with op.batch_alter_table("absence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_absence_person_id"), ["person_id"], unique=False)

    op.create_table(
        "outbox_message",
        sa.Column("workspace_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column(
            "operation",
            sa.Enum(
                "post", "refresh", "delete", name="operation", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column(
            "place",
            sa.Enum("channel", "inhouse", "direct", name="place", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column(
            "audience",
            sa.Enum("joint", "inhouse", name="audience", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("post_key", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("parent_key", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.Column("thread_ts", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=True),
        sa.Column("channel_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=True),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("lane", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "ready",
                "leased",
                "unsure",
                "sent",
                "dropped",
                "dead",
                name="outboxstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("not_before", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("lease_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("lease_by", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("first_sent_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("error", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=True),
        sa.Column("written_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "engagement_id"],
            ["engagement.workspace_id", "engagement.id"],
            name=op.f("fk_outbox_message_workspace_id_engagement_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_outbox_message")),
        sa.UniqueConstraint("workspace_id", "key", name=op.f("uq_outbox_message_workspace_id_key")),
    )
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_kind", ["workspace_id", "engagement_id", "kind", "id"], unique=False)
        batch_op.create_index(
            "ix_outbox_lane",
            ["workspace_id", "lane", "id"],
            unique=False,
            sqlite_where=sa.text("state IN ('ready', 'leased', 'unsure')"),
            postgresql_where=sa.text("state IN ('ready', 'leased', 'unsure')"),
        )
        batch_op.create_index("ix_outbox_post", ["workspace_id", "post_key"], unique=False)
        batch_op.create_index(
            "ix_outbox_ready",
            ["workspace_id", "operation", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'ready'"),
            postgresql_where=sa.text("state = 'ready'"),
        )
        batch_op.create_index(
            "ix_outbox_held",
            ["workspace_id", "state", "lease_until"],
            unique=False,
            sqlite_where=sa.text("state IN ('leased', 'unsure')"),
            postgresql_where=sa.text("state IN ('leased', 'unsure')"),
        )

    op.create_table(
        "participant",
        sa.Column("workspace_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "side",
            sa.Enum("inhouse", "vendor", name="side", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column(
            "role",
            sa.Enum(
                "owner",
                "lead",
                "member",
                "executive",
                "observer",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "engagement_id"],
            ["engagement.workspace_id", "engagement.id"],
            name=op.f("fk_participant_workspace_id_engagement_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "person_id"],
            ["person.workspace_id", "person.id"],
            name=op.f("fk_participant_workspace_id_person_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_participant")),
        sa.UniqueConstraint(
            "workspace_id",
            "engagement_id",
            "person_id",
            name=op.f("uq_participant_workspace_id_engagement_id_person_id"),
        ),
    )
    with op.batch_alter_table("participant", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_participant_person_id"), ["person_id"], unique=False)

    op.create_table(
        "post",
        sa.Column("workspace_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("ts", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("thread_ts", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=True),
        sa.Column("posted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("is_deleted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "engagement_id"],
            ["engagement.workspace_id", "engagement.id"],
            name=op.f("fk_post_workspace_id_engagement_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_post")),
        sa.UniqueConstraint("workspace_id", "channel_id", "ts", name=op.f("uq_post_workspace_id_channel_id_ts")),
        sa.UniqueConstraint("workspace_id", "key", name=op.f("uq_post_workspace_id_key")),
    )
    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_post_subject_id"), ["subject_id"], unique=False)

    op.create_table(
        "question_set",
        sa.Column("workspace_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "engagement_id"],
            ["engagement.workspace_id", "engagement.id"],
            name=op.f("fk_question_set_workspace_id_engagement_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_question_set")),
        sa.UniqueConstraint(
            "workspace_id",
            "engagement_id",
            "key",
            "version",
            name=op.f("uq_question_set_workspace_id_engagement_id_key_version"),
        ),
    )
    op.create_table(
        "side_holidays",
        sa.Column("workspace_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column(
            "side",
            sa.Enum("inhouse", "vendor", name="side", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("country", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=True),
        sa.Column("subdivision", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("own_days", sa.JSON(), nullable=False),
        sa.Column("working_on", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "engagement_id"],
            ["engagement.workspace_id", "engagement.id"],
            name=op.f("fk_side_holidays_workspace_id_engagement_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_side_holidays")),
        sa.UniqueConstraint(
            "workspace_id", "engagement_id", "side", name=op.f("uq_side_holidays_workspace_id_engagement_id_side")
        ),
    )
    op.create_table(
        "blocker",
        sa.Column("workspace_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open", "owned", "resolved", name="blockerstate", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("raised_by_id", sa.Uuid(), nullable=False),
        sa.Column(
            "raised_side",
            sa.Enum("inhouse", "vendor", name="raised_side", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("raised_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column(
            "acting_side",
            sa.Enum("inhouse", "vendor", name="acting_side", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("acting_id", sa.Uuid(), nullable=True),
        sa.Column("needed_by", sa.Date(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("owned_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("resolved_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("resolved_by_id", sa.Uuid(), nullable=True),
        sa.Column("checkin_id", sa.Uuid(), nullable=True),
        sa.Column("prompt_id", sa.Uuid(), nullable=True),
        sa.Column("source_key", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "engagement_id"],
            ["engagement.workspace_id", "engagement.id"],
            name=op.f("fk_blocker_workspace_id_engagement_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "raised_by_id"],
            ["participant.workspace_id", "participant.id"],
            name=op.f("fk_blocker_workspace_id_raised_by_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_blocker")),
        sa.UniqueConstraint(
            "workspace_id", "engagement_id", "number", name=op.f("uq_blocker_workspace_id_engagement_id_number")
        ),
        sa.UniqueConstraint("workspace_id", "source_key", name=op.f("uq_blocker_workspace_id_source_key")),
    )
    with op.batch_alter_table("blocker", schema=None) as batch_op:
        batch_op.create_index("ix_blocker_engagement_state", ["workspace_id", "engagement_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_blocker_prompt_id"), ["prompt_id"], unique=False)

    op.create_table(
        "cadence",
        sa.Column("due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("due_failures", sa.Integer(), nullable=False),
        sa.Column("due_error", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=True),
        sa.Column("workspace_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "daily", "weekly", "summary", name="cadencekind", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("rule", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("at", sa.Time(), nullable=False),
        sa.Column("zone", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("window_minutes", sa.Integer(), nullable=False),
        sa.Column("reminder_minutes", sa.Integer(), nullable=False),
        sa.Column("inhouse_questions_id", sa.Uuid(), nullable=True),
        sa.Column("vendor_questions_id", sa.Uuid(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_idle", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "engagement_id"],
            ["engagement.workspace_id", "engagement.id"],
            name=op.f("fk_cadence_workspace_id_engagement_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "inhouse_questions_id"],
            ["question_set.workspace_id", "question_set.id"],
            name=op.f("fk_cadence_workspace_id_inhouse_questions_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "vendor_questions_id"],
            ["question_set.workspace_id", "question_set.id"],
            name=op.f("fk_cadence_workspace_id_vendor_questions_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_cadence")),
        sa.UniqueConstraint(
            "workspace_id", "engagement_id", "key", name=op.f("uq_cadence_workspace_id_engagement_id_key")
        ),
    )
    with op.batch_alter_table("cadence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cadence_due_at"), ["due_at"], unique=False)

    op.create_table(
        "commitment",
        sa.Column("workspace_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "side",
            sa.Enum("inhouse", "vendor", name="side", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("checkin_id", sa.Uuid(), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("promised_due", sa.Date(), nullable=False),
        sa.Column("current_due", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "kept",
                "dropped",
                "withdrawn",
                name="commitmentstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("closed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("closed_in_id", sa.Uuid(), nullable=True),
        sa.Column("drop_reason", sa.Text(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "engagement_id"],
            ["engagement.workspace_id", "engagement.id"],
            name=op.f("fk_commitment_workspace_id_engagement_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "participant_id"],
            ["participant.workspace_id", "participant.id"],
            name=op.f("fk_commitment_workspace_id_participant_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_commitment")),
        sa.UniqueConstraint(
            "workspace_id", "engagement_id", "number", name=op.f("uq_commitment_workspace_id_engagement_id_number")
        ),
    )
    with op.batch_alter_table("commitment", schema=None) as batch_op:
        batch_op.create_index("ix_commitment_due", ["workspace_id", "engagement_id", "promised_due"], unique=False)
        batch_op.create_index("ix_commitment_open", ["workspace_id", "participant_id", "state"], unique=False)

    op.create_table(
        "blocker_entry",
        sa.Column("workspace_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column("blocker_id", sa.Uuid(), nullable=False),
        sa.Column(
            "event",
            sa.Enum(
                "raised",
                "mine",
                "updated",
                "still_blocked",
                "resolved",
                "reopened",
                name="blockerevent",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "blocker_id"],
            ["blocker.workspace_id", "blocker.id"],
            name=op.f("fk_blocker_entry_workspace_id_blocker_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_blocker_entry")),
    )
    with op.batch_alter_table("blocker_entry", schema=None) as batch_op:
        batch_op.create_index("ix_blocker_entry_blocker", ["workspace_id", "blocker_id"], unique=False)

    op.create_table(
        "check_in",
        sa.Column("due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("due_failures", sa.Integer(), nullable=False),
        sa.Column("due_error", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=True),
        sa.Column("workspace_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column("cadence_id", sa.Uuid(), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "scheduled",
                "open",
                "closed",
                "skipped",
                name="checkinstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("skip_reason", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.Column("opens_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("closes_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("opened_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("closed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("inhouse_questions_id", sa.Uuid(), nullable=True),
        sa.Column("vendor_questions_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "cadence_id"],
            ["cadence.workspace_id", "cadence.id"],
            name=op.f("fk_check_in_workspace_id_cadence_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "engagement_id"],
            ["engagement.workspace_id", "engagement.id"],
            name=op.f("fk_check_in_workspace_id_engagement_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "inhouse_questions_id"],
            ["question_set.workspace_id", "question_set.id"],
            name=op.f("fk_check_in_workspace_id_inhouse_questions_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "vendor_questions_id"],
            ["question_set.workspace_id", "question_set.id"],
            name=op.f("fk_check_in_workspace_id_vendor_questions_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_check_in")),
        sa.UniqueConstraint(
            "workspace_id", "cadence_id", "local_date", name=op.f("uq_check_in_workspace_id_cadence_id_local_date")
        ),
    )
    with op.batch_alter_table("check_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_check_in_due_at"), ["due_at"], unique=False)
        batch_op.create_index("ix_check_in_engagement", ["workspace_id", "engagement_id", "opens_at"], unique=False)

    op.create_table(
        "commitment_move",
        sa.Column("workspace_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column("commitment_id", sa.Uuid(), nullable=False),
        sa.Column("from_due", sa.Date(), nullable=False),
        sa.Column("to_due", sa.Date(), nullable=False),
        sa.Column(
            "cause",
            sa.Enum(
                "vendor",
                "inhouse",
                "joint",
                "external",
                name="movecause",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("moved_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("moved_by_id", sa.Uuid(), nullable=False),
        sa.Column("checkin_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "commitment_id"],
            ["commitment.workspace_id", "commitment.id"],
            name=op.f("fk_commitment_move_workspace_id_commitment_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_commitment_move")),
    )
    with op.batch_alter_table("commitment_move", schema=None) as batch_op:
        batch_op.create_index("ix_commitment_move_commitment", ["workspace_id", "commitment_id"], unique=False)

    op.create_table(
        "weekly_summary",
        sa.Column("due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("due_failures", sa.Integer(), nullable=False),
        sa.Column("due_error", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=True),
        sa.Column("workspace_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column("cadence_id", sa.Uuid(), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "scheduled",
                "published",
                "skipped",
                name="summarystate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("skip_reason", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.Column("publishes_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("published_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "cadence_id"],
            ["cadence.workspace_id", "cadence.id"],
            name=op.f("fk_weekly_summary_workspace_id_cadence_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "engagement_id"],
            ["engagement.workspace_id", "engagement.id"],
            name=op.f("fk_weekly_summary_workspace_id_engagement_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_weekly_summary")),
        sa.UniqueConstraint(
            "workspace_id",
            "cadence_id",
            "local_date",
            name=op.f("uq_weekly_summary_workspace_id_cadence_id_local_date"),
        ),
    )
    with op.batch_alter_table("weekly_summary", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_weekly_summary_due_at"), ["due_at"], unique=False)

    op.create_table(
        "prompt",
        sa.Column("due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("due_failures", sa.Integer(), nullable=False),
        sa.Column("due_error", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=True),
        sa.Column("workspace_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column("checkin_id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column(
            "side",
            sa.Enum("inhouse", "vendor", name="side", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "asked",
                "answered",
                "skipped",
                "missed",
                "excused",
                name="promptstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("excuse", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.Column("ask_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("remind_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("deadline_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("reminded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("answered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("skip_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id", "checkin_id"],
            ["check_in.workspace_id", "check_in.id"],
            name=op.f("fk_prompt_workspace_id_checkin_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "participant_id"],
            ["participant.workspace_id", "participant.id"],
            name=op.f("fk_prompt_workspace_id_participant_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_prompt")),
        sa.UniqueConstraint(
            "workspace_id",
            "checkin_id",
            "participant_id",
            name=op.f("uq_prompt_workspace_id_checkin_id_participant_id"),
        ),
    )
    with op.batch_alter_table("prompt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_prompt_due_at"), ["due_at"], unique=False)
        batch_op.create_index("ix_prompt_participant", ["workspace_id", "participant_id", "ask_at"], unique=False)

    op.create_table(
        "reply",
        sa.Column("workspace_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column("prompt_id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("ts", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("revision", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("is_deleted", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "prompt_id"],
            ["prompt.workspace_id", "prompt.id"],
            name=op.f("fk_reply_workspace_id_prompt_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_reply")),
        sa.UniqueConstraint("workspace_id", "channel_id", "ts", name=op.f("uq_reply_workspace_id_channel_id_ts")),
    )
    with op.batch_alter_table("reply", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reply_prompt_id"), ["prompt_id"], unique=False)

    op.create_table(
        "response",
        sa.Column("workspace_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column("checkin_id", sa.Uuid(), nullable=False),
        sa.Column("prompt_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "modal",
                "thread",
                "direct",
                "command",
                name="source",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("source_key", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("given_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("is_withdrawn", sa.Boolean(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "checkin_id"],
            ["check_in.workspace_id", "check_in.id"],
            name=op.f("fk_response_workspace_id_checkin_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "prompt_id"],
            ["prompt.workspace_id", "prompt.id"],
            name=op.f("fk_response_workspace_id_prompt_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_response")),
        sa.UniqueConstraint(
            "workspace_id", "prompt_id", "version", name=op.f("uq_response_workspace_id_prompt_id_version")
        ),
        sa.UniqueConstraint("workspace_id", "source_key", name=op.f("uq_response_workspace_id_source_key")),
    )
    with op.batch_alter_table("response", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_response_checkin_id"), ["checkin_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("response", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_response_checkin_id"))

    op.drop_table("response")
    with op.batch_alter_table("reply", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reply_prompt_id"))

    op.drop_table("reply")
    with op.batch_alter_table("prompt", schema=None) as batch_op:
        batch_op.drop_index("ix_prompt_participant")
        batch_op.drop_index(batch_op.f("ix_prompt_due_at"))

    op.drop_table("prompt")
    with op.batch_alter_table("weekly_summary", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_weekly_summary_due_at"))

    op.drop_table("weekly_summary")
    with op.batch_alter_table("commitment_move", schema=None) as batch_op:
        batch_op.drop_index("ix_commitment_move_commitment")

    op.drop_table("commitment_move")
    with op.batch_alter_table("check_in", schema=None) as batch_op:
        batch_op.drop_index("ix_check_in_engagement")
        batch_op.drop_index(batch_op.f("ix_check_in_due_at"))

    op.drop_table("check_in")
    with op.batch_alter_table("blocker_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_blocker_entry_blocker")

    op.drop_table("blocker_entry")
    with op.batch_alter_table("commitment", schema=None) as batch_op:
        batch_op.drop_index("ix_commitment_open")
        batch_op.drop_index("ix_commitment_due")

    op.drop_table("commitment")
    with op.batch_alter_table("cadence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cadence_due_at"))

    op.drop_table("cadence")
    with op.batch_alter_table("blocker", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_blocker_prompt_id"))
        batch_op.drop_index("ix_blocker_engagement_state")

    op.drop_table("blocker")
    op.drop_table("side_holidays")
    op.drop_table("question_set")
    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_post_subject_id"))

    op.drop_table("post")
    with op.batch_alter_table("participant", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_participant_person_id"))

    op.drop_table("participant")
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_outbox_held",
            sqlite_where=sa.text("state IN ('leased', 'unsure')"),
            postgresql_where=sa.text("state IN ('leased', 'unsure')"),
        )
        batch_op.drop_index(
            "ix_outbox_ready",
            sqlite_where=sa.text("state = 'ready'"),
            postgresql_where=sa.text("state = 'ready'"),
        )
        batch_op.drop_index("ix_outbox_post")
        batch_op.drop_index(
            "ix_outbox_lane",
            sqlite_where=sa.text("state IN ('ready', 'leased', 'unsure')"),
            postgresql_where=sa.text("state IN ('ready', 'leased', 'unsure')"),
        )
        batch_op.drop_index("ix_outbox_kind")

    op.drop_table("outbox_message")
    with op.batch_alter_table("absence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_absence_person_id"))

    op.drop_table("absence")
    op.drop_table("workspace")
    op.drop_table("person")
    op.drop_table("gate")
    op.drop_table("engagement")
    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.drop_index("ix_activity_subject")

    op.drop_table("activity")

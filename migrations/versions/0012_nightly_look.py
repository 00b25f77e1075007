"""The nightly look: when it falls due, in which channel people were seen, and where their accounts belong"""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
import sqlmodel
from alembic import op
from uuid6 import uuid7

from models.clock import SystemClock

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_BELONGS = sa.Enum(
    "colleague", "guest", "external", name="belongs", native_enum=False, create_constraint=True, length=32
)


def upgrade() -> None:
    op.create_table(
        "channel_look",
        sa.Column("workspace_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("due_failures", sa.Integer(), nullable=False),
        sa.Column("due_error", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=True),
        sa.Column("engagement_id", sa.Uuid(), nullable=False),
        sa.Column("wanted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("asked_up_to", sa.Uuid(), nullable=True),
        sa.Column("taken_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "engagement_id"],
            ["engagement.workspace_id", "engagement.id"],
            name=op.f("fk_channel_look_workspace_id_engagement_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_channel_look")),
        sa.UniqueConstraint("workspace_id", "engagement_id", name=op.f("uq_channel_look_workspace_id_engagement_id")),
    )
    with op.batch_alter_table("channel_look", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_channel_look_due_at"), ["due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_channel_look_wanted_at"), ["wanted_at"], unique=False)
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("belongs", _BELONGS, nullable=True))
    with op.batch_alter_table("participant", schema=None) as batch_op:
        batch_op.add_column(sa.Column("seen_in", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=True))
    _lay_down_looks()


def _lay_down_looks() -> None:
    """Every engagement that goes on is looked at soon after: who is in its channel now can be missed from then on."""
    look = sa.table(
        "channel_look",
        *(sa.column(name) for name in ("workspace_id", "due_failures", "attempts")),
        sa.column("id", sa.Uuid()),
        sa.column("engagement_id", sa.Uuid()),
        sa.column("due_at", sqlmodel.sql.sqltypes.UTCDateTime()),
    )
    engagement = sa.table(
        "engagement", sa.column("workspace_id"), sa.column("id", sa.Uuid()), sa.column("state", sa.String())
    )
    connection, now = op.get_bind(), SystemClock().now()
    going_on = sa.select(engagement.c.workspace_id, engagement.c.id).where(engagement.c.state != "closed")
    rows = [
        {
            "workspace_id": workspace_id,
            "id": UUID(int=uuid7().int),
            "engagement_id": engagement_id,
            "due_at": now,
            "due_failures": 0,
            "attempts": 0,
        }
        for workspace_id, engagement_id in connection.execute(going_on)
    ]
    if rows:
        connection.execute(look.insert(), rows)
    if connection.dialect.name == "postgresql":
        op.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks to come cannot be altered


def downgrade() -> None:
    with op.batch_alter_table("participant", schema=None) as batch_op:
        batch_op.drop_column("seen_in")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_person_belongs"), type_="check")
        batch_op.drop_column("belongs")
    op.drop_table("channel_look")

"""Administration"""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision: str = "0005"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "draft",
        sa.Column("workspace_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slack_user_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("engagement_id", sa.Uuid(), nullable=True),
        sa.Column("channel_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=True),
        sa.Column("about", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("payload", sa.Text(), nullable=True),
        sa.Column("invited_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("changed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id", name=op.f("pk_draft")),
        sa.UniqueConstraint(
            "workspace_id", "slack_user_id", "channel_id", name=op.f("uq_draft_workspace_id_slack_user_id_channel_id")
        ),
    )
    with op.batch_alter_table("participant", schema=None) as batch_op:
        batch_op.add_column(sa.Column("is_deputy", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("participant", schema=None) as batch_op:
        batch_op.alter_column("is_deputy", server_default=None)
    _name_deputies()


def downgrade() -> None:
    with op.batch_alter_table("participant", schema=None) as batch_op:
        batch_op.drop_column("is_deputy")

    op.drop_table("draft")


def _name_deputies() -> None:
    """Each engagement gets the deputy of a file that names none: the first in-house person after the owner."""
    rank = "CASE role WHEN 'lead' THEN 1 WHEN 'member' THEN 2 WHEN 'executive' THEN 3 ELSE 4 END"
    op.execute(
        f"""
        UPDATE participant SET is_deputy = true
        WHERE (workspace_id, id) IN (
            SELECT workspace_id, id FROM (
                SELECT p.workspace_id, p.id, ROW_NUMBER() OVER (
                    PARTITION BY p.workspace_id, p.engagement_id
                    ORDER BY {rank}, person.name, person.slack_user_id
                ) AS place
                FROM participant p
                JOIN person ON person.workspace_id = p.workspace_id AND person.id = p.person_id
                WHERE p.side = 'inhouse' AND p.role <> 'owner' AND p.is_active
            ) AS ranked
            WHERE place = 1
        )
        """  # noqa: S608 (nothing from outside is in it)
    )

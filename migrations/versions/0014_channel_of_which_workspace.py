"""Whose engagement is in a channel is found by an index"""

from collections.abc import Sequence

from alembic import op

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_index("ix_engagement_channel_id", "engagement", ["channel_id"])


def downgrade() -> None:
    op.drop_index("ix_engagement_channel_id", "engagement")

"""Questions climb: which turn is escalated, and since when its silence is watched"""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("ask", schema=None) as batch_op:
        batch_op.add_column(sa.Column("watched_from", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("escalated_for", sa.Uuid(), nullable=True))
    # Those that were nudged before wait for nothing any more: they climb too, after a fresh wait.
    op.execute("UPDATE ask SET due_at = until WHERE state = 'waiting' AND due_at IS NULL")


def downgrade() -> None:
    with op.batch_alter_table("ask", schema=None) as batch_op:
        batch_op.drop_column("escalated_for")
        batch_op.drop_column("watched_from")

"""What is kept for a time only is found by an index; the text of replies that were deleted goes"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_CLOSED = sa.text("state IN ('sent', 'dropped', 'dead') AND operation <> 'post'")


def upgrade() -> None:
    op.create_index(
        "ix_outbox_closed", "outbox_message", ["written_at"], sqlite_where=_CLOSED, postgresql_where=_CLOSED
    )
    op.create_index("ix_activity_at", "activity", ["at"])
    reply = sa.table("reply", sa.column("text", sa.Text()), sa.column("is_deleted", sa.Boolean()))
    op.execute(reply.update().where(reply.c.is_deleted.is_(True)).values(text=""))


def downgrade() -> None:
    op.drop_index("ix_activity_at", "activity")
    op.drop_index("ix_outbox_closed", "outbox_message")

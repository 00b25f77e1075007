"""Lookups that went through everything of a workspace get an index"""

from collections.abc import Sequence

from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_INDEXES = (
    ("ix_commitment_checkin", "commitment", ["workspace_id", "checkin_id"]),
    ("ix_commitment_closed_in", "commitment", ["workspace_id", "closed_in_id"]),
    ("ix_commitment_move_checkin", "commitment_move", ["workspace_id", "checkin_id"]),
    ("ix_commitment_move_engagement", "commitment_move", ["workspace_id", "engagement_id", "moved_at"]),
    ("ix_escalation_cause", "escalation", ["workspace_id", "cause_key"]),
    ("ix_weekly_summary_engagement", "weekly_summary", ["workspace_id", "engagement_id", "local_date"]),
)


def upgrade() -> None:
    for name, table, columns in _INDEXES:
        op.create_index(name, table, columns)


def downgrade() -> None:
    for name, table, _ in reversed(_INDEXES):
        op.drop_index(name, table)

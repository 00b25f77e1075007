"""Channel life: which trouble a channel has, and whose place is lost until they are back"""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision: str = "0009"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("engagement", schema=None) as batch_op:
        batch_op.add_column(sa.Column("trouble_code", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True))
        batch_op.add_column(sa.Column("inhouse_trouble", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True))
        batch_op.add_column(sa.Column("inhouse_revision", sa.Integer(), nullable=True))
    op.execute("UPDATE engagement SET inhouse_revision = 0")
    with op.batch_alter_table("engagement", schema=None) as batch_op:
        batch_op.alter_column("inhouse_revision", existing_type=sa.Integer(), nullable=False)
    with op.batch_alter_table("participant", schema=None) as batch_op:
        batch_op.add_column(sa.Column("lost_because", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=True))
        batch_op.add_column(sa.Column("lost_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("participant", schema=None) as batch_op:
        batch_op.drop_column("lost_at")
        batch_op.drop_column("lost_because")
    with op.batch_alter_table("engagement", schema=None) as batch_op:
        batch_op.drop_column("inhouse_revision")
        batch_op.drop_column("inhouse_trouble")
        batch_op.drop_column("trouble_code")

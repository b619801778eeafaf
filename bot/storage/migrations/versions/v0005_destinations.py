"""Where each message stands, which so far was its subscription's channel. When a delivery was last tried, nobody asked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

deliveries = sa.table("deliveries", sa.column("channel_id"), sa.column("destination_id"))


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("destination_id", sa.BigInteger(), nullable=True))
    op.execute(sa.update(deliveries).values(destination_id=deliveries.c.channel_id))
    with op.batch_alter_table("deliveries") as table:
        table.alter_column("destination_id", existing_type=sa.BigInteger(), nullable=False)
        table.drop_column("attempted_at")

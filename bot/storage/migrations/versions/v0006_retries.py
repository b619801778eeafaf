"""When Discord may be asked again for a message that it has not confirmed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True))

"""When each query was last asked; unknown so far, which counts as long ago."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("queries", sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True))

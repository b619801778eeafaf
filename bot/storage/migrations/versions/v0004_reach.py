"""How much a query brings a day, and which entries of its last answer could not be read; unknown until it is asked again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("queries", sa.Column("per_day", sa.Float(), nullable=True))
    op.add_column("queries", sa.Column("damaged", sa.JSON(), nullable=True))

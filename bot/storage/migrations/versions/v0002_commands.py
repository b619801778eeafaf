"""What slash commands need: servers that come and go, drafts, stored answers; and the notice of an outage."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


digests = sa.table("digests", sa.column("id"), sa.column("report", sa.JSON()))


def upgrade() -> None:
    _turn_counts_into_rates()
    op.add_column("servers", sa.Column("left_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("subscriptions", sa.Column("outage_since", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "drafts",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
    )
    op.create_index(op.f("ix_drafts_guild_id"), "drafts", ["guild_id"], unique=False)
    op.create_table(
        "results",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_results")),
        sa.UniqueConstraint("text", name=op.f("uq_results_text")),
    )
    op.create_table(
        "result_papers",
        sa.Column("result_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("paper_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["result_id"], ["results.id"], name=op.f("fk_result_papers_result_id_results")),
        sa.PrimaryKeyConstraint("result_id", "position", name=op.f("pk_result_papers")),
    )


def _turn_counts_into_rates() -> None:
    """A seeding said how many papers of the month before it found; now it says how many that is a day."""
    connection = op.get_bind()
    for id, report in connection.execute(sa.select(digests.c.id, digests.c.report)).all():
        if "recent" in report:
            rated = {"seeded": report["seeded"], "per_day": report["recent"] / 30}
            connection.execute(sa.update(digests).where(digests.c.id == id).values(report=rated))

"""Pace: who waits for whom; how long a clip has been out of luck; webhooks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002_pace"
down_revision = "0001_clips"


def upgrade() -> None:
    for column in ("stumbling_since", "looked_at", "knocked_at"):
        op.add_column("clip", sa.Column(column, sa.Float))
    op.add_column("clip", sa.Column("tries", sa.Integer, nullable=False, server_default="0"))
    op.create_table(
        "line",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("free_at", sa.Float, nullable=False),
        sa.Column("interval", sa.Float, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("line")
    with op.batch_alter_table("clip") as clip:
        for column in ("stumbling_since", "looked_at", "knocked_at", "tries"):
            clip.drop_column(column)

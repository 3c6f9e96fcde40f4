"""How much is kept of a clip, and whether it was found to be gone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006_care"
down_revision = "0005_shelf"


def upgrade() -> None:
    op.add_column("clip", sa.Column("size", sa.Integer))
    op.add_column("clip", sa.Column("gone_at", sa.Float))
    op.create_index("clip_size", "clip", ["size"])


def downgrade() -> None:
    op.drop_index("clip_size", "clip")
    for column in ("size", "gone_at"):
        op.drop_column("clip", column)

"""Finding the clips that were made from a clip."""

from __future__ import annotations

from alembic import op

revision = "0004_family"
down_revision = "0003_heard"


def upgrade() -> None:
    op.create_index("clip_family", "clip", ["parent_id"])


def downgrade() -> None:
    op.drop_index("clip_family", "clip")

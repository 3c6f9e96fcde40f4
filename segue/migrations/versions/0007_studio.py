"""Which studio it is, so that files of another one are told from its own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007_studio"
down_revision = "0006_care"


def upgrade() -> None:
    op.create_table("studio", sa.Column("id", sa.String(20), primary_key=True), sa.Column("marked_at", sa.Float))


def downgrade() -> None:
    op.drop_table("studio")

"""What was understood of the prompts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003_heard"
down_revision = "0002_pace"


def upgrade() -> None:
    op.add_column("clip", sa.Column("heard", sa.Text))


def downgrade() -> None:
    with op.batch_alter_table("clip") as clip:
        clip.drop_column("heard")

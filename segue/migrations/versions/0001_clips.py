"""Clips."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001_clips"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "clip",
        sa.Column("id", sa.String(20), primary_key=True),
        sa.Column("token", sa.String(64), nullable=False, unique=True),
        sa.Column("parent_id", sa.String(20), sa.ForeignKey("clip.id")),
        sa.Column("prompt_a", sa.Text, nullable=False),
        sa.Column("prompt_b", sa.Text, nullable=False),
        sa.Column("alpha", sa.Float, nullable=False),
        sa.Column("seed_image_id", sa.String(64), nullable=False),
        sa.Column("denoising", sa.Float, nullable=False),
        sa.Column("num_inference_steps", sa.Integer, nullable=False),
        sa.Column("provider", sa.String(32), nullable=False),
        sa.Column("take", sa.Integer),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("progress", sa.Integer),
        sa.Column("note", sa.Text),
        sa.Column("error", sa.Text),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("finished_at", sa.Float),
        sa.Column("next_look_at", sa.Float, nullable=False),
        sa.Column("looks", sa.Integer, nullable=False),
        sa.Column("stumbles", sa.Integer, nullable=False),
        sa.Column("submitted_at", sa.Float),
        sa.Column("prediction_id", sa.String(255)),
        sa.Column("holder", sa.String(32)),
        sa.Column("held_until", sa.Float, nullable=False),
        sa.Column("audio", sa.String(255)),
        sa.Column("audio_type", sa.String(32)),
        sa.Column("audio_hash", sa.String(64)),
        sa.Column("duration", sa.Float),
        sa.Column("spectrogram", sa.String(255)),
        sa.Column("spectrogram_type", sa.String(32)),
        sa.Column("spectrogram_hash", sa.String(64)),
    )
    op.create_index("clip_newest", "clip", ["created_at"])
    op.create_index("clip_due", "clip", ["state", "next_look_at"])


def downgrade() -> None:
    op.drop_table("clip")

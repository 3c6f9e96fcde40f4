"""Lines: who waits for whom. See segue.pace."""

from __future__ import annotations

from sqlalchemy import Float, String
from sqlalchemy.orm import Mapped, mapped_column

from segue.db import Base


class Line(Base):
    """How a provider is asked for something, one after another. Times are in seconds; see segue.pace."""

    __tablename__ = "line"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    free_at: Mapped[float] = mapped_column(Float)
    interval: Mapped[float] = mapped_column(Float)

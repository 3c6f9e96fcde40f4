"""Which studio it is. See segue.belonging."""

from __future__ import annotations

from sqlalchemy import Float, String
from sqlalchemy.orm import Mapped, mapped_column

from segue.db import Base
from segue.models.clip import ID_LENGTH, new_id


class Studio(Base):
    """One row: the id that stands in media as well, and since when it does (seconds since the epoch)."""

    __tablename__ = "studio"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    marked_at: Mapped[float | None] = mapped_column(Float)

    @classmethod
    def of(cls) -> Studio:
        """A new one, of which media know nothing yet."""
        return cls(id=new_id())

    def mark(self, now: float) -> None:
        """Its id is in media."""
        self.marked_at = self.marked_at or now

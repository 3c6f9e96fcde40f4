"""Members, how they come in, and what they are fond of. Secrets are kept as digests only. Times as in a clip."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import Enum, Float, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from segue.db import Base
from segue.models.clip import ID_LENGTH, new_id


class Role(StrEnum):
    """What a member may do: owners look after the others, too."""

    OWNER = "owner"
    MEMBER = "member"


class Member(Base):
    """A person who may make clips here. `key` is the name as it is compared, `password` a hash."""

    __tablename__ = "member"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text, unique=True)
    role: Mapped[Role] = mapped_column(
        Enum(Role, native_enum=False, length=8, values_callable=lambda roles: [role.value for role in roles])
    )
    password: Mapped[str | None] = mapped_column(Text)
    subject: Mapped[str | None] = mapped_column(Text, unique=True)
    created_at: Mapped[float] = mapped_column(Float)
    removed_at: Mapped[float | None] = mapped_column(Float)

    @classmethod
    def of(cls, name: str, key: str, role: Role, now: float) -> Member:
        """Somebody new, who has no way in yet."""
        return cls(id=new_id(), name=name, key=key, role=role, created_at=now)

    @property
    def comes(self) -> bool:
        """Whether they have a way in of their own, other than a link that waits for them."""
        return self.password is not None or self.subject is not None

    def come_back(self, name: str, role: Role) -> None:
        """They are invited, perhaps not for the first time."""
        self.name, self.role, self.removed_at = name, role, None

    def go(self, now: float) -> None:
        """They are no longer a member; their name stays with what they made."""
        self.password, self.subject, self.removed_at = None, None, now


class Invitation(Base):
    """A link that lets one member choose a password, once."""

    __tablename__ = "invitation"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    member_id: Mapped[str] = mapped_column(ForeignKey("member.id"), index=True)
    expires_at: Mapped[float] = mapped_column(Float)


class Visit(Base):
    """A browser that a member is signed in with."""

    __tablename__ = "visit"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    member_id: Mapped[str] = mapped_column(ForeignKey("member.id"), index=True)
    expires_at: Mapped[float] = mapped_column(Float)


class Heart(Base):
    """A clip somebody is fond of. Without members it is nobody's: `member_id` is empty."""

    __tablename__ = "heart"
    __table_args__ = (Index("heart_clip", "clip_id"),)

    member_id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    clip_id: Mapped[str] = mapped_column(ForeignKey("clip.id", ondelete="CASCADE"), primary_key=True)


class Tally(Base):
    """What was run for a member in a month (such as `2026-11`, in UTC), by provider; '' is nobody in particular."""

    __tablename__ = "tally"

    member_id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    provider: Mapped[str] = mapped_column(String(32), primary_key=True)
    runs: Mapped[int]
    seconds: Mapped[float] = mapped_column(Float)
    spent: Mapped[float] = mapped_column(Float)

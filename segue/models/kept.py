"""What is kept of a clip in media."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Float, Integer, String
from sqlalchemy.orm import Mapped, mapped_column


@dataclass(frozen=True)
class Kept:
    """A file in media: its key there, its type, the SHA-256 of its bytes in hex, and how many they are."""

    key: str
    media_type: str
    hash: str
    size: int


class Holding:
    """The part of a clip that says which files are kept of it, and whether they are as they were.

    `size` counts the bytes of all of them, what was made of them since included; None where nobody has weighed them.
    """

    audio: Mapped[str | None] = mapped_column(String(255))
    audio_type: Mapped[str | None] = mapped_column(String(32))
    audio_hash: Mapped[str | None] = mapped_column(String(64))
    duration: Mapped[float | None] = mapped_column(Float)
    spectrogram: Mapped[str | None] = mapped_column(String(255))
    spectrogram_type: Mapped[str | None] = mapped_column(String(32))
    spectrogram_hash: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int | None] = mapped_column(Integer)
    gone_at: Mapped[float | None] = mapped_column(Float)

    def hold(self, audio: Kept, duration: float, spectrogram: Kept) -> None:
        """Both files are ours."""
        self.audio, self.audio_type, self.audio_hash = audio.key, audio.media_type, audio.hash
        self.duration = duration
        self.redraw(spectrogram)
        self.size = audio.size + spectrogram.size

    def redraw(self, spectrogram: Kept) -> None:
        """Its picture is this one."""
        self.spectrogram, self.spectrogram_type = spectrogram.key, spectrogram.media_type
        self.spectrogram_hash = spectrogram.hash

    def grow(self, size: int) -> None:
        """So many bytes more are kept of it."""
        if self.size is not None:
            self.size += size

    def weigh(self, size: int) -> None:
        """So many bytes are kept of it."""
        self.size = size

    def vanish(self, now: float) -> None:
        """Its sound was looked for, and is not there any more as it was."""
        self.gone_at = self.gone_at or now

    def reappear(self) -> None:
        """Its sound is there again."""
        self.gone_at = None

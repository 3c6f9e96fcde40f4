"""The formats a sound can be had in: the one it is kept in, and others, made of that when somebody first asks."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from segue.audio.containers import AUDIO_TYPES
from segue.errors import NoSuchFormat
from segue.media import Media

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Format:
    """What links, people and browsers call it."""

    name: str
    title: str
    media_type: str


FORMATS = {
    extension[1:]: Format(extension[1:], title, media_type) for title, (media_type, extension) in AUDIO_TYPES.items()
}


def others(key: str) -> list[Format]:
    """The formats that the sound kept as `key` is not in."""
    return [other for name, other in FORMATS.items() if name != _name(key)]


def in_format(key: str, name: str, media: Media) -> tuple[str, Format, int]:
    """The sound kept as `key` in the format of that name: the key it has so, the format, and the bytes that were added.

    Once it is made, it is beside the original. Raises NoSuchFormat, and MediaError where it cannot be stored.
    """
    if name not in FORMATS:
        *most, last = [known.title for known in FORMATS.values()]
        raise NoSuchFormat(f"A clip can be had as {', '.join(most)} or {last}.")
    if name == _name(key):
        return key, FORMATS[name], 0
    other = f"{key.rpartition('.')[0]}.{name}"
    return other, FORMATS[name], media.made(other, lambda: _converted(key, FORMATS[name], media))


def _name(key: str) -> str:
    return key.rpartition(".")[2]


def _converted(key: str, wanted: Format, media: Media) -> bytes:
    from segue.audio.files import UnreadableAudio, converted_audio

    try:
        with media.local(key) as original:
            return converted_audio(original, f".{wanted.name}")
    except UnreadableAudio as error:
        log.warning("not to be had as %s: %s", wanted.title, error)
        raise NoSuchFormat(f"This clip cannot be had as {wanted.title}. Go back and take another format.") from error

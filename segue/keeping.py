"""Keeping what a prediction made: fetched, checked to be what it claims, stored."""

from __future__ import annotations

import hashlib
import logging
import re
from pathlib import Path
from typing import BinaryIO

from segue.media import Media
from segue.models import ID_ALPHABET, ID_LENGTH, Clip, Kept
from segue.providers.base import Output, Provider, ProviderError, Spoilt

FILE = re.compile(rf"[{ID_ALPHABET}]{{2}}/([{ID_ALPHABET}]{{{ID_LENGTH}}})/([a-z]+\.[a-z0-9]+)")
"""A clip's file in media: its clip's id, and its name. What else there is may be anybody's."""
PICTURE_TRIES = 2
"""The sound is what counts: nobody waits for long because of its picture."""
DRAWN_SECONDS = 5.12
"""What a picture shows: two bars."""

log = logging.getLogger(__name__)


def held(clip_id: str, media: Media) -> int:
    """The bytes that are kept of a clip, with all that was made of it. Raises MediaError."""
    return sum(file.size for file in media.files(folder(clip_id)))


def keep_audio(clip: Clip, provider: Provider, output: Output, media: Media) -> tuple[Kept, float]:
    """Store the audio. Returns where it is, and its length in seconds. Raises ProviderError, MediaError."""
    from segue.audio.files import UnreadableAudio, probe_audio

    with media.draft() as draft:
        _fetch(provider, output, draft)
        try:
            info = probe_audio(Path(draft.name))
        except UnreadableAudio as error:
            log.warning("audio unreadable: %s", error)
            raise Spoilt(f"What {provider.title} sent as audio cannot be played.", permanent=False) from error
        return _put(media, _key(clip, "audio", info.extension), info.media_type, draft), info.duration


def keep_spectrogram(clip: Clip, provider: Provider, output: Output | None, audio: Kept, media: Media) -> Kept:
    """Store the picture; where it is missing or spoilt, it is drawn from the kept audio instead."""
    from segue.audio.files import UnreadablePicture, probe_picture

    for _ in range(PICTURE_TRIES):
        if output is None:
            break
        try:
            with media.draft() as draft:
                _fetch(provider, output, draft)
                info = probe_picture(Path(draft.name))
                return _put(media, _key(clip, "spectrogram", info.extension), info.media_type, draft)
        except (ProviderError, UnreadablePicture) as error:
            log.warning("the picture cannot be kept: %s", error)
    return drawn(clip, audio, media)


def drawn(clip: Clip, audio: Kept, media: Media) -> Kept:
    """Store a picture of the kept audio. Raises MediaError."""
    from segue.audio.files import probe_picture, read_mono
    from segue.audio.spectrogram import encode_picture

    with media.local(audio.key) as sound:
        samples, rate = read_mono(sound, DRAWN_SECONDS)
    with media.draft() as draft:
        draft.write(encode_picture(samples, rate))
        draft.flush()
        info = probe_picture(Path(draft.name))
        return _put(media, _key(clip, "spectrogram", info.extension), info.media_type, draft)


def _fetch(provider: Provider, output: Output, draft: BinaryIO) -> None:
    provider.fetch(output, draft)
    draft.flush()


def _put(media: Media, key: str, media_type: str, draft: BinaryIO) -> Kept:
    with Path(draft.name).open("rb") as written:
        digest = hashlib.file_digest(written, "sha256").hexdigest()
        size = written.tell()
    media.put(key, draft)
    return Kept(key, media_type, digest, size)


def _key(clip: Clip, what: str, extension: str) -> str:
    """`extension` comes with its dot."""
    return f"{folder(clip.id)}/{what}{extension}"


def folder(clip_id: str) -> str:
    """Where in media all that is kept of a clip is."""
    return f"{clip_id[:2]}/{clip_id}"

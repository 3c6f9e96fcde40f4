"""Bundles: several clips as one zip file, made while it is sent. Sound and pictures are stored as they are."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from segue.media import Media
from segue.models import Clip
from segue.web.forms import RECIPE_FIELDS
from segue.web.names import file_name

if TYPE_CHECKING:
    from zipstream import ZipStream


def bundle(clips: Iterable[Clip], media: Media) -> ZipStream:
    """A folder for each clip: its sound, its picture and its recipe. What is no longer in media is left out.

    Its length in bytes is known beforehand.
    """
    from zipstream import ZIP_STORED, ZipStream

    stream = ZipStream(compress_type=ZIP_STORED, sized=True)
    taken: set[str] = set()
    for clip in clips:
        folder = file_name(clip, "zip").removesuffix(".zip")
        folder = f"{folder}_{clip.id}" if folder in taken else folder
        taken.add(folder)
        for name, key in (("audio", clip.audio), ("picture", clip.spectrogram)):
            if key and (file := media.find(key)):
                stream.add(file.chunks(), f"{folder}/{name}.{key.rpartition('.')[2]}", size=file.size)
        stream.add(_recipe(clip), f"{folder}/recipe.json")
    return stream


def _recipe(clip: Clip) -> str:
    facts = {name: getattr(clip, name) for name in RECIPE_FIELDS}
    facts |= {"title": clip.title, "notes": clip.notes, "tags": clip.tags, "heard": clip.heard, "id": clip.id}
    return json.dumps(facts, ensure_ascii=False, indent=2) + "\n"

"""Cards: what is drawn for a clip, on machines with whatever fonts."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from segue.cards.drawing import drawn
from segue.cards.fonts import BUILT_IN, Typeface, typefaces
from segue.cards.lettering import Lettering, letter
from segue.colours import Blend

ARABIC, JAPANESE = "موسيقى هادئة", "東京の夜"
LONG = "a slow and foggy harbour in the morning with an accordion far away " * 7


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A spectrogram of noise, which no picture is harder to pack than."""
    path = tmp_path_factory.mktemp("cards") / "spectrogram.png"
    grey = np.random.default_rng(5).integers(0, 256, (512, 512), dtype=np.uint8)
    Image.fromarray(grey).save(path)
    return path


def _seen(card: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    with Image.open(io.BytesIO(card)) as image:
        assert (image.format, image.size) == ("JPEG", (1200, 630))
        return np.asarray(image.convert("RGB")).astype(np.int16)


def _written(*prompts: str, faces: Sequence[Typeface] = (BUILT_IN,), shapes: bool | None = None) -> list[str | None]:
    return [lettering.text if lettering else None for lettering in letter(prompts, faces, shapes)]


@pytest.mark.parametrize(
    "prompts",
    [
        ("church bells", "jazz"),
        ("bells", ""),
        ("<script>alert(1)</script>", "\"&'</title>"),
        (ARABIC, JAPANESE),
        (LONG, LONG),
        ("x" * 500, ""),
        ("🎸", "🥁🥁"),
    ],
)
def test_a_card_of_any_prompts_is_small(picture: Path, prompts: tuple[str, str]) -> None:
    card = drawn(*prompts, 0.3, picture)
    _seen(card)
    assert len(card) < 300_000


def test_a_card_differs_by_prompt_by_alpha_and_by_sound(picture: Path, tmp_path: Path) -> None:
    quiet = tmp_path / "quiet.png"
    Image.new("L", (512, 512), 255).save(quiet)
    cards = {
        drawn("bells", "jazz", 0.3, picture),
        drawn("bells", "funk", 0.3, picture),
        drawn("bells", "jazz", 0.8, picture),
        drawn("bells", "", 0.3, picture),
        drawn("bells", "jazz", 0.3, quiet),
    }
    assert len(cards) == 5


def test_each_prompt_is_written_in_its_own_colour(tmp_path: Path) -> None:
    silence = tmp_path / "silence.png"
    Image.new("L", (512, 512), 255).save(silence)
    card = _seen(drawn("bells", "jazz", 0.5, silence))
    blend = Blend.of("bells", "jazz", 0.5)
    top, bottom = card[142:262, 72:400], card[270:384, 200:500]
    for part, other, share in ((top, bottom, 0), (bottom, top, 1)):
        away = np.abs(part - np.array(blend.at(share, 0.87, 0.115))).max(axis=2)
        elsewhere = np.abs(other - np.array(blend.at(share, 0.87, 0.115))).max(axis=2)
        assert (away < 12).sum() > 1000
        assert (elsewhere < 12).sum() < 50


def test_the_picture_takes_the_clips_colours(picture: Path) -> None:
    def hues(prompt_a: str, prompt_b: str) -> float:
        band = _seen(drawn(prompt_a, prompt_b, 0.5, picture))[440:]
        red, green, blue = band.reshape(-1, 3).mean(axis=0)
        return float(np.arctan2(green - blue, red - green))

    assert hues("bells", "") == pytest.approx(hues("bells", ""), abs=1e-9)
    assert abs(hues("bells", "") - hues("typing", "")) > 0.2


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("90's rap & soul", "90's rap & soul"),
        ("Motörhead – live", "Motorhead - live"),
        ("Żółć, Straße", "Zolc, Strasse"),
    ],
)
def test_a_machine_without_fonts_writes_plain_letters(text: str, written: str) -> None:
    assert _written(text) == [written]


def test_accents_are_kept_where_a_typeface_has_them() -> None:
    face = next((face for face in typefaces() if face.writes("naïve café")), None)
    if face is None:
        pytest.skip("no typeface here has accents")
    assert _written("naïve café", faces=[BUILT_IN, face]) == ["naïve café"]


@pytest.mark.parametrize("text", [ARABIC, JAPANESE, "עברית", "ไทย"])
def test_what_no_typeface_has_is_not_written_as_boxes(text: str) -> None:
    assert _written("jazz", text) == ["jazz", None]
    assert _written("jazz", text, shapes=False) == ["jazz", None]


def test_emoji_are_left_out_where_no_typeface_has_them() -> None:
    assert _written("emo 🎸 guitar", "👩\u200d🎤") == ["emo guitar", None]


def test_letters_that_want_joining_are_left_to_those_who_can_join() -> None:
    face = next((face for face in typefaces() if face.writes(ARABIC)), None)
    if face is None:
        pytest.skip("no typeface here has Arabic letters")
    assert _written(ARABIC, faces=[face], shapes=False) == [None]


def test_a_file_that_is_no_typeface_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "fake.ttf").write_bytes(b"no typeface")
    faces = list(typefaces([tmp_path]))
    assert [face.writes("jazz") for face in faces] == [True, False]


@pytest.mark.parametrize("text", [LONG, "x" * 500])
def test_a_long_prompt_is_cut_and_says_so(text: str) -> None:
    lettering = Lettering(text, BUILT_IN, None)
    lines = lettering.shortened(48, 1000, 2)
    assert len(lines) == 2
    assert lines[-1].endswith("...")
    assert lettering.width(lines, 48) <= 1000


@pytest.mark.parametrize("content", [b"no picture", b""])
def test_a_spoilt_picture_is_an_error_of_its_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "spoilt.png").write_bytes(content)
    with pytest.raises(OSError):
        drawn("bells", "jazz", 0.3, tmp_path / "spoilt.png")

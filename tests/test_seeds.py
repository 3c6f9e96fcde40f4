"""Seeds as sound: made again when the band has changed, and only then."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SCRIPT = """
import sys
from pathlib import Path
from segue import seeds
from segue.media import Folder

media = Folder(Path(sys.argv[1]))
media.prepare()
print(seeds.audio("og_beat", media))
"""


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the program, to be changed."""
    shutil.copytree(ROOT / "segue", tmp_path / "segue", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def _made(house: Path) -> str:
    made = [sys.executable, "-c", SCRIPT, str(house / "media")]
    return subprocess.run(made, cwd=house, check=True, capture_output=True, text=True).stdout.strip()


@pytest.mark.parametrize("part", ["sketch/__init__.py", "audio/grid.py", "sketch/of_its_own.toml"])
def test_a_changed_band_is_heard(house: Path, part: str) -> None:
    before = _made(house)
    with (house / "segue" / part).open("a") as file:
        file.write("\n# another band\n")
    assert _made(house) != before
    assert len(list((house / "media" / "seeds").rglob("*.flac"))) == 2


@pytest.mark.parametrize("part", ["web/seeds.py", "sketch/__pycache__/of_old.cpython-39.pyc"])
def test_a_band_that_is_the_same_is_not_asked_again(house: Path, part: str) -> None:
    before = _made(house)
    file = house / "media" / before
    made_at = file.stat().st_mtime_ns
    other = house / "segue" / part
    other.parent.mkdir(exist_ok=True)
    with other.open("a") as changed:
        changed.write("\n# something else\n")
    assert _made(house) == before
    assert file.stat().st_mtime_ns == made_at

"""The house: arrows go one way, and heavy things are loaded only where they are needed."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

MAY_NOT_IMPORT = {
    "segue/providers": ("flask", "segue.models", "segue.clips", "segue.web", "segue.db", "segue.media", "segue.parts"),
    "segue/sketch": ("flask", "sqlalchemy", "requests"),
    "segue/audio": ("flask", "sqlalchemy", "requests", "segue.sketch"),
    "segue/recipe.py": ("flask", "sqlalchemy", "pydantic"),
    "segue/models": ("flask", "segue.clips", "segue.web", "segue.providers", "segue.media"),
    "segue/media": ("flask", "sqlalchemy", "segue.models", "segue.clips", "segue.web", "segue.providers"),
    "segue/formats.py": ("flask", "sqlalchemy", "segue.models", "segue.clips", "segue.web", "segue.providers"),
    "segue/cards": ("flask", "sqlalchemy", "segue.clips", "segue.web", "segue.providers"),
    "segue/colours.py": ("flask", "sqlalchemy", "PIL", "segue.models", "segue.clips", "segue.web", "segue.providers"),
    "segue/seeds.py": ("flask", "sqlalchemy", "segue.models", "segue.clips", "segue.web", "segue.providers"),
    "segue/patience.py": ("flask", "segue.clips", "segue.web"),
    "segue/pace.py": ("flask", "segue.clips", "segue.runs", "segue.web"),
    "segue/leases.py": ("flask", "segue.clips", "segue.runs", "segue.web", "segue.providers"),
    "segue/runs.py": ("flask", "huey", "segue.web", "segue.jobs", "segue.parts", "segue.clips"),
    "segue/shares.py": ("flask", "sqlalchemy", "pydantic", "segue"),
    "segue/keys.py": ("flask", "sqlalchemy", "pydantic", "segue"),
    "segue/home.py": ("flask", "click", "sqlalchemy", "segue.models", "segue.web", "segue.parts", "segue.cli"),
    "segue/naming.py": ("flask", "sqlalchemy", "segue.models", "segue.web", "segue.parts"),
    "segue/dangers.py": ("flask", "sqlalchemy", "segue.models", "segue.web", "segue.parts"),
    "segue/metrics.py": ("flask", "segue.web", "segue.members"),
    "segue/wires.py": ("flask", "sqlalchemy", "segue"),
    "segue/bodies.py": ("flask", "sqlalchemy", "segue"),
    "segue/web/guards.py": ("flask", "sqlalchemy", "segue"),
    "segue/web/below.py": ("flask", "sqlalchemy", "segue"),
    "segue/web/hosts.py": ("flask", "sqlalchemy", "segue.models", "segue.clips", "segue.parts"),
    "segue/web/peers.py": ("sqlalchemy", "segue.models", "segue.clips"),
    "segue/web/answers.py": ("flask", "sqlalchemy", "segue"),
    "segue/web/watching.py": ("sqlalchemy", "segue.models", "segue.clips", "segue.parts"),
    "segue/limits.py": ("flask", "segue.clips", "segue.runs", "segue.web", "segue.providers"),
    "segue/clips.py": ("flask", "huey", "segue.web", "segue.jobs", "segue.parts"),
    "segue/logs.py": ("flask", "sqlalchemy", "segue.models"),
    "segue/findings.py": ("flask", "sqlalchemy", "segue"),
    "segue/reach.py": ("flask", "click", "sqlalchemy", "segue.web", "segue.cli"),
    "segue/doctor.py": ("flask", "click", "segue.web", "segue.cli"),
    "segue/jobs.py": ("flask", "segue.web"),
    "segue/queues.py": ("flask", "sqlalchemy", "segue.web", "segue.clips", "segue.models"),
    "segue/addresses.py": ("flask", "sqlalchemy", "pydantic", "segue"),
    "segue/sqlite.py": ("flask", "segue"),
    "segue/postgres.py": ("flask", "segue.db", "segue.models", "segue.web"),
    "segue/db.py": ("flask", "huey", "segue.models", "segue.clips", "segue.web"),
    "segue/shelf.py": ("flask", "segue.web", "segue.clips", "segue.library", "segue.parts"),
    "segue/usage.py": ("flask", "segue.web", "segue.clips", "segue.parts"),
    "segue/members.py": ("flask", "segue.web", "segue.clips", "segue.parts"),
    "segue/passwords.py": ("flask", "sqlalchemy", "segue.models"),
    "segue/library.py": ("flask", "segue.web", "segue.clips", "segue.parts"),
    "segue/family.py": ("flask", "segue.web", "segue.clips", "segue.parts"),
    "segue/storage.py": ("flask", "segue.web", "segue.clips", "segue.parts"),
    "segue/belonging.py": ("flask", "click", "segue.web", "segue.clips", "segue.parts", "segue.cli"),
    "segue/inventory.py": ("flask", "click", "segue.web", "segue.clips", "segue.parts", "segue.cli"),
    "segue/backups.py": ("flask", "click", "segue.web", "segue.clips", "segue.parts", "segue.cli"),
    "segue/restoring.py": ("flask", "click", "segue.web", "segue.clips", "segue.parts", "segue.cli"),
    "segue/web/sending.py": ("sqlalchemy", "segue.models", "segue.clips", "segue.library"),
    "segue/web/bundles.py": ("flask", "sqlalchemy", "segue.clips", "segue.parts", "segue.library"),
    "segue/web/details.py": ("sqlalchemy", "segue.clips", "segue.library"),
    "segue/web/library.py": ("sqlalchemy", "zipstream", "segue.clips"),
    "segue/web/joining.py": ("flask", "sqlalchemy", "segue"),
    "segue/web/packing.py": ("sqlalchemy", "segue"),
    "segue/web/assets.py": ("sqlalchemy", "segue.models", "segue.clips", "segue.parts"),
    "segue/web/installation.py": ("sqlalchemy", "segue.models", "segue.clips", "segue.parts"),
    "segue/web/throttle.py": ("sqlalchemy", "segue.parts", "segue.clips", "segue.library"),
    "segue/web/onward.py": ("sqlalchemy", "segue"),
    "segue/web/stops.py": ("segue.models", "segue.clips", "segue.parts"),
}
OWN_ONLY = {"segue/sketch": ("segue.sketch", "segue.audio"), "segue/audio": ("segue.audio",)}
LOUD = (
    "numpy",
    "scipy",
    "soundfile",
    "PIL",
    "requests",
    "alembic",
    "argon2",
    "authlib",
    "limits",
    "zipstream",
    "boto3",
    "botocore",
    "prometheus_client",
)


def _imports(place: str) -> Iterator[tuple[Path, str]]:
    path = ROOT / place
    for file in [path] if path.suffix else sorted(path.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from ((file, name.name) for name in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield file, node.module
                yield from ((file, f"{node.module}.{name.name}") for name in node.names)


def _below(name: str, roots: tuple[str, ...]) -> bool:
    return any(name == root or name.startswith(root + ".") for root in roots)


@pytest.mark.parametrize("place", MAY_NOT_IMPORT)
def test_arrows_go_one_way(place: str) -> None:
    wrong = [(file.name, name) for file, name in _imports(place) if _below(name, MAY_NOT_IMPORT[place])]
    assert wrong == []


@pytest.mark.parametrize("place", OWN_ONLY)
def test_the_sound_knows_nothing_of_the_rest(place: str) -> None:
    ours = [(file.name, name) for file, name in _imports(place) if name.startswith("segue")]
    assert [found for found in ours if not _below(found[1], OWN_ONLY[place])] == []


def test_only_the_settings_read_the_environment() -> None:
    readers = {
        file.name
        for file in (ROOT / "segue").rglob("*.py")
        if re.search(r"os\.environ|getenv", file.read_text(encoding="utf-8"))
    }
    assert readers == {"environment.py"}


def test_a_studio_that_starts_loads_nothing_heavy(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from segue import create_app\nfrom segue.config import Settings\n"
        f"settings = Settings.load({{'SEGUE_DATA': {str(tmp_path)!r}}})\n"
        "create_app(settings)\n"
        "if len(sys.argv) > 1: print(*sorted(set(sys.argv[1:]) & set(sys.modules)))\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)
    again = subprocess.run([sys.executable, "-c", script, *LOUD], cwd=ROOT, check=True, capture_output=True, text=True)
    assert again.stdout.strip() == ""


def test_no_module_outgrows_its_noun() -> None:
    long = {
        str(file.relative_to(ROOT)): lines
        for file in (ROOT / "segue").rglob("*.py")
        if (lines := len(file.read_text(encoding="utf-8").splitlines())) > 300
    }
    assert long == {}


def test_every_test_that_the_security_page_names_is_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs" / "security.md").read_text(encoding="utf-8")))
    there = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert len(named) > 40
    assert named - there == set()

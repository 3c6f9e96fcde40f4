"""Real servers from Debian's packages for the tests; as a program, installing those that are not there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

DEBIAN = Path("/usr/lib/postgresql")
PROGRAMS = {"initdb": "postgresql", "postgres": "postgresql", "redis-server": "redis-server"}
"""What is run, and the package it comes in."""


def find(program: str) -> str | None:
    """The path of a program on this machine, the newest there is, or None."""
    versions = sorted(DEBIAN.glob("*/bin"), key=lambda path: int(path.parent.name.split(".")[0]), reverse=True)
    places = os.pathsep.join([*map(str, versions), os.defpath, os.environ.get("PATH", ""), "/usr/sbin"])
    return shutil.which(program, path=places)


def program(name: str) -> str:
    """The path of a program that has to be there."""
    path = find(name)
    assert path, f"The tests need {name}: install {PROGRAMS[name]}, or run make setup-dev as root on Debian or Ubuntu."
    return path


def get(packages: list[str]) -> None:
    """Install packages where we may."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        silent = subprocess.DEVNULL
        subprocess.run(["apt-get", *command], check=False, env=quiet, stdout=silent, stderr=silent)


if __name__ == "__main__":
    if missing := sorted({package for name, package in PROGRAMS.items() if not find(name)}):
        get(missing)
    if still := sorted({package for name, package in PROGRAMS.items() if not find(name)}):
        sys.exit(f"The tests need {' and '.join(still)}: install what they are called here, then run make test again.")
    print("Tests will use", ", ".join(filter(None, map(find, PROGRAMS))))

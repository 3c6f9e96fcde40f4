"""Ask pypi.org whether anything Segue is built on has a known weakness: what is required, and what that brings along.

Ends with 0 when nothing is known, 1 when something is, and 2 when nobody could be asked.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
COMMAND = ["-m", "pip_audit", "--format", "json", "--progress-spinner", "off", "--disable-pip", "--no-deps"]
PINNED = ("requirements.txt", "requirements-dev.txt", "constraints.txt")


def main() -> int:
    files = [part for name in PINNED for part in ("-r", str(ROOT / name))]
    asked = subprocess.run([sys.executable, *COMMAND, *files], capture_output=True, text=True, check=False)  # noqa: S603
    try:
        packages: list[dict[str, Any]] = json.loads(asked.stdout)["dependencies"]
    except (ValueError, KeyError):
        reason = (asked.stderr.strip().splitlines() or ["it said nothing"])[-1]
        print(f"Nobody was asked: pip-audit did not get through to pypi.org ({reason[:200]}).", file=sys.stderr)
        return 2
    weak = {f"{each['name']} {each['version']}": each["vulns"] for each in packages if each.get("vulns")}
    for name, weaknesses in weak.items():
        for one in weaknesses:
            mended = ", ".join(one["fix_versions"]) or "no version yet"
            print(f"{name} has {one['id']}, mended in {mended}: {' '.join(one['description'].split())[:200]}")
    if unknown := [each["name"] for each in packages if "skip_reason" in each]:
        print(
            f"Not asked about: pypi.org, or what stands for it here, does not know {', '.join(unknown)}.",
            file=sys.stderr,
        )
        return 2
    print(f"{len(packages)} packages, {len(weak)} with known weaknesses.")
    return 1 if weak else 0


if __name__ == "__main__":
    sys.exit(main())

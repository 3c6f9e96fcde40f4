"""The long run: `python -m tests.soak`, with SOAK_SECONDS from the environment if they are set."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from tests.soak.checks import troubles
from tests.soak.run import soak

SECONDS = 600.0


def main() -> int:
    folder = Path(tempfile.mkdtemp(prefix="segue-soak-"))
    with soak(float(os.environ.get("SOAK_SECONDS") or SECONDS), folder) as outcome:
        print(outcome.table, flush=True)
        found = troubles(outcome)
    if found:
        print("\n".join(["", *found, "", f"Logs and data: {folder}"]), file=sys.stderr)
        return 1
    shutil.rmtree(folder)
    print("\nAll is well.")
    return 0


if __name__ == "__main__":
    sys.exit(main())

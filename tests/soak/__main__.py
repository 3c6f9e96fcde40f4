"""The long run: `python -m tests.soak`, with SOAK_SECONDS from the environment if they are set."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from tests.soak.run import soak

SECONDS = 600.0


def main() -> int:
    folder = Path(tempfile.mkdtemp(prefix="segue-soak-"))
    outcome = soak(float(os.environ.get("SOAK_SECONDS") or SECONDS), folder)
    print(outcome.table, flush=True)
    if outcome.troubles:
        print("\n".join(["", *outcome.troubles, "", f"Logs: {folder}"]), file=sys.stderr)
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())

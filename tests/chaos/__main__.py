"""The long run: `python -m tests.chaos`, with CHAOS_SEED and CHAOS_CLIPS from the environment if they are set."""

import shutil
import sys
import tempfile
from pathlib import Path

from tests.chaos import run
from tests.chaos.checks import troubles
from tests.chaos.figures import table

CLIPS = 500
PEACE = 180.0
"""Seconds in which everything comes to an end once all is well: a lost run is looked for during a minute, a lease runs
out after ten seconds, the longest pause is thirty, and recovery comes by every minute."""


def main() -> int:
    seed, clips = run.seed(), run.clips(CLIPS)
    print(f"Chaos: {clips} clips, seed {seed}.", flush=True)
    folder = Path(tempfile.mkdtemp(prefix="segue-chaos-"))
    with run.chaos(seed, clips, folder, PEACE, PEACE) as outcome:
        print(table(outcome), flush=True)
        found = troubles(outcome)
    if found:
        print("\n".join(["", *found, "", f"Logs and data: {folder}", outcome.replay]), file=sys.stderr)
        return 1
    shutil.rmtree(folder)
    print("\nAll is well.")
    return 0


if __name__ == "__main__":
    sys.exit(main())

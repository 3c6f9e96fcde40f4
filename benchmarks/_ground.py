"""What the benchmarks share: the studio's code within reach, the cost of a process, and how figures are told."""

from __future__ import annotations

import os
import platform
import statistics
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

TICKS = os.sysconf("SC_CLK_TCK")


def processes(pid: int) -> list[int]:
    """A process and all its descendants. Linux only, as everything here that counts a process's cost."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        # Threads come and go while they are counted.
        with suppress(FileNotFoundError, ProcessLookupError):
            for child in (task / "children").read_text().split():
                found += processes(int(child))
    return found


def cpu_seconds(pid: int) -> float:
    """The processor time a process and its descendants have used."""
    return sum(_cpu_seconds(each) for each in processes(pid))


def megabytes(pid: int) -> float:
    """The memory of a process and its descendants, what they share counted once (PSS), in MB of a million bytes."""
    return sum(_pss(each) for each in processes(pid)) / 1e6


def machine() -> str:
    """One line about where the figures come from."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} x {model}, Python {platform.python_version()}, load {load:.1f} at the start"


def tell(what: str, figure: float, unit: str, aim: str = "", digits: int = 2) -> None:
    """One line of a report."""
    print(f"{what:<58}{figure:>10.{digits}f} {unit:<10}{aim}", flush=True)


def middle(figures: Sequence[float]) -> float:
    return statistics.median(figures)


def spread(figures: Sequence[float]) -> str:
    return f"{min(figures):.2f} to {max(figures):.2f}"


def _cpu_seconds(pid: int) -> float:
    # The name in the second field may hold anything, so count from the bracket that closes it.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _pss(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))

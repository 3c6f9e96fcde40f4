"""What Lighthouse says of the studio and a clip's page, on the slow phone it pretends to be.

Lighthouse comes from npm and goes into a folder among the temporary files, which is there the next time. Where there is
no npm, or no way to it, this says so.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from _ground import machine, middle, tell

from tests.browser.chromium import find
from tests.serving import Serving
from tests.visitor import Visitor

AIMS = {"performance": 98, "accessibility": 100, "best-practices": 100}
RUNS = 3
INSTALL_PATIENCE = 300.0
RUN_PATIENCE = 120.0
FLAGS = "--headless=new --no-sandbox --disable-quic --disable-background-networking --disable-component-update"


def main() -> None:
    print(f"Lighthouse: the middle of {RUNS} runs a page. {machine()}")
    lighthouse = installed()
    if lighthouse is None:
        print("Lighthouse cannot be installed here: it takes npm, and a way to its registry.")
        return
    with tempfile.TemporaryDirectory() as folder, Serving(Path(folder) / "data") as studio:
        visitor = Visitor(studio.address)
        clip = visitor.blend(prompt_a="church bells", prompt_b="late night jazz")
        visitor.wait(clip)
        for name, address in (("studio", studio.address), ("clip", f"{studio.address}/clips/{clip}")):
            judge(name, [run(lighthouse, address, Path(folder) / "report.json") for _ in range(RUNS)])


def installed() -> Path | None:
    """Lighthouse's program, or None."""
    npm, home = shutil.which("npm"), Path(tempfile.gettempdir()) / "segue-lighthouse"
    program = home / "node_modules" / ".bin" / "lighthouse"
    if program.exists():
        return program
    if npm is None:
        return None
    home.mkdir(exist_ok=True)
    install = [npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(home), "lighthouse"]
    try:
        subprocess.run(install, check=True, timeout=INSTALL_PATIENCE, stdout=subprocess.DEVNULL)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return None
    return program


def run(lighthouse: Path, address: str, report: Path) -> dict[str, Any]:
    """One report."""
    output = ["--output=json", f"--output-path={report}"]
    only = f"--only-categories={','.join(AIMS)}"
    command: list[str | Path] = [lighthouse, address, "--quiet", *output, f"--chrome-flags={FLAGS}", only]
    environ = {**os.environ, "CHROME_PATH": str(find())}
    subprocess.run(command, env=environ, check=True, timeout=RUN_PATIENCE, stdout=subprocess.DEVNULL)
    found: dict[str, Any] = json.loads(report.read_text("utf-8"))
    return found


def judge(name: str, reports: list[dict[str, Any]]) -> None:
    for category, aim in AIMS.items():
        scores = [each["categories"][category]["score"] * 100 for each in reports]
        tell(f"{name}: {category}", middle(scores), "", f"aim: {aim}", 0)
    audits = reports[-1]["audits"]
    for metric in (
        "first-contentful-paint",
        "largest-contentful-paint",
        "total-blocking-time",
        "cumulative-layout-shift",
    ):
        print(f"  {audits[metric]['title']}: {audits[metric]['displayValue']}")
    for category in AIMS:
        for part in reports[-1]["categories"][category]["auditRefs"]:
            audit = audits[part["id"]]
            if part["weight"] and audit["score"] is not None and audit["score"] < 0.9:
                print(f"  it minds: {audit['title']} {audit.get('displayValue', '')}")


if __name__ == "__main__":
    main()

"""Commands as people type them, each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.servers.gateway import Replicate
from tests.servers.upstream import Upstream
from tests.serving import ROOT


def settings_for(upstream: Upstream) -> dict[str, str]:
    """What turns on the provider that `upstream` plays."""
    replicate = isinstance(upstream.gateway, Replicate)
    key, url = (
        ("REPLICATE_API_TOKEN", "SEGUE_REPLICATE_URL") if replicate else ("SEGUE_CHAINHUB_KEY", "SEGUE_CHAINHUB_URL")
    )
    return {key: upstream.gateway.key, url: upstream.gateway.base, "SEGUE_FILE_HOSTS": upstream.files.netloc}


@contextmanager
def running(
    data: Path, settings: Mapping[str, str], *words: str, stderr: int = subprocess.PIPE
) -> Iterator[subprocess.Popen[bytes]]:
    """`flask --app app WORDS`, begun, with only the settings given; whatever happens, it does not stay."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("SEGUE_", "REPLICATE_"))}
    with subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "app", *words],
        cwd=ROOT,
        env={**environ, "SEGUE_DATA": str(data), **settings},
        stdout=subprocess.PIPE,
        stderr=stderr,
    ) as process:
        try:
            yield process
        finally:
            process.kill()

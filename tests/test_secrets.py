"""A studio with every secret set, and much going wrong: no secret is printed, logged, shown or kept anywhere."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import requests

from segue import keys
from segue.config import Settings
from tests.servers import behaviours, shapes
from tests.servers.upstream import Upstream
from tests.serving import ROOT, Serving
from tests.terminal import settings_for
from tests.visitor import Visitor

NOBODY = "127.0.0.1:9"
SECRETS = {
    "REPLICATE_API_TOKEN": "r8_nobody-may-see-this",
    "SEGUE_OIDC_CLIENT_SECRET": "between-us-and-the-issuer",
    "SEGUE_METRICS_TOKEN": "prometheus-and-nobody-else",
    "SEGUE_SECRET_KEY": f"{keys.fresh()} {keys.fresh()}",
}
WRONG_DOORS = {
    "SEGUE_REPLICATE_URL": f"http://{NOBODY}/v1",
    "SEGUE_OIDC_ISSUER": f"http://{NOBODY}",
    "SEGUE_OIDC_CLIENT_ID": "segue",
}
UNREACHED = {
    "SEGUE_DATABASE_URL": f"postgresql://segue:of-the-database@{NOBODY}/segue",
    "SEGUE_QUEUE_URL": f"redis://:of-the-queue@{NOBODY}",
    "AWS_SECRET_ACCESS_KEY": "of-the-bucket",
    "AWS_SESSION_TOKEN": "of-the-session",
}
"""Secrets of servers without which a studio does not start."""
PASSWORDS = ("of-the-database", "of-the-queue", "of-the-bucket", "of-the-session")
PAGES = ("/", "/nothing", "/sign-in/oidc", "/sign-in/oidc/back?code=x&state=y", "/readyz", "/metrics", "/usage")
COMMANDS = (["doctor"], ["rotate-key"], ["member", "list"], ["blend", "bells", "--player", "chainhub"])


def _run(environ: Mapping[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=environ, capture_output=True, text=True, check=False, timeout=90
    )


def test_every_secret_there_is_is_tried() -> None:
    secret = {field.alias for field in Settings.model_fields.values() if "SecretStr" in str(field.annotation)}
    assert secret == {*SECRETS, *UNREACHED, "SEGUE_CHAINHUB_KEY"}


@pytest.mark.parametrize("log", ["plain", "json"])
def test_no_secret_gets_out_whatever_goes_wrong(tmp_path: Path, upstream: Upstream, log: str) -> None:
    settings = SECRETS | WRONG_DOORS | settings_for(upstream) | {"SEGUE_LOG": log}
    hidden = [word for name in (*SECRETS, "SEGUE_CHAINHUB_KEY") for word in settings[name].split()]
    upstream.gateway.on_create(behaviours.answer(403, shapes.problem(f"{upstream.gateway.key} may not do that")))
    seen: list[str] = []
    with Serving(tmp_path / "data", **settings) as serving:
        visitor = Visitor(serving.address)
        lost, failed = (visitor.blend(prompt_a="bells", provider=name) for name in ("replicate", "chainhub"))
        visitor.wait(failed)
        for page in (*PAGES, *(f"/clips/{clip}{rest}" for clip in (lost, failed) for rest in ("", "/status"))):
            for headers in ({}, {"Accept": "application/json"}, {"Host": "evil.example"}):
                seen.append(visitor.http.get(serving.address + page, headers=headers, timeout=30).text)
        for words in COMMANDS:
            ended = _run(serving.environ, "-m", "flask", "--app", "app", *words)
            seen += [ended.stdout, ended.stderr]
        (tmp_path / "data" / "media" / "drafts").rename(tmp_path / "gone")
        broken = requests.get(f"{serving.address}/readyz", timeout=30)
        assert broken.status_code == 503
        seen.append(broken.text)
        seen.append(serving.log.read_text())
    seen += [path.read_text(errors="replace") for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert any("[key]" in text for text in seen), "something tried to tell"
    assert not [secret for secret in hidden for text in seen if secret in text]


@pytest.mark.parametrize("name", ["SEGUE_DATABASE_URL", "SEGUE_QUEUE_URL", "SEGUE_PORT"])
def test_a_studio_that_does_not_start_tells_no_secret(tmp_path: Path, upstream: Upstream, name: str) -> None:
    told = UNREACHED | {"SEGUE_PORT": "loud", "AWS_ACCESS_KEY_ID": "segue"}
    wrong = {key: value for key, value in told.items() if key == name or key.startswith("AWS_")}
    environ = Serving(tmp_path / "data", **(SECRETS | WRONG_DOORS | settings_for(upstream) | wrong)).environ
    for words in (["app.py"], ["-m", "flask", "--app", "app", "doctor"]):
        ended = _run(environ, *words)
        assert ended.returncode != 0
        hidden = [*PASSWORDS, *(word for secret in SECRETS.values() for word in secret.split()), upstream.gateway.key]
        assert not [secret for secret in hidden if secret in ended.stdout + ended.stderr]

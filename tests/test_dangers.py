"""Settings that are dangerous together are refused; those of small and honest studios are not."""

from __future__ import annotations

import pytest

from segue.config import Settings
from segue.errors import SettingsError

ISSUER = {
    "SEGUE_OIDC_ISSUER": "https://issuer.example",
    "SEGUE_OIDC_CLIENT_ID": "segue",
    "SEGUE_OIDC_CLIENT_SECRET": "between the two",
}
KEYED = {"SEGUE_CHAINHUB_KEY": "chainhub-key"}


@pytest.mark.parametrize(
    ("told", "word"),
    [
        ({"SEGUE_USER_HEADER": "SegueUser"}, "SEGUE_USER_HEADER_FROM"),
        ({"SEGUE_USER_HEADER": "SegueUser", "SEGUE_USER_HEADER_FROM": "0.0.0.0/0"}, "of the internet"),
        ({"SEGUE_USER_HEADER": "SegueUser", "SEGUE_USER_HEADER_FROM": "10.0.0.5 ::/0"}, "of the internet"),
        ({"SEGUE_USER_HEADER": "SegueUser", "SEGUE_USER_HEADER_FROM": "0.0.0.0/1,128.0.0.0/1"}, "of the internet"),
        ({"SEGUE_USER_HEADER": "SegueUser", "SEGUE_USER_HEADER_FROM": "2000::/3"}, "of the internet"),
        ({"SEGUE_USER_HEADER": "Cookie", "SEGUE_USER_HEADER_FROM": "10.0.0.5"}, "anybody's browser"),
        ({"SEGUE_USER_HEADER": "Forwarded", "SEGUE_USER_HEADER_FROM": "10.0.0.5"}, "anybody's browser"),
        ({"SEGUE_OIDC_ISSUER": "https://issuer.example"}, "SEGUE_OIDC_CLIENT_SECRET"),
        (ISSUER | {"SEGUE_PUBLIC_URL": "http://segue.example.org"}, "overheard"),
        (ISSUER | {"SEGUE_OIDC_ISSUER": "http://issuer.example"}, "overheard"),
        (KEYED | {"SEGUE_OPEN": "yes"}, "SEGUE_STUDIO_LIMITS"),
        (KEYED | {"SEGUE_OPEN": "yes", "SEGUE_STUDIO_LIMITS": "running=4"}, "SEGUE_STUDIO_LIMITS"),
        ({"SEGUE_MEMBER_LIMITS": "month=5"}, "SEGUE_PRICES"),
        (KEYED | {"SEGUE_MEMBER_LIMITS": "month=5", "SEGUE_PRICES": "sketch=0.01"}, "for chainhub"),
        ({"REPLICATE_API_TOKEN": "r8_token", "SEGUE_OPEN": "yes"}, "SEGUE_STUDIO_LIMITS"),
        (KEYED | {"SEGUE_OPEN": "yes", "SEGUE_STUDIO_LIMITS": "month=5", "SEGUE_PRICES": "chainhub=0"}, "for chainhub"),
        (KEYED | {"SEGUE_CHAINHUB_URL": "http://gateway.example/v1"}, "SEGUE_CHAINHUB_URL.*read on the way"),
        (KEYED | {"SEGUE_CHAINHUB_URL": "http://203.0.114.9/v1"}, "SEGUE_CHAINHUB_URL.*read on the way"),
        (
            {"REPLICATE_API_TOKEN": "r8_token", "SEGUE_REPLICATE_URL": "http://api.replicate.com/v1"},
            "SEGUE_REPLICATE_URL.*read on the way",
        ),
        (
            {"SEGUE_PUBLIC_URL": "https://segue.example.org", "SEGUE_MEDIA_PUBLIC_URL": "http://files.example.org"},
            "SEGUE_MEDIA_PUBLIC_URL",
        ),
        ({"SEGUE_METRICS_TOKEN": "short"}, "SEGUE_METRICS_TOKEN"),
        ({"SEGUE_HOSTS": "https://segue.example.org"}, "SEGUE_HOSTS"),
        ({"SEGUE_HOSTS": "*"}, "SEGUE_HOSTS"),
        ({"SEGUE_PROXIES": "all"}, "SEGUE_PROXIES"),
    ],
)
def test_what_is_dangerous_together_is_refused(told: dict[str, str], word: str) -> None:
    with pytest.raises(SettingsError, match=word) as refusal:
        Settings.load(told)
    assert "\n" not in refusal.value.message


@pytest.mark.parametrize(
    "told",
    [
        {"SEGUE_OPEN": "yes", "SEGUE_HOST": "0.0.0.0"},  # noqa: S104
        {"SEGUE_OPEN": "yes", "SEGUE_COG_URL": "http://127.0.0.1:5000"},
        KEYED | {"SEGUE_OPEN": "yes", "SEGUE_STUDIO_LIMITS": "day=50"},
        KEYED | {"SEGUE_MEMBER_LIMITS": "month=5", "SEGUE_PRICES": "chainhub=0.02"},
        {"SEGUE_PUBLIC_URL": "https://segue.example.org/"},
        {"SEGUE_MEMBER_LIMITS": "month=5", "SEGUE_PRICES": "sketch=0"},
        {"SEGUE_CHAINHUB_URL": "http://gateway.example/v1"},
        KEYED | {"SEGUE_CHAINHUB_URL": "http://10.0.0.5:8080/v1"},
        KEYED | {"SEGUE_CHAINHUB_URL": "http://gateway:8080/v1"},
        {"SEGUE_PUBLIC_URL": "http://studio.local", "SEGUE_MEDIA_PUBLIC_URL": "http://files.local:9000"},
        {"SEGUE_USER_HEADER": "SegueUser", "SEGUE_USER_HEADER_FROM": "fd00::/8 10.0.0.0/8"},
        KEYED | {"SEGUE_PUBLIC_URL": "http://studio.local:8000", "SEGUE_HOST": "0.0.0.0"},  # noqa: S104
        {"SEGUE_USER_HEADER": "SegueUser", "SEGUE_USER_HEADER_FROM": "127.0.0.1 172.16.0.0/12"},
        ISSUER | {"SEGUE_PUBLIC_URL": "https://segue.example.org", "SEGUE_PROXIES": "1"},
        ISSUER | {"SEGUE_PUBLIC_URL": "http://localhost:8000", "SEGUE_OIDC_ISSUER": "http://127.0.0.1:9000"},
    ],
)
def test_small_and_honest_studios_start(told: dict[str, str]) -> None:
    Settings.load(told)

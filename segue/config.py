"""Settings: the only reader of the environment.

Each name may also be given as NAME_FILE, a path whose content is the value (for secrets). Values come from the
environment first, then from a `.env` file in the working folder.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from dotenv.parser import parse_stream
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from segue import dangers, keys
from segue.errors import SettingsError
from segue.naming import is_address
from segue.shares import Share, prices_from, share_from

Network = IPv4Network | IPv6Network
HOST_NAME = re.compile(r"[\w.-]+")
TOKEN_LENGTH = 16
"""Characters of a token that nobody guesses while we look."""


class Settings(BaseModel):
    """How this studio runs. Field aliases are the names in the environment; unset means solo, embedded, no network."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, extra="ignore")

    data: Path = Field(Path("instance"), alias="SEGUE_DATA")
    host: str = Field("127.0.0.1", alias="SEGUE_HOST")
    port: int = Field(8000, alias="SEGUE_PORT", ge=1, le=65535)
    public_url: str | None = Field(None, alias="SEGUE_PUBLIC_URL")
    hosts: tuple[str, ...] = Field((), alias="SEGUE_HOSTS")
    proxies: int = Field(0, alias="SEGUE_PROXIES", ge=0, le=9)
    own_keys: SecretStr | None = Field(None, alias="SEGUE_SECRET_KEY")
    metrics_token: SecretStr | None = Field(None, alias="SEGUE_METRICS_TOKEN", min_length=TOKEN_LENGTH)
    chainhub_key: SecretStr | None = Field(None, alias="SEGUE_CHAINHUB_KEY")
    chainhub_url: str = Field("https://api.chainhub.tech/replicate/v1", alias="SEGUE_CHAINHUB_URL")
    replicate_key: SecretStr | None = Field(None, alias="REPLICATE_API_TOKEN")
    replicate_url: str = Field("https://api.replicate.com/v1", alias="SEGUE_REPLICATE_URL")
    cog_url: str | None = Field(None, alias="SEGUE_COG_URL")
    riffusion_url: str | None = Field(None, alias="SEGUE_RIFFUSION_URL")
    file_hosts: tuple[str, ...] = Field((), alias="SEGUE_FILE_HOSTS")
    provider: str | None = Field(None, alias="SEGUE_PROVIDER")
    log: Literal["plain", "json"] = Field("plain", alias="SEGUE_LOG")
    open: bool = Field(False, alias="SEGUE_OPEN")
    oidc_issuer: str | None = Field(None, alias="SEGUE_OIDC_ISSUER")
    oidc_client_id: str | None = Field(None, alias="SEGUE_OIDC_CLIENT_ID")
    oidc_client_secret: SecretStr | None = Field(None, alias="SEGUE_OIDC_CLIENT_SECRET")
    user_header: str | None = Field(None, alias="SEGUE_USER_HEADER", pattern=r"^[A-Za-z0-9-]+$")
    user_header_from: tuple[Network, ...] = Field((), alias="SEGUE_USER_HEADER_FROM")
    member_limits: Share = Field(Share(), alias="SEGUE_MEMBER_LIMITS")
    studio_limits: Share = Field(Share(), alias="SEGUE_STUDIO_LIMITS")
    prices: Mapping[str, float] = Field({}, alias="SEGUE_PRICES")
    currency: str = Field("$", alias="SEGUE_CURRENCY")

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Settings from `environ` (the process's, and `.env`, when None). Raises SettingsError in plain words."""
        if environ is None:
            try:
                dotenv = _dotenv(Path(".env"))
            except UnicodeDecodeError as error:
                raise SettingsError("the file .env is not written in UTF-8: save it so.") from error
            environ = {**dotenv, **os.environ}
        values = {}
        for field in cls.model_fields.values():
            name = str(field.alias)
            if value := _value(environ, name):
                values[name] = value
        try:
            settings = cls.model_validate(values)
        except ValidationError as error:
            raise SettingsError(_in_words(error.errors()[0])) from error
        dangers.refuse(settings)
        return settings

    @property
    def https(self) -> bool:
        """Whether people reach the studio by https."""
        return self.public_url is not None and self.public_url.startswith("https:")

    @property
    def file_places(self) -> list[tuple[str, int | None]]:
        """The private hosts that outputs may be fetched from, each with its port, if only that one is meant."""
        parts = [urlsplit(f"//{name}") for name in self.file_hosts]
        return [(part.hostname or "", part.port) for part in parts]

    @property
    def webhooks(self) -> str | None:
        """The address below which providers' webhooks reach us; None where they cannot: they insist on https."""
        return f"{self.public_url}/webhooks" if self.https else None

    @field_validator("file_hosts", mode="before")
    @classmethod
    def _are_hosts(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        names = tuple(value.replace(",", " ").split())
        for name in names:
            try:
                parts = urlsplit(f"//{name}")
                fine = parts.hostname and parts.netloc == name and "@" not in name and parts.port != 0
            except ValueError:
                fine = False
            if not fine:
                raise ValueError("each has to be a host such as 10.0.0.5 or files.local:9000, with a space between two")
        return names

    @field_validator("hosts", mode="before")
    @classmethod
    def _are_names(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        names = tuple(name.strip("[]").lower() for name in value.replace(",", " ").split())
        if not all(HOST_NAME.fullmatch(name) or is_address(name) for name in names):
            raise ValueError("each has to be a name such as segue.example.org, without https:// and without a port")
        return names

    @field_validator("member_limits", "studio_limits", mode="before")
    @classmethod
    def _are_limits(cls, value: object) -> object:
        return share_from(value) if isinstance(value, str) else value

    @field_validator("prices", mode="before")
    @classmethod
    def _are_prices(cls, value: object) -> object:
        return prices_from(value) if isinstance(value, str) else value

    @field_validator("user_header_from", mode="before")
    @classmethod
    def _are_networks(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return tuple(ip_network(name) for name in value.replace(",", " ").split())
        except ValueError:
            raise ValueError(
                "each has to be an address such as 10.0.0.5 or 10.0.0.0/24, with a space between"
            ) from None

    @field_validator("public_url", "chainhub_url", "replicate_url", "cog_url", "riffusion_url", "oidc_issuer")
    @classmethod
    def _is_web_address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        try:
            fine = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and "@" not in parts.netloc
        except ValueError:
            fine = False
        if not fine or parts.query or parts.fragment:
            raise ValueError("it has to be a web address such as https://example.org/path")
        return value.rstrip("/")

    @field_validator("chainhub_key", "replicate_key", "metrics_token")
    @classmethod
    def _fits_a_header(cls, value: SecretStr | None) -> SecretStr | None:
        key = value.get_secret_value() if value else ""
        if not key.isascii() or not key.isprintable() or " " in key:
            raise ValueError("a key is one word of plain letters, digits and signs; look for stray spaces or line ends")
        return value

    @field_validator("own_keys")
    @classmethod
    def _are_keys(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not keys.long_enough(value.get_secret_value().split()):
            raise ValueError(f"a key has {keys.KEY_LENGTH} characters or more, such as `openssl rand -hex 32` makes")
        return value

    @property
    def key_file(self) -> Path:
        """Where the keys are kept that sign cookies and forms, unless they are given."""
        return self.data / "secret_key"

    def secret_keys(self) -> list[str]:
        """The keys that sign cookies and forms, the newest first: those given, or those in a file for its owner only.

        The newest signs; what older ones signed is still believed.
        """
        if self.own_keys:
            return self.own_keys.get_secret_value().split()
        try:
            found = keys.kept(self.key_file)
        except OSError as error:
            raise SettingsError(
                f"it cannot write to its data folder {self.data} ({error.strerror}): "
                "make it writable, or name another one in SEGUE_DATA."
            ) from error
        if not keys.long_enough(found):
            raise SettingsError(f"{self.key_file} holds no key: remove the file, and a new one is made.")
        return found


def _dotenv(path: Path) -> dict[str, str]:
    """What a `.env` file says, if there is one. Raises SettingsError for a line that says nothing."""
    if path.is_file():
        with path.open(encoding="utf-8") as file:
            for binding in parse_stream(file):
                if binding.error:
                    raise SettingsError(f"line {binding.original.line} of the file {path} is not NAME=value.")
    return {name: value for name, value in dotenv_values(path).items() if value is not None}


def _value(environ: Mapping[str, str], name: str) -> str | None:
    """The value of `name`, or the content of the file that `name`_FILE points to; empty counts as unset."""
    if value := environ.get(name, "").strip():
        return value
    if path := environ.get(f"{name}_FILE", "").strip():
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not text"
            raise SettingsError(f"{name}_FILE names {path}, which cannot be read ({reason}).") from error
    return None


def _in_words(error: Mapping[str, Any]) -> str:
    """One sentence for the first thing wrong. The value is shown unless the setting holds a secret."""
    name = str(error["loc"][0])
    reason = error["msg"].removeprefix("Value error, ")
    if name == "SEGUE_PORT":
        reason = "it has to be a number from 1 to 65535"
    if name == "SEGUE_PROXIES":
        reason = "it has to be a number: how many web servers of yours a request passes, 0 where there are none"
    if name == "SEGUE_METRICS_TOKEN":
        reason = f"a token has {TOKEN_LENGTH} characters or more"
    if name == "SEGUE_OPEN":
        reason = "it has to be yes or no"
    if name == "SEGUE_USER_HEADER":
        reason = "it has to be the name of a header, such as X-Forwarded-User"
    if name == "SEGUE_LOG":
        reason = "it has to be plain or json"
    secret = name.endswith(("_KEY", "_TOKEN", "_SECRET")) or "@" in str(error["input"])
    shown = "" if secret else f" is {error['input']!r}, but"
    return f"the setting {name}{shown or ' is not right:'} {reason}."

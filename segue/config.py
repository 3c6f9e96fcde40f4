"""Settings: the only reader of the environment.

Each name may also be given as NAME_FILE, a path whose content is the value (for secrets). Values come from the
environment first, then from a `.env` file in the working folder.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, ValidationInfo, field_validator

from segue import addresses, dangers, environment, keys
from segue.errors import SettingsError
from segue.naming import is_address, is_loopback
from segue.shares import Share, prices_from, share_from

Network = IPv4Network | IPv6Network
HOST_NAME = re.compile(r"[\w.-]+")
TOKEN_LENGTH = 16
"""Characters of a token that nobody guesses while we look."""

BUCKET = r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._-]+)*/?$"
ALSO_CALLED = {"AWS_ENDPOINT_URL_S3": "AWS_ENDPOINT_URL", "AWS_REGION": "AWS_DEFAULT_REGION"}
"""What Amazon's own tools read where the first is not set."""
REASONS = {
    "SEGUE_PORT": "it has to be a number from 1 to 65535",
    "SEGUE_WORKERS": "it has to be a number from 0 to 64",
    "SEGUE_PROXIES": "it has to be a number: how many web servers of yours a request passes, 0 where there are none",
    "SEGUE_METRICS_TOKEN": f"a token has {TOKEN_LENGTH} characters or more, such as `openssl rand -hex 16` makes",
    "SEGUE_OPEN": "it has to be yes or no",
    "SEGUE_LOG": "it has to be plain or json",
    "SEGUE_MEDIA_URL": "it has to be a bucket such as s3://bucket/prefix",
    "SEGUE_USER_HEADER": "it has to be the name of a header of letters only, such as SegueUser: one with hyphens could "
    "be sent by anybody with underscores instead",
}
"""What is wrong, where the type alone would say it in a programmer's words."""
SIZES = {"MB": 10**6, "GB": 10**9, "TB": 10**12}


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
    database_url: SecretStr | None = Field(None, alias="SEGUE_DATABASE_URL")
    queue_url: SecretStr | None = Field(None, alias="SEGUE_QUEUE_URL")
    workers: int = Field(4, alias="SEGUE_WORKERS", ge=0, le=64)
    user_header: str | None = Field(None, alias="SEGUE_USER_HEADER", pattern=r"^[A-Za-z0-9]+$")
    user_header_from: tuple[Network, ...] = Field((), alias="SEGUE_USER_HEADER_FROM")
    member_limits: Share = Field(Share(), alias="SEGUE_MEMBER_LIMITS")
    studio_limits: Share = Field(Share(), alias="SEGUE_STUDIO_LIMITS")
    prices: Mapping[str, float] = Field({}, alias="SEGUE_PRICES")
    currency: str = Field("$", alias="SEGUE_CURRENCY")
    media_url: str | None = Field(None, alias="SEGUE_MEDIA_URL", pattern=BUCKET)
    media_public_url: str | None = Field(None, alias="SEGUE_MEDIA_PUBLIC_URL")
    storage_budget: int | None = Field(None, alias="SEGUE_STORAGE_BUDGET")
    s3_key_id: str | None = Field(None, alias="AWS_ACCESS_KEY_ID")
    s3_secret: SecretStr | None = Field(None, alias="AWS_SECRET_ACCESS_KEY")
    s3_session: SecretStr | None = Field(None, alias="AWS_SESSION_TOKEN")
    s3_endpoint: str | None = Field(None, alias="AWS_ENDPOINT_URL_S3")
    s3_region: str | None = Field(None, alias="AWS_REGION")

    slips: tuple[str, ...] = ()
    """Sentences about what looks like a setting and is none."""

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Settings from `environ` (the process's, and `.env`, when None). Raises SettingsError in plain words."""
        if environ is None:
            environ = environment.surroundings()
        names = [field.alias for field in cls.model_fields.values() if field.alias]
        values: dict[str, object] = {"slips": tuple(environment.slips(environ, names))}
        for name in names:
            if value := environment.value(environ, name) or environment.value(environ, ALSO_CALLED.get(name, "")):
                values[name] = value
        try:
            settings = cls.model_validate(values)
        except ValidationError as error:
            raise SettingsError(_in_words(error.errors()[0])) from error
        dangers.refuse(settings)
        return settings

    @property
    def database(self) -> Path | str:
        """Where the database is: a file, or a server's address."""
        return self.database_url.get_secret_value() if self.database_url else self.data / "segue.db"

    @property
    def queue(self) -> Path | str:
        """Where the queue is: a file, or a server's address."""
        return self.queue_url.get_secret_value() if self.queue_url else self.data / "queue.db"

    @property
    def secrets(self) -> list[tuple[str, str]]:
        """What may never be shown, each with its setting: keys, and the passwords in addresses."""
        inside = {"database_url": str(self.database), "queue_url": str(self.queue)}
        given = [(name, value.get_secret_value()) for name, value in self if isinstance(value, SecretStr)]
        hidden = [(name, secret) for name, secret in given if name not in inside]
        hidden += [(name, secret) for name, address in inside.items() for secret in addresses.secrets(address)]
        return [(type(self).model_fields[name].alias or name, secret) for name, secret in hidden]

    @property
    def https(self) -> bool:
        """Whether people reach the studio by https."""
        return self.public_url is not None and self.public_url.startswith("https:")

    @cached_property
    def fronted(self) -> bool:
        """Whether a web server is in front, told or not: we do not speak https, nor listen where people come to."""
        elsewhere = self.public_url is not None and dangers.beyond_this_machine(self.public_url)
        return self.proxies > 0 or self.https or (elsewhere and is_loopback(self.host))

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

    @field_validator("storage_budget", mode="before")
    @classmethod
    def _is_a_size(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        size = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(MB|GB|TB)", value.strip(), re.ASCII | re.IGNORECASE)
        if not size:
            raise ValueError("it has to be a size such as 500 MB, 20 GB or 1.5 TB")
        return round(float(size[1]) * SIZES[size[2].upper()])

    @field_validator(
        "public_url",
        "media_public_url",
        "s3_endpoint",
        "chainhub_url",
        "replicate_url",
        "cog_url",
        "riffusion_url",
        "oidc_issuer",
    )
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

    @field_validator("database_url", "queue_url")
    @classmethod
    def _is_server_address(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        schemes = addresses.POSTGRESQL if info.field_name == "database_url" else addresses.REDIS + addresses.POSTGRESQL
        return SecretStr(addresses.checked(value.get_secret_value(), schemes)) if value else None

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
        return self.data.absolute() / "secret_key"

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
                f"it cannot use {error.filename or self.key_file} ({error.strerror}): give that to whoever runs Segue, "
                "or name another folder in SEGUE_DATA."
            ) from error
        if not keys.long_enough(found):
            raise SettingsError(f"{self.key_file} holds no key: remove the file, and a new one is made.")
        return found


def _in_words(error: Mapping[str, Any]) -> str:
    """One sentence for the first thing wrong. The value is shown unless the setting holds a secret."""
    name = str(error["loc"][0])
    reason = REASONS.get(name) or error["msg"].removeprefix("Value error, ")
    secret = name.endswith(("_KEY", "_TOKEN", "_SECRET", "DATABASE_URL", "QUEUE_URL")) or "@" in str(error["input"])
    shown = "" if secret else f" is {error['input']!r}, but"
    return f"the setting {name}{shown or ' is not right:'} {reason}."

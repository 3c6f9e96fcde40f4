"""Those who run predictions, by name."""

from __future__ import annotations

from collections.abc import Iterator

from segue.config import Settings
from segue.providers.base import Provider
from segue.providers.hosts import Hosts

TITLES = {
    "chainhub": "ChainHub",
    "replicate": "Replicate",
    "cog": "Cog",
    "riffusion": "Riffusion server",
    "sketch": "Built-in band",
}


def title(name: str) -> str:
    """What people call a provider, whether or not it is set up here."""
    return TITLES.get(name, name)


def enabled(settings: Settings) -> dict[str, Provider]:
    """The providers these settings turn on, in the order the form offers them."""
    return {provider.name: provider for provider in _made(settings)}


def _made(settings: Settings) -> Iterator[Provider]:
    # Who only sketches never loads what the others need.
    from segue.providers.sketch import Sketch

    hosts = Hosts(settings.file_places)
    if settings.chainhub_key:
        from segue.providers.replicate import Gateway

        yield Gateway(settings.chainhub_url, settings.chainhub_key.get_secret_value(), hosts)
    if settings.replicate_key:
        from segue.providers.replicate import Replicate

        key = settings.replicate_key.get_secret_value()
        yield Replicate(settings.replicate_url, key, hosts, settings.webhooks)
    if settings.cog_url:
        from segue.providers.cog import Cog

        yield Cog(settings.cog_url, hosts)
    if settings.riffusion_url:
        from segue.providers.riffusion import RiffusionServer

        yield RiffusionServer(settings.riffusion_url, hosts)
    yield Sketch()

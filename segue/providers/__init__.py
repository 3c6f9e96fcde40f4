"""Those who run predictions, by name."""

from __future__ import annotations

from segue.config import Settings
from segue.providers.base import Provider

TITLES = {"chainhub": "ChainHub", "replicate": "Replicate", "sketch": "Built-in band"}


def title(name: str) -> str:
    """What people call a provider, whether or not it is set up here."""
    return TITLES.get(name, name)


def enabled(settings: Settings) -> dict[str, Provider]:
    """The providers these settings turn on, in the order the form offers them."""
    from segue.providers.sketch import Sketch

    providers: list[Provider] = []
    if settings.chainhub_key:
        from segue.providers.replicate import chainhub

        providers.append(chainhub(settings.chainhub_url, settings.chainhub_key.get_secret_value()))
    if settings.replicate_key:
        from segue.providers.replicate import replicate

        providers.append(replicate(settings.replicate_url, settings.replicate_key.get_secret_value()))
    providers.append(Sketch())
    return {provider.name: provider for provider in providers}

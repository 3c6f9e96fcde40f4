"""What services say, in words a musician can act upon: refusals, complaints, quotations."""

from __future__ import annotations

from typing import Any

from segue.providers.base import ProviderError, Throttled
from segue.providers.http import Answer
from segue.recipe import tidy

QUOTE_LIMIT = 200
"""Characters of somebody else's words we pass on."""


def refusal(title: str, answer: Answer) -> ProviderError:
    """An answer of the service called `title` that says no, as an error."""
    said = quote(complaint(answer.body))
    if answer.status == 401:
        return ProviderError(
            f"{title} does not accept this studio's key.",
            permanent=True,
            advice="Ask whoever runs this studio to check the key, then press Retry.",
        )
    if answer.status == 402 or "quota" in _code(answer.body):
        return ProviderError(
            f"{title} says there is no credit left.", permanent=True, advice="Top it up, then press Retry."
        )
    if answer.status in (400, 422):
        return recipe_refused(title, said)
    if answer.status == 429:
        return Throttled(
            f"{title} is being asked too often.",
            permanent=False,
            advice="Wait a minute, then press Retry.",
            retry_after=answer.retry_after,
        )
    if answer.status >= 500:
        return ProviderError(
            f"{title} has a problem of its own (answer {answer.status}).",
            permanent=False,
            advice="Wait a few minutes, then press Retry.",
            retry_after=answer.retry_after,
        )
    return ProviderError(
        f"{title} said no (answer {answer.status}{': ' + said if said else ''}).",
        permanent=True,
        advice="If Retry does not help, ask whoever runs this studio to check where it looks for the provider.",
    )


def recipe_refused(title: str, said: str) -> ProviderError:
    """The error for a recipe that was not accepted; `said` is why, if anybody said so."""
    return ProviderError(
        f"{title} did not accept the recipe{': ' + said if said else ''}.",
        permanent=True,
        advice="Edit the recipe and blend again.",
    )


def check_canceled(title: str, answer: Answer) -> None:
    """Raise ProviderError unless this answer to a cancel says that it was done."""
    if answer.status in (404, 405):
        raise ProviderError(f"{title} cannot cancel this run.", permanent=True)
    if answer.status >= 300:
        raise refusal(title, answer)


def complaint(body: Any) -> str:
    """The words of an error in any shape known: problem+json, a gateway's nested `error`, Cog's list of details."""
    if not isinstance(body, dict):
        return ""
    if isinstance(body.get("error"), dict):
        return text(body["error"].get("message"))
    fields = body.get("invalid_fields")
    if isinstance(fields, list):
        named = [f"{f.get('field')}: {f.get('description')}" for f in fields if isinstance(f, dict)]
        if named:
            return "; ".join(named)
    details = body.get("detail")
    if isinstance(details, list):
        return "; ".join(_detail(each) for each in details if isinstance(each, dict))
    return text(details) or text(body.get("title")) or text(body.get("error"))


def quote(words: str) -> str:
    """Somebody else's words on one line, not too many, without the full stop."""
    line = tidy(words).rstrip(".")
    return line if len(line) <= QUOTE_LIMIT else line[:QUOTE_LIMIT] + "…"


def text(value: object) -> str:
    """A string as it is, and nothing for everything else."""
    return value if isinstance(value, str) else ""


def _detail(each: dict[str, Any]) -> str:
    place = each.get("loc")
    field = place[-1] if isinstance(place, list) and place else ""
    return f"{field}: {text(each.get('msg'))}" if field else text(each.get("msg"))


def _code(body: Any) -> str:
    nested = body.get("error") if isinstance(body, dict) else None
    return text(nested.get("code")) if isinstance(nested, dict) else ""

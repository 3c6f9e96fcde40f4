"""The shapes that answers come in: JSON, Replicate's problems and the nested errors of gateways."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tests.servers.wire import Answer

JSON = "application/json"
PROBLEM_JSON = "application/problem+json"


class Problem(dict[str, Any]):
    """An error in Replicate's shape; `reply` adds the status it is sent with."""


def problem(detail: str, *, title: str | None = None, **more: object) -> Problem:
    return Problem({"title": title, "detail": detail} if title else {"detail": detail}, **more)


def invalid_input(fields: Sequence[Mapping[str, str]]) -> Problem:
    """The body of a 422; `fields` as `invalid` makes them."""
    detail = "".join(f"- {field['field']}: {field['description']}\n" for field in fields)
    return problem(detail, title="Input validation failed", invalid_fields=list(fields))


def invalid(field: str, description: str, kind: str = "invalid_type") -> dict[str, str]:
    return {"type": kind, "field": field, "description": description}


def nested(message: str, code: str = "insufficient_user_quota") -> dict[str, Any]:
    """An error in the shape of a gateway."""
    return {"error": {"message": message, "type": "new_api_error", "param": "", "code": code}}


def reply(
    status: int,
    payload: object = b"",
    *,
    content_type: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Bytes go out as they are; anything else as JSON."""
    if isinstance(payload, Problem):
        payload, content_type = payload | {"status": status}, content_type or PROBLEM_JSON
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return Answer(status, body, content_type or JSON, headers or {})

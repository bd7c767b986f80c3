"""Fields of a request's JSON body."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from shopapi.errors import Invalid

_LONGEST = 200


async def body_of(request: Request) -> Mapping[str, Any]:
    """The body as a JSON object; Invalid where it is none."""
    try:
        body = json.loads(await request.body())
    except ValueError:
        raise Invalid("the body is not JSON") from None
    if not isinstance(body, dict):
        raise Invalid("the body is not a JSON object")
    return body


def text(body: Mapping[str, Any], name: str) -> str:
    """A field with text in it."""
    value = body.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST or "\0" in value:
        raise Invalid(f"{name} must be a text of 1 to {_LONGEST} characters")
    return value


def whole(body: Mapping[str, Any], name: str, *, at_most: int) -> int:
    """A field with a whole number from 1 to *at_most*."""
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= at_most:
        raise Invalid(f"{name} must be a whole number from 1 to {at_most}")
    return value

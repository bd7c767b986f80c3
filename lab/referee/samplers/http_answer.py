"""Asks the shop as its users do, and says whether the answer is as it should be."""

import http.client
import json
import urllib.parse
from typing import Any

from lab.readings import HTTP
from lab.referee.samplers.paced import Answer

TIMEOUT_S = 2.0
"""As long as the load waits."""

LARGEST_BYTES = 1 << 20


def ask(url: str, wanted: HTTP, *, timeout_s: float = TIMEOUT_S) -> Answer:
    """One GET of the shop at *url*: 1 where it is answered as *wanted*, else 0 and why."""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "lb", parts.port or 80, timeout=timeout_s)
    try:
        connection.request("GET", wanted.path)
        answer = connection.getresponse()
        status, body = answer.status, answer.read(LARGEST_BYTES)
    except (OSError, http.client.HTTPException) as error:
        return Answer(value=0.0, said=f"no answer: {type(error).__name__}: {error}")
    finally:
        connection.close()
    wrong = flaw(wanted, status, body)
    return Answer(value=0.0 if wrong else 1.0, said=wrong)


def flaw(wanted: HTTP, status: int, body: bytes) -> str:
    """What is wrong with an answer; empty where nothing is."""
    if status != wanted.status:
        return f"status {status}, wanted {wanted.status}"
    if wanted.text and wanted.text not in body.decode(errors="replace"):
        return f"{wanted.text!r} is not in the answer"
    return _flaw_of_field(wanted, body) if wanted.field else ""


def _flaw_of_field(wanted: HTTP, body: bytes) -> str:
    try:
        value = _at(json.loads(body), wanted.field)
    except ValueError:
        return "the answer is no JSON"
    except (LookupError, TypeError):
        return f"the answer has no {wanted.field}"
    if wanted.equals is None or (value == wanted.equals and isinstance(value, bool) is _is_bool(wanted)):
        return ""
    return f"{wanted.field} is {str(value)[:80]!r}, wanted {wanted.equals!r}"


def _is_bool(wanted: HTTP) -> bool:
    """True and 1 are equal in Python, and not in JSON."""
    return isinstance(wanted.equals, bool)


def _at(value: Any, path: str) -> Any:
    for step in path.split("."):
        value = value[int(step)] if isinstance(value, list) and step.isdecimal() else value[step]
    return value

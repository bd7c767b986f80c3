"""Whether an answer is what its route promises: the status, and what the body says."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from loadgen.words import EXPECTED, HTTP_4XX, HTTP_5XX, OK, WRONG, Outcome

Body: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What came back: a status and the body's bytes."""

    status: int
    content: bytes

    def body(self) -> Body | None:
        """The body as a JSON object; None where it is not one."""
        try:
            body = json.loads(self.content)
        except (ValueError, RecursionError):
            return None
        return body if isinstance(body, dict) else None


class Client(Protocol):
    """Sends one request and waits for its answer."""

    def call(self, method: str, path: str, *, token: str = "", body: Body | None = None) -> Answer:
        """Send and wait. Raise Unanswered where none comes in time."""


def judge(answer: Answer, *, good: tuple[int, ...], holds: Callable[[Body], bool]) -> Outcome:
    """Tell how a request ended: its answer must have a good status and a body for which *holds* is true."""
    return Outcome(result=_result(answer, good, holds), status=answer.status)


def _result(answer: Answer, good: tuple[int, ...], holds: Callable[[Body], bool]) -> str:
    if answer.status in good:
        body = answer.body()
        return OK if body is not None and holds(body) else WRONG
    if answer.status >= 500:
        return HTTP_5XX
    return HTTP_4XX if answer.status >= 400 else WRONG


def refused(answer: Answer, *, status: int, error: str) -> Outcome | None:
    """The outcome `expected` where the shop refused as it was meant to, else None."""
    if answer.status != status:
        return None
    body = answer.body()
    if body is None or body.get("error") != error:
        return None
    return Outcome(result=EXPECTED, status=status)


def is_id(value: object) -> bool:
    """Tell whether this can be an id: a whole number above zero."""
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def is_amount(value: object) -> bool:
    """Tell whether this can be an amount of cents or of pieces."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def is_text(value: object) -> bool:
    """Tell whether this is a text with something in it."""
    return isinstance(value, str) and bool(value)


def objects(body: Body, name: str) -> list[Body] | None:
    """The list of objects called *name*; None where it is anything else."""
    value = body.get(name)
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return value
    return None

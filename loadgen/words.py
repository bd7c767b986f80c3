"""The words that the log, the metrics and the plan share."""

from collections.abc import Mapping
from dataclasses import dataclass

MIX: Mapping[str, int] = {
    "browse": 38,
    "cart": 17,
    "login": 14,
    "checkout": 14,
    "history": 14,
    "register": 3,
}
"""Arrivals on each route out of a hundred."""

ROUTES = tuple(MIX)

OK = "ok"
EXPECTED = "expected"
TIMEOUT = "timeout"
CONN = "conn"
HTTP_5XX = "http_5xx"
HTTP_4XX = "http_4xx"
WRONG = "wrong"
DROPPED = "dropped"

RESULTS = (OK, EXPECTED, TIMEOUT, CONN, HTTP_5XX, HTTP_4XX, WRONG, DROPPED)
"""How a request can end. The first two are as it should be; `expected`: a declined card, a wrong password."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """How one request ended; *status* is 0 where no answer came."""

    result: str
    status: int = 0

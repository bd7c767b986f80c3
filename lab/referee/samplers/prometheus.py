"""Prometheus, asked for the lab's readings in one query, and for the alerts that fire."""

import http.client
import json
import math
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lab.history.records import Reading
from lab.referee.errors import SampleError

READINGS = {
    "lab:connections": "connections",
    "lab:connections_limit": "connections_limit",
    "lab:success_ratio": "prom_success_ratio",
    "lab:lb_5xx_ratio": "lb_5xx_ratio",
    "lab:prometheus_start_seconds": "prometheus_start",
    "lab:blocked_sessions": "blocked_sessions",
    "lab:longest_transaction_seconds": "longest_transaction_s",
    "lab:redis_hit_ratio": "redis_hit_ratio",
    "lab:redis_evicted_per_s": "redis_evicted_per_s",
}
"""The recorded series that every lab has, and the name that each has in the journal."""

READINGS_OF_SOME = {
    "lab:postgres_replica_age_seconds": "postgres_replica_age_s",
    "lab:mysql_replica_age_seconds": "mysql_replica_age_s",
}
"""Those of services that only some labs have: missed only once they have been seen."""

NO_DATA = "no data"

_NAMES = READINGS | READINGS_OF_SOME
_QUERY = f'{{__name__=~"{"|".join(_NAMES)}"}}'


@dataclass(frozen=True, kw_only=True)
class Alert:
    """An alert that fires; *since_t* is when its condition became true."""

    name: str
    summary: str


class Prometheus:
    """Reads over one kept connection; a new one after any trouble."""

    def __init__(self, url: str, *, now: Callable[[], float], timeout_s: float = 0.8) -> None:
        parts = urllib.parse.urlsplit(url)
        self._address = (parts.hostname or "prometheus", parts.port or 9090)
        self._now = now
        self._timeout_s = timeout_s
        self._connection: http.client.HTTPConnection | None = None
        self._expected = dict.fromkeys(READINGS.values())

    def readings(self) -> tuple[Reading, ...]:
        """One reading per name; without a value, and saying why, where there is none."""
        t = self._now()
        try:
            data = self._get(f"/api/v1/query?query={urllib.parse.quote(_QUERY)}")
        except SampleError as error:
            return tuple(Reading(t=t, name=name, value=None, error=str(error)) for name in self._expected)
        values = {_NAMES[r["metric"]["__name__"]]: float(r["value"][1]) for r in data["result"]}
        self._expected |= dict.fromkeys(values)
        return tuple(_reading(t, name, values.get(name)) for name in self._expected)

    def value(self, query: str) -> float:
        """The one number that a query answers; SampleError where it answers none, or more."""
        data = self._get(f"/api/v1/query?query={urllib.parse.quote(query)}")
        if data["resultType"] == "scalar":
            return float(data["result"][1])
        if len(data["result"]) != 1:
            raise SampleError(f"{len(data['result'])} series, wanted one" if data["result"] else NO_DATA)
        return float(data["result"][0]["value"][1])

    def alerts(self) -> tuple[Alert, ...]:
        """The alerts that fire now."""
        data = self._get("/api/v1/alerts")
        return tuple(
            Alert(name=alert["labels"]["alertname"], summary=alert["annotations"].get("summary", ""))
            for alert in data["alerts"]
            if alert["state"] == "firing"
        )

    def ready(self) -> bool:
        """Whether it answers queries."""
        try:
            self._get("/api/v1/query?query=1")
        except SampleError:
            return False
        return True

    def holds(self, query: str) -> bool:
        """Whether a condition holds now: the query's answer is not empty."""
        try:
            data = self._get(f"/api/v1/query?query={urllib.parse.quote(query)}")
        except SampleError:
            return False
        return bool(data["result"])

    def _get(self, path: str) -> Any:
        connection = self._connection or http.client.HTTPConnection(*self._address, timeout=self._timeout_s)
        self._connection = None
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            body = json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            connection.close()
            raise SampleError(f"Prometheus: {type(error).__name__}: {error}") from error
        if body.get("status") != "success":
            connection.close()
            raise SampleError(f"Prometheus: {body.get('error', answer.status)}")
        self._connection = connection
        return body["data"]


def _reading(t: float, name: str, value: float | None) -> Reading:
    # Neither is a number: a ratio of nothing to nothing, and the age of a heartbeat that was never heard.
    if value is None or not math.isfinite(value):
        return Reading(t=t, name=name, value=None, error=NO_DATA)
    return Reading(t=t, name=name, value=value)

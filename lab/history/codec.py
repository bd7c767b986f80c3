"""Records to JSON objects and back; what is written is what is read, field by field."""

import json
from collections.abc import Mapping
from typing import Any

from lab.history.records import Event, LoadSecond, Reading, Record, RouteSecond


def canonical(data: Mapping[str, Any]) -> str:
    """JSON with sorted keys and no spaces: the same data always give the same bytes."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def encode(record: Record) -> dict[str, Any]:
    """The JSON object of a record, without the journal's own fields."""
    match record:
        case Event():
            return {"type": "event", "t": record.t, "kind": record.kind, "detail": dict(record.detail)}
        case Reading():
            error = {"error": record.error} if record.error else {}
            return {"type": "reading", "t": record.t, "name": record.name, "value": record.value, **error}
        case LoadSecond():
            return {
                "type": "load",
                "t": record.t,
                "planned": record.planned,
                "scheduled": record.scheduled,
                "late_ms": record.late_ms,
                "routes": {name: _encode_route(route) for name, route in record.routes.items()},
            }


def decode(data: Mapping[str, Any]) -> Record:
    """The record of a JSON object; KeyError or TypeError where it is not one."""
    match data["type"]:
        case "event":
            return Event(t=data["t"], kind=data["kind"], detail=data["detail"])
        case "reading":
            return Reading(t=data["t"], name=data["name"], value=data["value"], error=data.get("error", ""))
        case "load":
            return LoadSecond(
                t=data["t"],
                planned=data["planned"],
                scheduled=data["scheduled"],
                late_ms=data["late_ms"],
                routes={name: _decode_route(route) for name, route in data["routes"].items()},
            )
        case other:
            raise KeyError(f"unknown record type {other!r}")


def _encode_route(route: RouteSecond) -> dict[str, Any]:
    data: dict[str, Any] = {"ok": route.ok, "expected": route.expected, "latency": list(route.latency_counts)}
    if route.bad:
        data |= {"bad": dict(route.bad), "first_bad_t": route.first_bad_t, "last_bad_t": route.last_bad_t}
    return data


def _decode_route(data: Mapping[str, Any]) -> RouteSecond:
    return RouteSecond(
        ok=data["ok"],
        expected=data["expected"],
        bad=data.get("bad", {}),
        latency_counts=tuple(data["latency"]),
        first_bad_t=data.get("first_bad_t"),
        last_bad_t=data.get("last_bad_t"),
    )

"""Tables: what the server renders for `kubectl get`."""

from collections.abc import Sequence
from typing import Any

from lab.kube.columns import AGE, COLUMNS, NAME, Column, Seen
from lab.kube.kinds import Kind

Json = dict[str, Any]


def wants_table(accept: str) -> bool:
    """Whether a client would rather have a table."""
    return "as=Table" in accept


def table(kind: Kind, things: Sequence[Json], *, now_t: float, version: int, whole: bool = False) -> Json:
    """The table of some objects of a kind; *whole*: each row carries its object, not only its metadata."""
    columns = COLUMNS.get(kind, (NAME, AGE))
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": {"resourceVersion": str(version)},
        "columnDefinitions": [_definition(column) for column in columns],
        "rows": [_row(columns, thing, now_t, whole=whole) for thing in things],
    }


def _definition(column: Column) -> Json:
    return {
        "name": column.name,
        "type": "string",
        "format": "name" if column.name == "Name" else "",
        "description": "",
        "priority": int(column.wide),
    }


def _row(columns: Sequence[Column], thing: Json, now_t: float, *, whole: bool) -> Json:
    seen = Seen(thing=thing, now_t=now_t)
    partial = {
        "kind": "PartialObjectMetadata",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": thing["metadata"],
    }
    return {"cells": [column.cell(seen) for column in columns], "object": thing if whole else partial}

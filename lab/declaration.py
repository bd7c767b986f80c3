"""A short hash of what a scenario declares, so that a run can say by which declaration it was done."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from typing import Any

from lab.scenario import Scenario

LENGTH = 12


def digest(scenario: Scenario) -> str:
    """The hash; the same for the same values, whatever order or spelling they are declared in."""
    return hashlib.sha256(json.dumps(_plain(scenario), sort_keys=True).encode()).hexdigest()[:LENGTH]


def _plain(value: Any) -> Any:
    """The value as JSON takes it; defaults are left out, so that a new field changes no old hash."""
    if is_dataclass(value) and not isinstance(value, type):
        said = {f.name: getattr(value, f.name) for f in fields(value)}
        stated = {f.name: _plain(said[f.name]) for f in fields(value) if said[f.name] != _default(f)}
        return {"": type(value).__name__, **stated}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return value if isinstance(value, bool | str | None) else repr(value)


def _default(one: "Field[Any]") -> Any:
    if one.default is not MISSING:
        return one.default
    return one.default_factory() if one.default_factory is not MISSING else MISSING

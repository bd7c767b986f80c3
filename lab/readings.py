"""Readings that a scenario declares for itself, beside those that every lab has. Values only.

The referee takes each at its own pace, in a thread of its own, and writes it down under its name.
"""

from dataclasses import dataclass
from typing import TypeAlias

PROMETHEUS = "Prometheus"


@dataclass(frozen=True, kw_only=True)
class PromQL:
    """What Prometheus answers to an expression of PromQL: one number, or nothing."""

    name: str
    query: str
    every_s: float = 1.0

    @property
    def source(self) -> str:
        """Who is asked, in words."""
        return PROMETHEUS


Declared: TypeAlias = PromQL

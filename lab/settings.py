"""Settings of servers that a scenario bounds: what is left beyond them is told. Values only."""

from collections.abc import Mapping
from dataclasses import dataclass

ENGINES: Mapping[str, str] = {
    "postgres": "postgres",
    "postgres-replica": "postgres",
    "mysql": "mysql",
    "mysql-replica": "mysql",
    "redis": "redis",
    "redis-replica": "redis",
}
"""The services that settings can be read of, and what runs there."""


@dataclass(frozen=True, kw_only=True)
class Bound:
    """The least and the most that a setting may be at the end, if it is not what it was at the start.

    Numbers are the server's own: of PostgreSQL in the unit of `pg_settings`, a switch is 0 or 1.
    """

    on: str
    setting: str
    at_least: float | None = None
    at_most: float | None = None

    @property
    def key(self) -> str:
        """What its value is recorded under."""
        return f"{self.on} {self.setting}"

    @property
    def words(self) -> str:
        """The bound as a sentence says it."""
        sides = (("at least", self.at_least), ("at most", self.at_most))
        return " and ".join(f"{side} {value:.15g}" for side, value in sides if value is not None)

    def outside(self, value: float) -> bool:
        """Whether a value is out of bounds."""
        low = self.at_least is not None and value < self.at_least
        return low or (self.at_most is not None and value > self.at_most)

"""What the worker is told by its environment."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Addresses, names and limits.

    *name* is the consumer's: the same after a restart, so that what was in hand is found again.
    *max_attempts* 0 is for ever; *lost_after_s* 0 looks for no lost orders.
    """

    database_url: str
    catalogue_url: str | None
    redis_url: str
    stream: str
    group: str
    name: str
    max_attempts: int
    backoff_s: float
    longest_backoff_s: float
    lost_after_s: float
    port: int

    @property
    def dead_letters(self) -> str:
        """The stream of what was given up."""
        return f"{self.stream}:dead"

    def backoff_after_s(self, attempts: int) -> float:
        """How long to wait after so many attempts: twice as long each time."""
        return min(self.longest_backoff_s, self.backoff_s * 2.0 ** min(attempts - 1, 16))

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Read the environment; KeyError names an address that is missing."""
        return cls(
            database_url=env["DATABASE_URL"],
            catalogue_url=env.get("CATALOGUE_URL") or None,
            redis_url=env["REDIS_URL"],
            stream=env.get("ORDER_STREAM") or "orders:placed",
            group=env.get("WORKER_GROUP", "shipping"),
            name=env.get("WORKER_NAME", "worker-1"),
            max_attempts=int(env.get("WORKER_MAX_ATTEMPTS", "5")),
            backoff_s=float(env.get("WORKER_BACKOFF_S", "0.2")),
            longest_backoff_s=float(env.get("WORKER_LONGEST_BACKOFF_S", "5")),
            lost_after_s=float(env.get("WORKER_LOST_AFTER_S", "60")),
            port=int(env.get("WORKER_PORT", "9109")),
        )

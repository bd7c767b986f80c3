"""What a pod is told by its environment."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Addresses, pool and limits of one pod."""

    release: str
    pod_name: str
    database_url: str
    redis_url: str
    pay_url: str
    db_pool_size: int
    db_max_overflow: int
    db_pool_pre_ping: bool
    db_pool_timeout_s: float
    db_connect_timeout_s: int
    db_threads: int
    ready_after_s: float

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Read the environment; KeyError names an address that is missing."""
        return cls(
            release=env["RELEASE"],
            pod_name=env.get("POD_NAME", "shop-api"),
            database_url=env["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://", 1),
            redis_url=env["REDIS_URL"],
            pay_url=env["PAY_URL"],
            db_pool_size=int(env.get("DB_POOL_SIZE", "5")),
            db_max_overflow=int(env.get("DB_MAX_OVERFLOW", "-1")),
            db_pool_pre_ping=env.get("DB_POOL_PRE_PING", "0") == "1",
            db_pool_timeout_s=float(env.get("DB_POOL_TIMEOUT_S", "2")),
            db_connect_timeout_s=int(env.get("DB_CONNECT_TIMEOUT_S", "2")),
            db_threads=int(env.get("DB_THREADS", "16")),
            ready_after_s=float(env.get("READY_AFTER_S", "3")),
        )

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
    catalogue_url: str | None
    """MySQL with products and stock; None: products are in the orders' database and stock is not counted."""
    history_url: str | None
    """A replica of the orders' database, for what may be a little old; None: the database itself."""
    stock_url: str | None
    """A replica of the catalogue's database, to count stock at each look; None: the cache says."""
    order_stream: str | None
    """The Redis stream that placed orders are told to; None: nobody is told."""
    sales_orders: int
    """How many of the newest orders count as lately, where pages say what was sold."""
    cache_single_flight: bool
    """Whether those who miss the same key at once wait for one load of it."""
    db_pool_size: int
    db_max_overflow: int
    db_pool_pre_ping: bool
    db_pool_timeout_s: float
    db_connect_timeout_s: int
    db_threads: int
    catalogue_timeout_s: float
    ready_after_s: float

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Read the environment; KeyError names an address that is missing.

        With READ_REPLICAS=0 what is read on replicas is read where it was written.
        """
        replicas = env.get("READ_REPLICAS", "1") != "0"
        catalogue, stock = env.get("CATALOGUE_URL", ""), env.get("STOCK_URL", "")
        return cls(
            release=env["RELEASE"],
            pod_name=env.get("POD_NAME", "shop-api"),
            database_url=_postgres(env["DATABASE_URL"]),
            redis_url=env["REDIS_URL"],
            pay_url=env["PAY_URL"],
            catalogue_url=_mysql(catalogue) or None,
            history_url=_postgres(env.get("HISTORY_URL", "") if replicas else "") or None,
            stock_url=_mysql(stock if replicas or not stock else catalogue) or None,
            order_stream=env.get("ORDER_STREAM") or None,
            sales_orders=int(env.get("SALES_ORDERS", "100000")),
            cache_single_flight=env.get("CACHE_SINGLE_FLIGHT", "0") == "1",
            db_pool_size=int(env.get("DB_POOL_SIZE", "5")),
            db_max_overflow=int(env.get("DB_MAX_OVERFLOW", "-1")),
            db_pool_pre_ping=env.get("DB_POOL_PRE_PING", "0") == "1",
            db_pool_timeout_s=float(env.get("DB_POOL_TIMEOUT_S", "2")),
            db_connect_timeout_s=int(env.get("DB_CONNECT_TIMEOUT_S", "2")),
            db_threads=int(env.get("DB_THREADS", "16")),
            catalogue_timeout_s=float(env.get("CATALOGUE_TIMEOUT_S", "3")),
            ready_after_s=float(env.get("READY_AFTER_S", "3")),
        )


def _postgres(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def _mysql(url: str) -> str:
    return url.replace("mysql://", "mysql+pymysql://", 1)

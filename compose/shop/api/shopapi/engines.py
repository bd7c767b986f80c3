"""Connections: how one is opened to each kind of server, and how many are opened at a time."""

from collections.abc import Mapping
from threading import BoundedSemaphore
from typing import Any

from sqlalchemy import Engine, QueuePool, create_engine, event
from sqlalchemy.engine import make_url

from shopapi.settings import Settings

CONNECTS_AT_ONCE = 2
CONNECT_TURN_S = 1.0


def engine_to(url: str, settings: Settings) -> Engine:
    """An engine with a pool of its own to the server at *url*, as the settings have pools."""
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=settings.db_pool_size,
        max_overflow=settings.db_max_overflow,
        pool_timeout=settings.db_pool_timeout_s,
        pool_pre_ping=settings.db_pool_pre_ping,
        **_options(make_url(url).get_backend_name(), settings),
    )
    _take_turns(engine)
    return engine


def _options(kind: str, settings: Settings) -> Mapping[str, Any]:
    connect_timeout_s = settings.db_connect_timeout_s
    if kind == "postgresql":
        return {
            "use_native_hstore": False,
            "connect_args": {"connect_timeout": connect_timeout_s, "application_name": "shop-api"},
        }
    return {
        # Each statement sees what is committed: nothing here reads twice, and gaps need no locks.
        "isolation_level": "READ COMMITTED",
        "connect_args": {
            "connect_timeout": connect_timeout_s,
            "read_timeout": settings.catalogue_timeout_s,
            "write_timeout": settings.catalogue_timeout_s,
            "program_name": "shop-api",
        },
    }


def _take_turns(engine: Engine) -> None:
    """Open few connections at a time.

    Each attempt holds a slot of the server until it is answered, refused ones too: a pod that tried for all
    its requests at once would eat the slots that are reserved for those who come to help.
    """
    turns = BoundedSemaphore(CONNECTS_AT_ONCE)

    @event.listens_for(engine, "do_connect")
    def connect(dialect: Any, _record: object, arguments: tuple[Any, ...], options: dict[str, Any]) -> object:
        if not turns.acquire(timeout=CONNECT_TURN_S):
            raise dialect.loaded_dbapi.OperationalError("others are still trying to connect")
        try:
            return dialect.connect(*arguments, **options)
        finally:
            turns.release()

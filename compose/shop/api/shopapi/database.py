"""Engines, sessions and what their errors mean."""

from collections.abc import Callable
from threading import BoundedSemaphore
from typing import Any, TypeVar

import psycopg
from sqlalchemy import Connection, Engine, QueuePool, create_engine, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from shopapi import metrics
from shopapi.bulkhead import Bulkhead
from shopapi.context import current_request
from shopapi.errors import DatabaseFailed
from shopapi.settings import Settings

T = TypeVar("T")


class Database:
    """One pool, seen through two engines: *transactional* for writes, *autocommit* for single reads.

    `sessions` gives each request its own session on the transactional engine.
    """

    def __init__(self, settings: Settings) -> None:
        self.transactional = _engine(settings)
        self.autocommit = self.transactional.execution_options(isolation_level="AUTOCOMMIT")
        self.sessions: scoped_session[Session] = scoped_session(
            sessionmaker(self.transactional, expire_on_commit=False), scopefunc=current_request
        )
        self._bulkhead = Bulkhead(threads=settings.db_threads)
        self._watch_pool()

    async def write(self, work: Callable[[Session], T]) -> T:
        """Run *work* in one transaction of the request's session; commit unless it raises."""
        return await self._bulkhead.run(lambda: self._in_session(work))

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run *work* on a connection outside any transaction."""
        return await self._bulkhead.run(lambda: self._on_connection(work))

    def _in_session(self, work: Callable[[Session], T]) -> T:
        try:
            session = self.sessions()
            answer = work(session)
            session.commit()
        except SQLAlchemyError as error:
            raise _failed(error) from error
        else:
            return answer
        finally:
            self.sessions.remove()

    def _on_connection(self, work: Callable[[Connection], T]) -> T:
        try:
            with self.autocommit.connect() as connection:
                return work(connection)
        except SQLAlchemyError as error:
            raise _failed(error) from error

    def _watch_pool(self) -> None:
        pool = self.transactional.pool
        assert isinstance(pool, QueuePool)  # noqa: S101 - narrows the type: _engine() asks for this class
        metrics.POOL_CHECKED_OUT.set_function(pool.checkedout)
        metrics.POOL_SIZE.set_function(pool.size)
        metrics.POOL_OVERFLOW.set_function(lambda: max(0, pool.overflow()))
        metrics.THREADS_BUSY.set_function(lambda: self._bulkhead.busy)


CONNECTS_AT_ONCE = 2
CONNECT_TURN_S = 1.0


def _engine(settings: Settings) -> Engine:
    engine = create_engine(
        settings.database_url,
        poolclass=QueuePool,
        pool_size=settings.db_pool_size,
        max_overflow=settings.db_max_overflow,
        pool_timeout=settings.db_pool_timeout_s,
        pool_pre_ping=settings.db_pool_pre_ping,
        use_native_hstore=False,
        connect_args={"connect_timeout": settings.db_connect_timeout_s, "application_name": "shop-api"},
    )
    _take_turns(engine)
    return engine


def _take_turns(engine: Engine) -> None:
    """Open few connections at a time.

    Each attempt holds a slot of the server until it is answered, refused ones too: a pod that tried for all
    its requests at once would eat the slots that are reserved for those who come to help.
    """
    turns = BoundedSemaphore(CONNECTS_AT_ONCE)

    @event.listens_for(engine, "do_connect")
    def connect(dialect: Any, _record: object, arguments: tuple[Any, ...], options: dict[str, Any]) -> object:
        if not turns.acquire(timeout=CONNECT_TURN_S):
            raise psycopg.OperationalError("others are still trying to connect")
        try:
            return dialect.connect(*arguments, **options)
        finally:
            turns.release()


def _failed(error: SQLAlchemyError) -> DatabaseFailed:
    """The error as a request's end, counted by kind, with the server's own words on one line."""
    if isinstance(error, PoolTimeout):
        kind = "pool_timeout"
    elif isinstance(error, DBAPIError) and error.statement is None:
        kind = "connect"
    elif isinstance(error, DBAPIError) and error.connection_invalidated:
        kind = "disconnect"
    else:
        kind = "query"
    metrics.DB_ERRORS.labels(kind).inc()
    words = str(error.orig) if isinstance(error, DBAPIError) else str(error)
    return DatabaseFailed(f"{kind}: {' '.join(words.split())}")

"""A database: its sessions, its threads and what its errors mean."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, QueuePool
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from shopapi import metrics
from shopapi.bulkhead import Bulkhead
from shopapi.context import current_request
from shopapi.engines import engine_to
from shopapi.errors import DatabaseFailed, InDoubt
from shopapi.settings import Settings

T = TypeVar("T")


class Database:
    """One pool, seen through two engines: *transactional* for writes, *autocommit* for single reads.

    `sessions` gives each request its own session on the transactional engine.

    Each has threads of its own: a database that hangs takes none from the others. *name* is for the metrics.
    """

    def __init__(self, name: str, url: str, settings: Settings) -> None:
        self.name = name
        self.transactional = engine_to(url, settings)
        self.autocommit = self.transactional.execution_options(isolation_level="AUTOCOMMIT")
        self.sessions: scoped_session[Session] = scoped_session(
            sessionmaker(self.transactional, expire_on_commit=False), scopefunc=current_request
        )
        self._bulkhead = Bulkhead(threads=settings.db_threads)
        self._watch_pool()

    async def write(self, work: Callable[[Session], T]) -> T:
        """Run *work* in one transaction of the request's session; commit unless it raises.

        InDoubt says that the commit was sent and not answered; after any other error nothing is written.
        """
        return await self._bulkhead.run(lambda: self._in_session(work))

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run *work* on a connection outside any transaction."""
        return await self._bulkhead.run(lambda: self._on_connection(work))

    def _in_session(self, work: Callable[[Session], T]) -> T:
        wrong: type[DatabaseFailed] = DatabaseFailed
        try:
            session = self.sessions()
            answer = work(session)
            wrong = InDoubt
            session.commit()
        except SQLAlchemyError as error:
            raise self._failed(error, wrong) from error
        else:
            return answer
        finally:
            self.sessions.remove()

    def _on_connection(self, work: Callable[[Connection], T]) -> T:
        try:
            with self.autocommit.connect() as connection:
                return work(connection)
        except SQLAlchemyError as error:
            raise self._failed(error) from error

    def _watch_pool(self) -> None:
        pool = self.transactional.pool
        assert isinstance(pool, QueuePool)  # noqa: S101 - narrows the type: engine_to() asks for this class
        metrics.POOL_CHECKED_OUT.labels(self.name).set_function(pool.checkedout)
        metrics.POOL_SIZE.labels(self.name).set_function(pool.size)
        metrics.POOL_OVERFLOW.labels(self.name).set_function(lambda: max(0, pool.overflow()))
        metrics.THREADS_BUSY.labels(self.name).set_function(lambda: self._bulkhead.busy)
        for kind in metrics.DB_ERROR_KINDS:
            metrics.DB_ERRORS.labels(self.name, kind)

    def _failed(self, error: SQLAlchemyError, wrong: type[DatabaseFailed] = DatabaseFailed) -> DatabaseFailed:
        """The error as a request's end, counted by kind, with the server's own words on one line."""
        if isinstance(error, PoolTimeout):
            kind = "pool_timeout"
        elif isinstance(error, DBAPIError) and error.statement is None:
            kind = "connect"
        elif isinstance(error, DBAPIError) and error.connection_invalidated:
            kind = "disconnect"
        else:
            kind = "query"
        metrics.DB_ERRORS.labels(self.name, kind).inc()
        words = str(error.orig) if isinstance(error, DBAPIError) else str(error)
        return wrong(f"{self.name} {kind}: {' '.join(words.split())}")

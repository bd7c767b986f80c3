"""PostgreSQL with the shop's data, and what its clients meet."""

import psycopg
from psycopg.rows import TupleRow

from faults.postgres.server import PostgresServer
from faults.wait import until
from tests.faults.servers import Server, Spec, Yard

PASSWORDS = {"shop": "shop's own", "dba": "dba-secret", "referee": "referee-secret"}  # a quote has to survive
ENVIRONMENT = {
    "SHOP_DB_PASSWORD": PASSWORDS["shop"],
    "DBA_PASSWORD": PASSWORDS["dba"],
    "EXPORTER_PASSWORD": "exporter-secret",
    "REFEREE_DB_PASSWORD": PASSWORDS["referee"],
}
SPEC = Spec(image="postgres", name="postgres", port=5432, environment=ENVIRONMENT)


class Postgres(Server):
    """A PostgreSQL server."""

    @property
    def target(self) -> PostgresServer:
        """What a fault is done to."""
        alias = self.name.rpartition("-")[2]
        return PostgresServer(self.container, passwords=PASSWORDS, host=alias)

    def connect(self, role: str = "shop") -> psycopg.Connection[TupleRow]:
        """A client's session."""
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            dbname="shop",
            user=role,
            password=PASSWORDS[role],
            autocommit=True,
            connect_timeout=20,
        )

    def query(self, statement: str, *, role: str = "shop", settings: str = "") -> list[TupleRow]:
        """The rows that a client of *role* gets; *settings* is SET first ("lock_timeout = '1s'")."""
        with self.connect(role) as session:
            if settings:
                session.execute(f"SET {settings}".encode())
            cursor = session.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def error(self, statement: str, *, role: str = "shop", settings: str = "") -> str:
        """What a client is answered: an SQLSTATE, or why it is not let in; "" where it is served."""
        try:
            self.query(statement, role=role, settings=settings)
        except psycopg.Error as error:
            return error.sqlstate or f"connection: {error}"
        return ""

    def wait(self) -> None:
        """Wait until it lets the referee in."""
        until(
            lambda: self.error("SELECT 1", role="referee") == "" or None,
            what=f"{self.name} serves",
            timeout_s=60,
        )


def primary(yard: Yard) -> Postgres:
    """The one primary."""
    return yard.get(Postgres, SPEC)

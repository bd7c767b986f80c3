"""A PostgreSQL server as a fault sees it: superuser's SQL from inside it, logins for actors."""

from collections.abc import Mapping

from faults.actors import Login
from faults.container import Container
from faults.core import Kind
from faults.errors import NoTarget

PORT = 5432
SEPARATOR = "\x1f"
QUIET = (
    "-c log_statement=none -c log_connections=off -c log_disconnections=off -c log_min_duration_statement=-1"
    " -c pg_stat_statements.track=none -c default_transaction_read_only=off"
    " -c client_min_messages=error -c statement_timeout=60s -c lock_timeout=20s"
    " -c synchronous_commit=local"
)
"""Leaves no trace where a trainee reads, writes whatever the database's settings, never waits for ever.

Nor for a standby: a statement's timeout does not end a commit that waits for one.
"""


class PostgresServer:
    """One server; *passwords* by role, *database* is the application's."""

    kind = Kind.POSTGRES

    def __init__(
        self, container: Container, *, passwords: Mapping[str, str], host: str, database: str = "shop"
    ) -> None:
        self.container = container
        self.database = database
        self._host = host
        self._passwords = dict(passwords)

    @property
    def name(self) -> str:
        """The container's name."""
        return self.container.name

    @property
    def started_at(self) -> str:
        """When the container began."""
        return self.container.started_at

    def rows(self, *statements: str, database: str = "", reads: bool = False) -> list[tuple[str, ...]]:
        """The rows of statements run by the superuser, each value as text; *reads*: they do nothing.

        All in one round trip, each in its own transaction, up to the first that fails.
        """
        output = self.container.exec(
            *("psql", "-X", "-q", "-A", "-t", "-F", SEPARATOR, "-v", "ON_ERROR_STOP=1"),
            *("-h", "/var/run/postgresql", "-U", "postgres", "-d", database or self.database),
            *(word for statement in statements for word in ("-c", statement)),
            user="postgres",
            environment={"PGOPTIONS": QUIET, "PGAPPNAME": "psql", "PGCONNECT_TIMEOUT": "10"},
            timeout_s=90,
            reads=reads,
        )
        return [tuple(line.split(SEPARATOR)) for line in output.text.splitlines() if line]

    def value(self, statement: str) -> str:
        """The first column of the first row; empty where there is none."""
        found = self.rows(statement)
        return found[0][0] if found else ""

    def run(self, *statements: str) -> None:
        """Run statements in one round trip, each in its own transaction."""
        self.rows(*statements)

    def true(self, condition: str) -> bool:
        """Whether an SQL condition holds."""
        return self.rows(f"SELECT ({condition})::int", reads=True) == [("1",)]

    def wait_for(self, condition: str, *, what: str, within_s: int = 45, meanwhile: str = "NULL") -> None:
        """Wait, in one round trip, until an SQL condition holds; ExecFailed names *what* did not come.

        The expression *meanwhile* is evaluated each time that it does not hold yet.
        """
        self.run(
            "DO $$ DECLARE last timestamptz := clock_timestamp() + make_interval(secs => "
            f"{within_s}); BEGIN WHILE NOT ({condition}) LOOP"
            f" IF clock_timestamp() > last THEN RAISE {quoted(f'not within {within_s} s: {what}')}; END IF;"
            f" PERFORM {meanwhile}; PERFORM pg_sleep(0.05), pg_stat_clear_snapshot(); END LOOP; END $$"
        )

    def login(self, role: str) -> Login:
        """How an actor signs in as *role*; NoTarget where its password is not known."""
        if role not in self._passwords:
            known = ", ".join(sorted(self._passwords)) or "none"
            raise NoTarget(f"{self.name}: no password is known for role {role}; known: {known}")
        return Login(
            driver="postgres",
            host=self._host,
            port=PORT,
            user=role,
            password=self._passwords[role],
            database=self.database,
        )


def quoted(text: str) -> str:
    """An SQL literal."""
    return "'" + text.replace("'", "''") + "'"

"""A MySQL server as a fault sees it: superuser's SQL from inside it, logins for actors."""

import functools
from collections.abc import Mapping, Sequence

from faults.actors import Login
from faults.container import Container
from faults.core import Kind
from faults.errors import ExecFailed, NoTarget
from faults.wait import until

PORT = 3306
ADMIN = "dba"
FULL = "ERROR 1040 (HY000): "
CROWDED = "waiting for initial communication packet"
LOCKED = "ERROR 1205 (HY000): "  # while signing in: a statement's own error names its line
QUIET = (
    "SET SESSION sql_log_off = 1, SESSION long_query_time = 3600, SESSION lock_wait_timeout = 20,"
    " SESSION innodb_lock_wait_timeout = 20, SESSION information_schema_stats_expiry = 0"
)
"""Leaves no trace in the logs that a trainee reads, and never waits for ever."""
BRIEFLY = "SET SESSION lock_wait_timeout = 1"
UNSEEN = (
    "UPDATE performance_schema.threads SET INSTRUMENTED = 'NO', HISTORY = 'NO'"
    " WHERE PROCESSLIST_ID = CONNECTION_ID()"
)
"""Leaves none in the history of statements either."""


class MysqlServer:
    """One server; *passwords* by role, *database* is the application's."""

    kind = Kind.MYSQL

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

    def rows(self, statement: str, *, reads: bool = True) -> list[tuple[str, ...]]:
        """The rows of statements run by the superuser, each value as text (NULL as such); see `run` to act.

        Where even the superuser's own slot is taken, or a crowd signs in, it waits for its turn; where a
        global read lock is held, the session is seen.
        """
        ways: list[tuple[str, ...]] = [(BRIEFLY, UNSEEN, QUIET)]

        def answered() -> list[tuple[str, ...]] | None:
            try:
                return self._rows("mysql", "-uroot", first=ways[-1], statement=statement, reads=reads)
            except ExecFailed as error:
                if LOCKED in str(error):
                    ways.append((QUIET,))
                elif not any(one in str(error) for one in (FULL, CROWDED)):
                    raise
                return None

        return until(answered, what=f"{self.name} lets its superuser in", timeout_s=30)

    def source_rows(self, statement: str, *, reads: bool = True) -> list[tuple[str, ...]]:
        """The rows of statements run by the DBA on the server that this one replicates from."""
        argv = ("mysql", f"-h{self.source_host}", f"-P{PORT}", f"-u{ADMIN}")
        secret = {"MYSQL_PWD": self.login(ADMIN).password}
        return self._rows(*argv, first=(QUIET,), statement=statement, environment=secret, reads=reads)

    def _rows(
        self,
        *argv: str,
        first: Sequence[str],
        statement: str,
        environment: Mapping[str, str] | None = None,
        reads: bool,
    ) -> list[tuple[str, ...]]:
        output = self.container.exec(
            *argv,
            *(f"--init-command{'-add' if n else ''}={one}" for n, one in enumerate(first)),
            *("-N", "-B", "--connect-timeout=10", self.database, "-e", statement),
            user="mysql",
            environment=environment,
            timeout_s=90,
            reads=reads,
        )
        return [tuple(line.split("\t")) for line in output.text.splitlines() if line]

    @functools.cached_property
    def source_host(self) -> str:
        """The host that this server replicates from; NoTarget where it is no replica."""
        found = self.value("SELECT HOST FROM performance_schema.replication_connection_configuration")
        if not found:
            raise NoTarget(f"{self.name} replicates from nobody: it is no replica")
        return found

    def value(self, statement: str) -> str:
        """The first column of the first row; empty where there is none."""
        found = self.rows(statement)
        return found[0][0] if found else ""

    def run(self, *statements: str) -> None:
        """Run statements one after another in one session."""
        self.rows("; ".join(statements), reads=False)

    def run_on_source(self, *statements: str) -> None:
        """Run them as the DBA on the server that this one replicates from."""
        self.source_rows("; ".join(statements), reads=False)

    def true(self, condition: str) -> bool:
        """Whether an SQL condition holds."""
        return self.value(f"SELECT IF({condition}, 1, 0)") == "1"

    def wait_for(self, condition: str, *, what: str, timeout_s: float = 30) -> None:
        """Wait until an SQL condition holds."""
        until(lambda: self.true(condition) or None, what=f"{self.name}: {what}", timeout_s=timeout_s)

    def login(self, role: str) -> Login:
        """How an actor signs in as *role* on this server; NoTarget where its password is not known."""
        return self._login(role, self._host)

    def source_login(self, role: str) -> Login:
        """How an actor signs in as *role* on the server that this one replicates from."""
        return self._login(role, self.source_host)

    def _login(self, role: str, host: str) -> Login:
        if role not in self._passwords:
            known = ", ".join(sorted(self._passwords)) or "none"
            raise NoTarget(f"{self.name}: no password is known for role {role}; known: {known}")
        return Login(
            driver="mysql",
            host=host,
            port=PORT,
            user=role,
            password=self._passwords[role],
            database=self.database,
        )


def quoted(text: str) -> str:
    """An SQL literal."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def sessions_of(program: str) -> str:
    """A query for the connection ids of a program's sessions, by the name that it signs in with."""
    return (
        "SELECT PROCESSLIST_ID FROM performance_schema.session_connect_attrs"
        f" WHERE ATTR_NAME = 'program_name' AND ATTR_VALUE = {quoted(program)}"
    )

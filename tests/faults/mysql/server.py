"""MySQL with the shop's stock, alone or followed by a replica, and what its clients meet."""

import contextlib
from typing import Any

import pymysql

from faults.mysql.server import MysqlServer, sessions_of
from faults.wait import until
from tests.faults.servers import Server, Spec, Yard

PASSWORDS = {"shop": "shop's own", "dba": "dba-secret", "referee": "referee-secret"}  # a quote has to survive
ENVIRONMENT = {
    "SHOP_MYSQL_PASSWORD": PASSWORDS["shop"],
    "MYSQL_DBA_PASSWORD": PASSWORDS["dba"],
    "MYSQL_EXPORTER_PASSWORD": "exporter-secret",
    "MYSQL_REFEREE_PASSWORD": PASSWORDS["referee"],
    "MYSQL_REPLICA_PASSWORD": "replica-secret",
}
SOURCE_ALIAS = "mysql"
HOW_IT_STANDS = (
    "SELECT s.SERVICE_STATE, (SELECT MAX(LAST_ERROR_NUMBER) FROM"
    " performance_schema.replication_applier_status_by_worker), c.DESIRED_DELAY, s.REMAINING_DELAY"
    " FROM performance_schema.replication_applier_status s"
    " JOIN performance_schema.replication_applier_configuration c USING (CHANNEL_NAME)"
)
BUSY_WITH = (
    "SELECT DISTINCT l.OBJECT_NAME FROM performance_schema.metadata_locks l"
    " JOIN performance_schema.threads t ON t.THREAD_ID = l.OWNER_THREAD_ID"
    # Not those that wait for another's commit.
    " WHERE t.NAME = 'thread/sql/replica_worker' AND t.PROCESSLIST_STATE NOT LIKE '%transaction to commit'"
    " AND l.OBJECT_TYPE = 'TABLE' AND l.OBJECT_SCHEMA = DATABASE() ORDER BY 1"
)


def spec(alias: str, **environment: str) -> Spec:
    """A server that the others know as *alias*."""
    return Spec(image="mysql", name=alias, port=3306, environment={**ENVIRONMENT, **environment})


SOURCE = spec(SOURCE_ALIAS)
FOLLOWER = spec("mysqlreplica", MYSQL_ROLE="replica", MYSQL_SOURCE_HOST=SOURCE_ALIAS)
LONE = spec("mysqllone")


class Mysql(Server):
    """A MySQL server."""

    @property
    def target(self) -> MysqlServer:
        """What a fault is done to."""
        alias = self.name.rpartition("-")[2]
        return MysqlServer(self.container, passwords=PASSWORDS, host=alias)

    def connect(self, role: str = "shop", *, program: str = "") -> "pymysql.Connection[Any]":
        """A client's session."""
        return pymysql.connect(
            host="127.0.0.1",
            port=self.port,
            database="shop",
            user=role,
            password=PASSWORDS[role],
            program_name=program or None,
            autocommit=True,
            connect_timeout=20,
            read_timeout=60,
            ssl={"check_hostname": False},
        )

    def query(self, *statements: str, role: str = "shop") -> list[tuple[str, ...]]:
        """The rows that a client of *role* gets from the last statement, as text."""
        with self.connect(role) as session, session.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return [tuple(str(value) for value in row) for row in cursor.fetchall()]

    def error(self, *statements: str, role: str = "shop") -> str:
        """What the server answers a client with: an error's number; "" where all statements succeed."""
        try:
            self.query(*statements, role=role)
        except pymysql.Error as error:
            return code(error)
        return ""

    def kill(self, program: str, role: str = "dba") -> None:
        """End all sessions of a program, as an engineer does who looks them up first."""
        with self.connect(role) as session, session.cursor() as cursor:
            cursor.execute(sessions_of(program))
            for (ident,) in cursor.fetchall():
                with contextlib.suppress(pymysql.err.OperationalError):  # it has gone by itself
                    cursor.execute(f"KILL {ident}")

    def wait(self) -> None:
        """Wait until it lets the referee in."""
        until(
            lambda: self.error("SELECT 1", role="referee") == "" or None,
            what=f"{self.name} serves",
            timeout_s=60,
        )


def code(error: pymysql.Error) -> str:
    """An error's number."""
    return str(error.args[0]) if error.args else "connection"


class Replica(Mysql):
    """A server that follows the source of the same yard."""

    @property
    def source(self) -> Mysql:
        """The server that it follows."""
        return Mysql(
            self.engine, name=self.name.removesuffix(FOLLOWER.name) + SOURCE_ALIAS, port=self.inner_port
        )

    def behind(self, within_s: int = 8) -> str:
        """A row is written on the source and does not show here in time; "" where it does."""
        self.source.query("UPDATE stock SET updated_at = NOW(6) WHERE product_id = 500")
        done = self.source.query("SELECT @@GLOBAL.gtid_executed", role="dba")[0][0]
        said = self.query(f"SELECT WAIT_FOR_EXECUTED_GTID_SET('{done}', {within_s})", role="referee")
        return "" if said == [("0",)] else "behind"

    def why(self) -> str:
        """What keeps it behind: an error, a delay, or the tables whose rows it is busy with."""
        state, error, delay, left = self.target.rows(HOW_IT_STANDS)[0]
        if state == "OFF":
            return f"stopped by error {error}"
        if left != "NULL":
            return f"waits out a delay of {delay} s"
        busy = ", ".join(table for (table,) in self.target.rows(BUSY_WITH))
        return f"busy with {busy}" if busy else ""

    def in_step(self) -> None:
        """Wait until it has all that the source has."""
        until(lambda: self.behind() == "" or None, what=f"{self.name} follows", timeout_s=90)


def source(yard: Yard) -> Mysql:
    """The server that the shop writes to."""
    return yard.get(Mysql, SOURCE)


def lone(yard: Yard) -> Mysql:
    """A server that nobody follows, for what ends in a rebuild: its followers would be lost."""
    return yard.get(Mysql, LONE)


def replica(yard: Yard) -> Replica:
    """The one that follows; a case waits for it to be in step before it begins."""
    source(yard)
    return yard.get(Replica, FOLLOWER)

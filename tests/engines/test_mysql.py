"""MySQL: its data, its users, its way in when it is full, and a replica that follows by itself."""

import contextlib
import time

import pymysql
import pytest

from lab.referee.errors import SampleError
from lab.referee.mysql import ADMIN_PORT, Mysql
from lab.referee.samplers.mysql_log import PATH, Reader
from tests.engines.servers import (
    SECRETS,
    TOO_MANY_CONNECTIONS,
    Server,
    Yard,
    resident_bytes,
    soon,
    take_every_connection,
)

pytestmark = pytest.mark.docker
LIMIT_BYTES = 350 * 1024 * 1024


def executed(server: Server) -> str:
    return str(server.sql("SELECT @@GLOBAL.gtid_executed AS it")[0]["it"])


def reserve(source: Server, product: int) -> int:
    """Reserve one piece as the shop does; returns how many are reserved now."""
    source.sql("UPDATE stock SET reserved = reserved + 1 WHERE product_id = %s", product, user="shop")
    return reserved(source, product)


def reserved(server: Server, product: int) -> int:
    return int(server.sql("SELECT reserved FROM stock WHERE product_id = %s", product)[0]["reserved"])


@pytest.fixture(scope="module")
def replica(yard: Yard, mysql: Server) -> Server:
    """A replica started after some writes."""
    reserve(mysql, 1)
    server = yard.replica("mysql")
    soon(lambda: bool(server.sql("SELECT 1")), "the replica answers")
    return server


def test_the_seed_is_complete_and_adds_up(mysql: Server) -> None:
    assert mysql.sql("SELECT COUNT(*) AS n FROM products") == [{"n": 500}]
    assert mysql.sql("SELECT COUNT(*) AS n FROM stock_movements")[0]["n"] == 200_000
    wrong = mysql.sql(
        "SELECT s.product_id FROM stock s JOIN stock_movements m USING (product_id)"
        " GROUP BY s.product_id, s.on_hand HAVING s.on_hand <> SUM(m.delta)"
    )
    assert not wrong


def test_the_products_are_those_of_postgresql(mysql: Server, postgres: Server) -> None:
    ours = {(row["id"], row["name"], row["price_cents"]) for row in mysql.sql("SELECT * FROM products")}
    with postgres.postgres() as session:
        theirs = set(session.execute("SELECT id, name, price_cents FROM products").fetchall())
    assert ours == theirs


def test_a_replica_started_after_some_writes_catches_up(mysql: Server, replica: Server) -> None:
    soon(lambda: reserved(replica, 1) == reserved(mysql, 1), "what was written before is there")
    assert executed(mysql)
    soon(lambda: executed(replica) == executed(mysql), "both have the same transactions")


def test_a_write_on_the_source_is_read_on_the_replica(mysql: Server, replica: Server) -> None:
    there = reserve(mysql, 2)
    soon(lambda: reserved(replica, 2) == there, "the write is there")
    for user in ("shop", "dba"):
        with pytest.raises(pymysql.OperationalError, match="read-only option"):
            replica.sql("UPDATE stock SET reserved = 0 WHERE product_id = 2", user=user)


def test_either_restarts_and_the_replica_goes_on(mysql: Server, replica: Server) -> None:
    there = reserve(mysql, 3)
    soon(lambda: reserved(replica, 3) == there, "the write is there")
    replica.container.restart(timeout=30)
    there = reserve(mysql, 3)
    soon(lambda: reserved(replica, 3) == there, "the replica goes on after its restart")
    mysql.container.restart(timeout=30)
    soon(lambda: reserved(mysql, 3) == there, "the source has kept it")
    there = reserve(mysql, 3)
    soon(lambda: reserved(replica, 3) == there, "and the replica follows")
    soon(lambda: executed(replica) == executed(mysql), "both have the same transactions")
    assert replica.sql("SELECT @@GLOBAL.super_read_only AS it") == [{"it": 1}]


def test_each_server_is_its_own(mysql: Server, replica: Server) -> None:
    names = {server.sql("SELECT @@server_uuid AS it")[0]["it"] for server in (mysql, replica)}
    numbers = {server.sql("SELECT @@server_id AS it")[0]["it"] for server in (mysql, replica)}
    assert (len(names), len(numbers)) == (2, 2)


def test_when_every_connection_is_taken_the_referee_gets_in_by_the_other_port(mysql: Server) -> None:
    with contextlib.ExitStack() as sessions:
        assert take_every_connection(mysql, sessions) == TOO_MANY_CONNECTIONS
        for _ in range(20):
            assert mysql.sql("SELECT CURRENT_USER() AS it", port=33062) == [{"it": "referee@%"}]
        with pytest.raises(pymysql.OperationalError):
            mysql.sql("SELECT 1", user="shop", port=33062)


def test_it_keeps_a_history_of_statements_in_little_memory(mysql: Server, replica: Server) -> None:
    consumers = mysql.sql(
        "SELECT NAME FROM performance_schema.setup_consumers"
        " WHERE ENABLED = 'YES' AND NAME LIKE 'events_statements_history%'"
    )
    assert len(consumers) == 2
    mysql.sql("SELECT 'a needle'", user="dba")
    texts = mysql.sql("SELECT SQL_TEXT FROM performance_schema.events_statements_history_long")
    assert any("a needle" in str(row["SQL_TEXT"]) for row in texts)
    for server in (mysql, replica):
        assert resident_bytes(server) < LIMIT_BYTES


def recorded(server: Server) -> list[str]:
    """What the referee makes of the server's log: the DBA's statements."""
    reader = Reader()
    found = [*(reader.read(line) for line in server.inside("cat", PATH).splitlines()), reader.rest()]
    return [one.text for one in found if one]


def test_whatever_the_dba_types_is_recorded_and_nothing_else(mysql: Server, replica: Server) -> None:
    for server, name in ((mysql, "source"), (replica, "replica")):
        server.sql(f"SELECT 'the shop at the {name}'", user="shop")
        server.sql(f"SELECT 'the DBA\nat the {name}'", user="dba")
        found = recorded(server)
        assert f"SELECT 'the DBA\nat the {name}'" in found
        assert not any("the shop" in text for text in found)


def test_what_is_recorded_holds_no_password_and_is_not_for_everybody(mysql: Server) -> None:
    mysql.sql("CREATE USER on_call@'%' IDENTIFIED BY 'a needle'", user="dba")
    mysql.sql("DROP USER on_call@'%'", user="dba")
    found = [text for text in recorded(mysql) if "on_call" in text]
    assert len(found) == 2
    assert not any("needle" in text for text in found)
    # As whom `kubectl exec` lets in.
    code, _ = mysql.container.exec_run(["cat", PATH], user="nobody")
    assert code != 0


def test_the_superuser_comes_from_inside_only(mysql: Server) -> None:
    said = mysql.inside("mysql", "-uroot", "-NBe", "SELECT CURRENT_USER()")
    assert said.strip() == "root@localhost"
    with pytest.raises(pymysql.OperationalError):
        pymysql.connect(host="127.0.0.1", port=mysql.port(3306), user="root", ssl={"check_hostname": False})


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM performance_schema.threads",
        "SHOW REPLICA STATUS",
        "SET GLOBAL max_connections = 150",
        "SET GLOBAL binlog_group_commit_sync_delay = 0",
        "ALTER TABLE stock_movements ALTER INDEX by_order VISIBLE",
        "CREATE INDEX on_call ON stock_movements (reason)",
        "DROP INDEX on_call ON stock_movements",
        "ALTER USER shop@'%' ACCOUNT UNLOCK",
        "ALTER USER replica@'%' ACCOUNT UNLOCK",
        "FLUSH TABLES",
        "SELECT * FROM sys.schema_table_lock_waits",
    ],
)
def test_the_dba_may(mysql: Server, statement: str) -> None:
    mysql.sql(statement, user="dba")


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER USER referee@'%' ACCOUNT LOCK",
        "ALTER USER heartbeat@'%' IDENTIFIED BY 'x'",
        "DROP USER exporter@'%'",
        "ALTER USER root@localhost ACCOUNT LOCK",
        "GRANT SYSTEM_USER ON *.* TO dba@'%'",
        "UPDATE mysql.user SET account_locked = 'N'",
        "SELECT * FROM mysql.user",
        "SHUTDOWN",
    ],
)
def test_the_dba_may_not(mysql: Server, statement: str) -> None:
    with pytest.raises(pymysql.err.MySQLError) as refusal:
        mysql.sql(statement, user="dba")
    assert refusal.value.args[0] in {1045, 1142, 1227, 1396, 1410}


def test_the_dba_cannot_end_a_watchers_session(mysql: Server) -> None:
    with mysql.mysql("referee") as session, session.cursor() as cursor:
        cursor.execute("SELECT CONNECTION_ID()")
        [[number]] = cursor.fetchall()
        with pytest.raises(pymysql.err.MySQLError) as refusal:
            mysql.sql(f"KILL {number}", user="dba")
        assert refusal.value.args[0] in {1095, 1227}
        cursor.execute("SELECT 1")


def test_it_runs_as_nobody_in_particular(mysql: Server) -> None:
    assert mysql.inside("id", "-un").strip() == "mysql"
    assert not mysql.container.attrs["HostConfig"]["Privileged"]


@pytest.mark.parametrize("program", ["mysql", "mysqladmin", "mysqlbinlog", "innochecksum", "mysqldump"])
def test_the_tools_are_there(mysql: Server, program: str) -> None:
    assert mysql.inside(program, "--version")


@pytest.fixture
def asked(mysql: Server) -> Mysql:
    """The referee's way in for what a scenario asks."""
    return Mysql(host="127.0.0.1", port=mysql.port(ADMIN_PORT), password=SECRETS["MYSQL_REFEREE_PASSWORD"])


def test_a_scenarios_query_is_one_number(asked: Mysql) -> None:
    assert asked.scalar("SELECT COUNT(*) FROM products WHERE id <= 10") == 10.0
    assert asked.scalar("SELECT SUM(id) / 4 FROM products WHERE id <= 4") == 2.5
    for query, said in {
        "SELECT SUM(delta) FROM stock_movements WHERE id < 0": "answered NULL",
        "SELECT name FROM products WHERE id = 1": "answered str",
        "SELECT id FROM products WHERE id <= 2": "2 rows",
        "SELECT id FROM nowhere": "MySQL, as user referee",
    }.items():
        with pytest.raises(SampleError, match=said):
            asked.scalar(query)


def test_a_scenarios_query_changes_nothing_and_holds_nobody_up(mysql: Server, asked: Mysql) -> None:
    """Neither by its rights nor in its session; and it is ended after two seconds."""
    with pytest.raises(SampleError, match="UPDATE command denied"):
        asked.scalar("WITH x AS (SELECT 1) UPDATE stock SET reserved = 9 WHERE product_id = 9")
    with pytest.raises(SampleError, match="locking clause command denied"):
        asked.scalar("SELECT reserved FROM stock WHERE product_id = 9 FOR UPDATE")
    refused = pytest.raises(pymysql.Error, match="READ ONLY transaction")
    with asked._session() as session, session.cursor() as cursor, refused:
        cursor.execute("CREATE TABLE shop.of_the_referee (id INT)")
    began = time.monotonic()
    with pytest.raises(SampleError, match="maximum statement execution time"):
        asked.scalar("SELECT COUNT(*) FROM stock_movements a JOIN stock_movements b ON a.id <> b.id")
    assert time.monotonic() - began < 10


def test_a_scenarios_query_is_answered_when_the_server_is_full(mysql: Server, asked: Mysql) -> None:
    with contextlib.ExitStack() as sessions:
        assert take_every_connection(mysql, sessions) == TOO_MANY_CONNECTIONS
        assert asked.scalar("SELECT COUNT(*) FROM products") == 500.0

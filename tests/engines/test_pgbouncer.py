"""The pooler hands few sessions of the database to many clients, one transaction at a time."""

import contextlib

import psycopg
import pytest

from tests.engines.servers import SECRETS, Server, Yard, soon

pytestmark = pytest.mark.docker
CLIENTS = 60
POOL = 25


def through(pooler: Server, user: str, password: str, database: str = "shop") -> "psycopg.Connection[object]":
    return psycopg.connect(
        host="127.0.0.1",
        port=pooler.port(6432),
        dbname=database,
        user=user,
        password=password,
        autocommit=True,
        connect_timeout=5,
        cursor_factory=psycopg.ClientCursor if database == "pgbouncer" else psycopg.Cursor,
    )


@pytest.fixture(scope="module")
def pooler(yard: Yard, postgres: Server) -> Server:
    """A pooler in front of the module's primary."""
    assert postgres
    server = yard.start("pgbouncer", name="pgbouncer", ports=(6432,), environment={})

    def answers() -> bool:
        with through(server, "shop", SECRETS["SHOP_DB_PASSWORD"]) as session:
            return session.execute("SELECT 1").fetchone() == (1,)

    soon(answers, "the pooler answers")
    return server


def test_many_clients_share_few_sessions(pooler: Server, postgres: Server) -> None:
    with contextlib.ExitStack() as stack:
        clients = [
            stack.enter_context(through(pooler, "shop", SECRETS["SHOP_DB_PASSWORD"])) for _ in range(CLIENTS)
        ]
        for _ in range(7):  # often enough for the driver to prepare the statement
            for client in clients:
                assert client.execute("SELECT name FROM products WHERE id = %s", (1,)).fetchone()
        with postgres.postgres() as session:
            query = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'shop'"
            [held] = session.execute(query).fetchone() or [CLIENTS]
    assert held <= POOL


def test_we_rule_it_and_the_dba_looks(pooler: Server) -> None:
    with through(pooler, "pooler", SECRETS["PGBOUNCER_ADMIN_PASSWORD"], "pgbouncer") as console:
        console.execute("SET default_pool_size = 20")
        console.execute("RELOAD")
    with through(pooler, "dba", SECRETS["DBA_PASSWORD"], "pgbouncer") as console:
        assert console.execute("SHOW POOLS").fetchall()
        with pytest.raises(psycopg.Error, match="admin access needed"):
            console.execute("SET default_pool_size = 1")

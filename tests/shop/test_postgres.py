"""The database: its data, its roles, its reserve, and what survives a restart."""

import contextlib
import time
from collections.abc import Iterator

import psycopg
import pytest

from faults.wait import until
from tests.shop.servers import PASSWORDS, Postgres

pytestmark = pytest.mark.docker

ORDINARY_SLOTS = 85
LIVES = 5
RESERVED = "remaining connection slots are reserved"


@contextlib.contextmanager
def full(postgres: Postgres) -> Iterator[tuple[int, str]]:
    """Take ordinary slots until refused; yields how many there were and the refusal."""
    with contextlib.ExitStack() as sessions:
        taken, refusal = 0, ""
        while not refusal:
            try:
                sessions.enter_context(postgres.connect("shop"))
                taken += 1
            except psycopg.OperationalError as error:
                refusal = str(error)
        yield taken, refusal


def got_in(postgres: Postgres, role: str, times: int) -> int:
    """How many of so many single attempts of *role* succeeded."""
    count = 0
    for _ in range(times):
        with contextlib.suppress(psycopg.OperationalError), postgres.connect(role) as session:
            session.execute("SELECT 1")
            count += 1
    return count


def refused(postgres: Postgres, role: str, statement: str) -> bool:
    """Whether the server denies *role* the statement."""
    try:
        postgres.run(statement, role=role)
    except psycopg.errors.InsufficientPrivilege:
        return True
    return False


def test_the_seed_is_complete(postgres: Postgres) -> None:
    counts = [
        postgres.value("SELECT count(*) FROM customers"),
        postgres.value("SELECT count(*) FROM customers WHERE password_hash IS NOT NULL"),
        postgres.value("SELECT count(DISTINCT split_part(password_hash, '$', 3)) FROM customers"),
        postgres.value("SELECT count(*) FROM orders"),
        postgres.value("SELECT count(*) FROM order_lines"),
        postgres.value("SELECT count(*) FROM payments"),
        postgres.value("SELECT count(*) FROM products"),
    ]
    assert counts == [200_000, 20_000, 20_000, 1_000_000, 2_000_000, 1_000_000, 500]


def test_the_seed_is_the_same_in_every_build(postgres: Postgres) -> None:
    assert postgres.value("SELECT sum(total_cents)::bigint FROM orders") == 26_982_642_385
    digest = postgres.value("SELECT md5(string_agg(password_hash, ',' ORDER BY id)) FROM customers")
    assert digest == "43424810cb2c9f6169f7ba8d72736875"


def test_every_seeded_order_adds_up(postgres: Postgres) -> None:
    wrong = postgres.value(
        "SELECT count(*) FROM orders o JOIN payments p ON p.order_id = o.id JOIN"
        " (SELECT order_id, sum(quantity * price_cents) AS cents FROM order_lines GROUP BY 1) l"
        " ON l.order_id = o.id WHERE o.total_cents <> l.cents OR o.total_cents <> p.amount_cents"
    )
    assert wrong == 0


def test_it_speaks_utf8_and_checks_its_pages(postgres: Postgres) -> None:
    assert postgres.value("SHOW server_encoding") == "UTF8"
    assert postgres.value("SHOW data_checksums") == "on"
    assert postgres.value("SELECT count(*) FROM pg_extension WHERE extname = 'pg_stat_statements'") == 1


def test_ordinary_roles_stop_at_85_and_the_reserve_gets_in(postgres: Postgres) -> None:
    with full(postgres) as (taken, refusal):
        assert taken == ORDINARY_SLOTS
        assert RESERVED in refusal
        assert got_in(postgres, "dba", 50) == 50
        assert got_in(postgres, "exporter", 50) == 50
        assert got_in(postgres, "referee", 50) == 50
        assert got_in(postgres, "shop", 5) == 0
    assert RESERVED in postgres.running.log()


def test_superusers_come_from_inside_only(postgres: Postgres) -> None:
    with pytest.raises(psycopg.OperationalError, match=r"pg_hba\.conf rejects"):
        psycopg.connect(
            host="127.0.0.1", port=postgres.running.port, dbname="shop", user="postgres", password="x"
        )
    code, output = postgres.running.container.exec_run(["psql", "-Atc", "SELECT current_user"])
    assert (code, output) == (0, b"postgres\n")
    code, _ = postgres.running.container.exec_run(["psql", "-w", "-U", "dba", "shop"])
    assert code != 0


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER ROLE shop SET idle_session_timeout = '5s'",
        "ALTER ROLE shop RESET idle_session_timeout",
        "ALTER ROLE shop CONNECTION LIMIT 60",
        "ALTER ROLE shop CONNECTION LIMIT -1",
        "ALTER SYSTEM SET idle_session_timeout = '10min'",
        "ALTER SYSTEM RESET idle_session_timeout",
        "SELECT pg_reload_conf()",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'shop'",
        "SELECT query FROM pg_stat_statements LIMIT 1",
        "CREATE INDEX on_call ON orders (created_at)",
        "DROP INDEX on_call",
        "DELETE FROM orders WHERE id = 0",
        "VACUUM products",
        "CHECKPOINT",
        "CREATE ROLE helper LOGIN PASSWORD 'x'",
        "DROP ROLE helper",
    ],
)
def test_the_dba_may(postgres: Postgres, statement: str) -> None:
    assert not refused(postgres, "dba", statement)
    logged = f"statement: {statement}"
    until(lambda: logged in postgres.running.log() or None, what=logged, timeout_s=20)


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER ROLE dba SUPERUSER",
        "ALTER ROLE dba RESET log_statement",
        "ALTER ROLE shop RESET log_statement",
        "SET log_statement = 'none'",
        "ALTER SYSTEM SET log_statement = 'none'",
        "ALTER SYSTEM SET reserved_connections = 0",
        "ALTER SYSTEM SET archive_command = 'true'",
        "ALTER ROLE referee NOLOGIN",
        "ALTER ROLE exporter NOLOGIN",
        "GRANT pg_use_reserved_connections TO shop",
        "COPY products TO PROGRAM 'cat'",
        "SELECT pg_read_file('/etc/passwd')",
        "CREATE EXTENSION adminpack",
        "DROP ROLE shop",
    ],
)
def test_the_dba_may_not(postgres: Postgres, statement: str) -> None:
    with pytest.raises(psycopg.Error):
        postgres.run(statement)


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("shop", "DROP TABLE orders"),
        ("shop", "DELETE FROM orders"),
        ("shop", "UPDATE products SET stock = 0"),
        ("exporter", "SELECT * FROM customers"),
    ],
)
def test_others_keep_to_their_job(postgres: Postgres, role: str, statement: str) -> None:
    assert refused(postgres, role, statement)


def test_the_referee_only_reads(postgres: Postgres) -> None:
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        postgres.run("DELETE FROM orders", role="referee")


def test_no_password_is_in_the_log(postgres: Postgres) -> None:
    log = postgres.running.log()
    assert not [name for name, password in PASSWORDS.items() if password in log]


def test_a_raised_limit_and_the_data_survive_a_restart(postgres: Postgres) -> None:
    insert = "INSERT INTO orders (customer_id, total_cents, idempotency_key) VALUES (1, 1, 'kept')"
    postgres.run(insert, role="shop")
    postgres.run("ALTER SYSTEM SET max_connections = 120", "SELECT pg_reload_conf()")
    assert postgres.value("SHOW max_connections") == "100"
    assert postgres.value("SELECT pending_restart FROM pg_settings WHERE name = 'max_connections'")
    with postgres.connect("shop"):  # a client that stays must not hold the stop up
        started = time.monotonic()
        postgres.restart()
        assert time.monotonic() - started < 15
    assert postgres.value("SHOW max_connections") == "120"
    assert postgres.value("SELECT count(*) FROM orders WHERE idempotency_key = 'kept'") == 1
    assert "database system was shut down at" in postgres.running.log()
    assert "was not properly shut down" not in postgres.running.log()


def test_a_killed_server_starts_again_whatever_number_its_process_had(postgres: Postgres) -> None:
    """What it left names a process, and in the next life another one may have that number: several lives."""
    insert = "INSERT INTO orders (customer_id, total_cents, idempotency_key) VALUES (1, 1, 'life {}')"
    for life in range(LIVES):
        postgres.run(insert.format(life), role="shop")
        postgres.die()
    kept = postgres.value("SELECT count(*) FROM orders WHERE idempotency_key LIKE 'life %'")
    assert kept == LIVES
    assert "was not properly shut down" in postgres.running.log()

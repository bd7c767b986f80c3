"""No password that a statement sets gets into the history."""

import pytest

from lab.referee.cluster.cluster import said_of
from lab.referee.samplers.redacted import HIDDEN, redacted


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER ROLE replica PASSWORD 'hunter2'",
        "alter role replica with login password 'it''s hunter2' valid until 'infinity'",
        "alter user replica encrypted password E'hunter2\\''",
        "alter role replica password $$hunter2$$",
        "ALTER ROLE replica PASSWORD\n  $pw$hunter2$pw$",
        "alter system set primary_conninfo = 'host=postgres user=replica password=hunter2 dbname=x'",
        "CREATE USER u@'%' IDENTIFIED BY 'hunter2'",
        "alter user u identified with caching_sha2_password by 'hunter2'",
        "CHANGE REPLICATION SOURCE TO SOURCE_USER='replica', SOURCE_PASSWORD='hunter2'",
        "SET PASSWORD FOR u@'%' = 'hunter2'",
    ],
)
def test_a_password_is_hidden(statement: str) -> None:
    assert "hunter2" not in redacted(statement)
    assert HIDDEN in redacted(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "select usename, passwd is null as password from pg_shadow",
        "alter role replica password null",
        "select password_hash from customers where id = 1",
        "alter role shop set idle_session_timeout = '30s'",
    ],
)
def test_what_is_none_stays(statement: str) -> None:
    assert redacted(statement) == statement


def test_a_statement_given_to_a_program_in_a_pod_is_redacted_before_it_is_cut() -> None:
    statement = f"alter role replica password '{'hunter2' * 40}'"
    said = said_of(["psql", "-c", statement], "exit code 0")
    assert "hunter2" not in said
    assert said.startswith("psql -c alter role replica password")
    assert said.endswith(": exit code 0")


def test_what_stands_beside_it_stays() -> None:
    assert redacted("alter role replica password 'x' connection limit 4") == (
        f"alter role replica password '{HIDDEN}' connection limit 4"
    )

"""A PostgreSQL replica comes up in step by itself, catches up, and outlives restarts of either side."""

import psycopg
import pytest

from tests.engines.servers import Server, Yard, soon

pytestmark = pytest.mark.docker
SLOT = "SELECT active FROM pg_replication_slots WHERE slot_name = 'postgres_replica'"


def value(server: Server, query: str, *values: object, role: str = "referee") -> object:
    with server.postgres(role) as session:
        row = session.execute(query.encode(), values or None).fetchone()
        return row[0] if row else None


def order(primary: Server, customer: int) -> int:
    """Place an order as the shop does; returns its number."""
    statement = "INSERT INTO orders (customer_id, total_cents) VALUES (%s, 100) RETURNING id"
    number = value(primary, statement, customer, role="shop")
    assert isinstance(number, int)
    return number


def seen(server: Server, number: int) -> bool:
    return value(server, "SELECT id FROM orders WHERE id = %s", number, role="shop") == number


@pytest.fixture(scope="module")
def replica(yard: Yard, postgres: Server) -> Server:
    """A replica started after some writes."""
    order(postgres, 1)
    server = yard.replica("postgres")
    soon(lambda: value(server, "SELECT pg_is_in_recovery()") is True, "the replica answers")
    return server


def test_a_replica_started_after_some_writes_catches_up(postgres: Server, replica: Server) -> None:
    before = value(postgres, "SELECT max(id) FROM orders")
    assert isinstance(before, int)
    soon(lambda: seen(replica, before), "what was written before is there")


def test_a_write_on_the_primary_is_read_on_the_replica(postgres: Server, replica: Server) -> None:
    number = order(postgres, 2)
    soon(lambda: seen(replica, number), "the order is there")
    assert value(postgres, SLOT) is True
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        order(replica, 2)


def test_the_passwords_are_the_same_on_both(replica: Server) -> None:
    for role in ("referee", "shop", "dba"):
        assert value(replica, "SELECT current_user", role=role) == role


def test_the_replica_restarts_and_goes_on(postgres: Server, replica: Server) -> None:
    number = order(postgres, 3)
    replica.container.restart(timeout=20)
    soon(lambda: seen(replica, number), "its data are there")
    later = order(postgres, 3)
    soon(lambda: seen(replica, later), "and what came since")


def test_the_primary_restarts_and_the_replica_finds_it_again(postgres: Server, replica: Server) -> None:
    number = order(postgres, 4)
    postgres.container.restart(timeout=20)
    soon(lambda: seen(postgres, number), "its data are there")
    later = order(postgres, 4)
    soon(lambda: seen(replica, later), "and on the replica, too")
    soon(lambda: value(postgres, SLOT) is True, "the slot is in use")


def test_the_dba_may_pause_and_resume_replay_and_give_the_replica_another_password(
    postgres: Server, replica: Server
) -> None:
    with replica.postgres("dba") as session:
        session.execute("SELECT pg_wal_replay_pause()")
        session.execute("SELECT pg_wal_replay_resume()")
    with postgres.postgres("dba") as session:
        session.execute("ALTER ROLE replica CONNECTION LIMIT 4")
        session.execute("SELECT pg_create_physical_replication_slot('aside')")
        session.execute("SELECT pg_drop_replication_slot('aside')")


def test_a_primary_without_a_replica_keeps_no_wal_for_one(yard: Yard) -> None:
    alone = yard.start("postgres", name="alone", ports=(5432,), environment={})
    soon(lambda: value(alone, "SELECT count(*) FROM pg_replication_slots") == 0, "it has no slot")
    assert value(alone, "SHOW archive_mode") == "on"
    assert value(alone, "SHOW max_prepared_transactions") == "50"
    with alone.postgres("dba") as session:
        session.execute("SELECT pg_switch_wal()")
    soon(
        lambda: value(alone, "SELECT archived_count > 0 AND failed_count = 0 FROM pg_stat_archiver") is True,
        "a segment is let go",
    )


def test_the_tools_for_a_closer_look_are_there(postgres: Server) -> None:
    assert value(postgres, "SELECT count(*) > 0 FROM pg_buffercache", role="dba") is True
    with postgres.postgres("dba") as session:
        session.execute("SELECT bt_index_check('products_pkey', true)")

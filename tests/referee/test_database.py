"""Ledger and fingerprints against the shop's own PostgreSQL."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import psycopg
import pytest

from lab.referee import fingerprints, ledger
from lab.referee.database import Database
from lab.referee.errors import SampleError
from tests import labelled
from tests.shop.servers import ROLE_PASSWORDS, Postgres
from tests.shop.stack import Stack

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def postgres(engine: docker.DockerClient, image: Callable[[str], str]) -> Iterator[Postgres]:
    """A pristine database."""
    with labelled.own() as label:
        yield Stack(engine, label, image).postgres()


@pytest.fixture
def database(postgres: Postgres) -> Database:
    """The referee's look into it."""
    return Database(
        f"host=127.0.0.1 port={postgres.running.port} dbname=shop user=referee "
        f"password={ROLE_PASSWORDS['referee']} connect_timeout=3"
    )


def test_fingerprints_tell_a_change_from_none(postgres: Postgres, database: Database) -> None:
    """New orders change nothing; an old one, or an index, does."""
    before = fingerprints.take(database)
    with postgres.connect("shop") as shop:
        shop.execute("insert into orders (customer_id, idempotency_key, total_cents) values (1, 'new', 5)")
        shop.execute("insert into customers (email, name) values ('new@shop.example', 'new')")
    assert fingerprints.take(database) == before
    with postgres.connect("dba") as dba:
        dba.execute("update orders set total_cents = total_cents + 1 where id = 77")
        changed = fingerprints.take(database)
        dba.execute("update orders set total_cents = total_cents - 1 where id = 77")
        dba.execute("create index extra on orders (created_at, id)")
        other = fingerprints.take(database)
        dba.execute("drop index extra")
    assert (changed.schema, changed.data != before.data) == (before.schema, True)
    assert (other.schema != before.schema, other.data) == (True, before.data)
    assert fingerprints.take(database) == before


def order(postgres: Postgres, key: str, cents: int, *payments: int) -> int:
    """An order and its payments."""
    with postgres.connect("shop") as shop:
        query = (
            "insert into orders (customer_id, idempotency_key, total_cents) values (1, %s, %s) returning id"
        )
        row = shop.execute(query, (key, cents)).fetchone()
        assert row is not None
        line = "insert into order_lines (order_id, product_id, quantity, price_cents) values (%s, 7, 1, %s)"
        shop.execute(line, (row[0], cents))
        for n, amount in enumerate(payments):
            pay = "insert into payments (order_id, provider_ref, amount_cents) values (%s, %s, %s)"
            shop.execute(pay, (row[0], f"{key}-{n}", amount))
    return int(row[0])


def test_every_acknowledged_order_is_looked_up(
    postgres: Postgres, database: Database, tmp_path: Path
) -> None:
    """Missing, of another amount, unpaid: each is counted and named."""
    fine = order(postgres, "fine", 100, 100)
    cheaper = order(postgres, "cheaper", 90, 100)
    unpaid = order(postgres, "unpaid", 100)
    known = {"fine": fine, "cheaper": cheaper, "unpaid": unpaid, "lost": 99_999_999}
    lines = [
        {"t": 1, "kind": "order", "order_id": id_, "idempotency_key": key, "total_cents": 100}
        for key, id_ in known.items()
    ]
    lines += [
        {"t": 1, "kind": "customer", "customer_id": 1, "email": "customer1@shop.example"},
        {"t": 1, "kind": "customer", "customer_id": 2, "email": "somebody@else.example"},
    ]
    path = tmp_path / "ledger.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines) + '{"kind": "ord')
    found = ledger.reconcile(path, database)
    counts = (found.acknowledged, found.missing, found.doubled, found.wrong_amount, found.unpaid)
    assert counts == (6, 2, 0, 1, 1)
    assert f"order {cheaper}: 90 cents, its lines 90, acknowledged were 100" in found.examples
    assert "order 99999999 was acknowledged and is not there" in found.examples


def test_an_order_that_lost_its_lines_or_was_cancelled_is_counted(
    postgres: Postgres, database: Database, tmp_path: Path
) -> None:
    """The order's own row may be as it was."""
    bare, cancelled = order(postgres, "bare", 100, 100), order(postgres, "cancelled", 100, 100)
    with postgres.connect("dba") as dba:
        dba.execute("delete from order_lines where order_id = %s", (bare,))
        dba.execute("update orders set status = 'cancelled' where id = %s", (cancelled,))
    path = tmp_path / "ledger.jsonl"
    path.write_text(
        "".join(
            json.dumps(
                {
                    "t": 1,
                    "kind": "order",
                    "order_id": id_,
                    "idempotency_key": key,
                    "total_cents": 100,
                    "customer_id": 1,
                }
            )
            + "\n"
            for key, id_ in {"bare": bare, "cancelled": cancelled}.items()
        )
    )
    found = ledger.reconcile(path, database)
    assert (found.missing, found.wrong_amount) == (1, 1)


def test_a_dba_cannot_put_other_tables_before_the_watchers_eyes(
    postgres: Postgres, database: Database
) -> None:
    """Neither a schema of the referee's own name nor the database's search path leads it away."""
    before = fingerprints.take(database)
    with postgres.connect("dba") as dba:
        dba.execute("create schema referee")
        dba.execute("create table referee.customers as table public.customers with no data")
        dba.execute("alter database shop set search_path = referee, public")
    assert fingerprints.take(database) == before
    with postgres.connect("dba") as dba:
        dba.execute("alter database shop reset search_path")
        dba.execute("drop schema referee cascade")


def test_sessions_of_the_trainee_are_ended_and_no_others(postgres: Postgres, database: Database) -> None:
    """Those of the DBA, whatever they run."""
    with postgres.connect("dba") as dba, postgres.connect("shop") as shop:
        assert database.end_sessions(role="dba", address="") == 1
        with pytest.raises(psycopg.OperationalError):
            dba.execute("select 1")
        assert shop.execute("select 1").fetchone() == (1,)


def test_a_scenarios_query_is_one_number_and_changes_nothing(postgres: Postgres, database: Database) -> None:
    assert database.scalar("select count(*) from orders where id % 2 = 0 and id <= 10") == 5.0
    with pytest.raises(SampleError, match="read-only transaction"):
        database.scalar("with x as (delete from orders where id = 77 returning 1) select count(*) from x")
    with pytest.raises(SampleError, match="statement timeout"):
        database.scalar("select count(*) from pg_sleep(5)")
    with postgres.connect("dba") as dba:
        assert dba.execute("select count(*) from orders where id = 77").fetchone() == (1,)

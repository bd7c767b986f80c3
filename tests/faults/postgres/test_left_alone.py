"""What somebody else made under the same name survives an undo, which says so; what is ours goes."""

from collections.abc import Callable, Iterator

import pytest

from faults import actors
from faults.actors import Work
from faults.lifecycle import inject, revert
from faults.postgres.abandoned_slot import AbandonedSlot
from faults.postgres.idle_in_transaction import IdleInTransaction
from faults.postgres.lock_queue_behind_ddl import LockQueueBehindDdl
from faults.postgres.missing_index import MissingIndex
from faults.postgres.prepared_transaction import PreparedTransaction
from faults.postgres.rogue_role import RogueRole
from faults.store import Store
from faults.wait import until
from tests.faults.postgres.clients import ends
from tests.faults.postgres.server import Postgres, primary
from tests.faults.servers import Yard

pytestmark = pytest.mark.docker

PROGRAM = "billing-batch"
HERE = "SELECT count(*) FROM "
COLUMN = HERE + "pg_attribute WHERE attrelid = 'orders'::regclass AND attname = 'delivery_note'"
SESSIONS = f"{HERE} pg_stat_activity WHERE application_name = '{PROGRAM}' AND state = 'idle in transaction'"
ROLE = HERE + "pg_roles WHERE rolname = 'svc_backup'"
INDEX = "SELECT indexdef FROM pg_indexes WHERE indexname ~ '^orders_customer_id' ORDER BY indexname"


@pytest.fixture
def server(yard: Yard) -> Iterator[Postgres]:
    """The primary, as it was before the test: what is left is the test's own."""
    server = primary(yard)
    yield server
    server.target.run(
        "DROP ROLE IF EXISTS svc_backup",
        "ALTER TABLE orders DROP COLUMN IF EXISTS delivery_note",
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name ~ '^barman'",
        "DO $$ BEGIN IF to_regclass('orders_customer_id_id_idx') IS NOT NULL THEN"
        " DROP INDEX orders_customer_id;"
        " ALTER INDEX orders_customer_id_id_idx RENAME TO orders_customer_id; END IF; END $$",
    )


def count(server: Postgres, query: str) -> int:
    return int(server.target.value(query))


def test_a_role(server: Postgres, store: Store) -> None:
    record = inject(RogueRole(), server.target, store)
    server.target.run("DROP OWNED BY svc_backup", "DROP ROLE svc_backup", "CREATE ROLE svc_backup LOGIN")
    with server.connect("dba") as backup:
        backup.execute("SET application_name = 'pg_dump'")
        record = revert(RogueRole(), server.target, store, record)
        backup.execute("SELECT 1")  # a session of the same program goes on
    assert record.left == f"left alone, as somebody else's: role svc_backup of {server.name}"
    assert count(server, ROLE) == 1
    assert store.open() == ()


@pytest.fixture
def neighbour(server: Postgres) -> Iterator[Callable[[], None]]:
    """Lets a container come beside the server, whose session calls itself as a fault's holder does."""
    name = f"{server.name}-neighbour"

    def come() -> None:
        work = Work(
            program=PROGRAM, begin=["SELECT id FROM customers WHERE id = 30001 FOR SHARE"], transaction=True
        )
        actors.start(server.container, name, server.target.login("shop"), work)

    yield come
    actors.stop(server.container, name)


def test_sessions_of_the_same_program(server: Postgres, store: Store, neighbour: Callable[[], None]) -> None:
    fault = IdleInTransaction()
    record = inject(fault, server.target, store)
    neighbour()
    until(lambda: count(server, SESSIONS) == 2 or None, what="the neighbour has come", timeout_s=30)
    with server.connect() as theirs:
        theirs.execute(f"SET application_name = '{PROGRAM}'")
        theirs.execute("BEGIN")
        theirs.execute("SELECT id FROM customers WHERE id = 30000 FOR UPDATE")
        revert(fault, server.target, store, record)
        assert count(server, SESSIONS) == 2
        theirs.execute("COMMIT")  # it goes on


def test_a_column_that_somebody_added_by_hand(server: Postgres, store: Store) -> None:
    fault = LockQueueBehindDdl()
    record = inject(fault, server.target, store)
    for program in ("schema-migration", "sales-report"):
        ends(program)(server)
    server.query("ALTER TABLE orders ADD COLUMN delivery_note text", role="dba")
    assert "column orders.delivery_note" in revert(fault, server.target, store, record).left
    assert count(server, COLUMN) == 1


def test_a_column_that_the_migration_added_goes(server: Postgres, store: Store) -> None:
    fault = LockQueueBehindDdl()
    record = inject(fault, server.target, store)
    ends("sales-report")(server)
    until(lambda: count(server, COLUMN) or None, what="the migration gets through", timeout_s=30)
    assert revert(fault, server.target, store, record).left == ""
    assert count(server, COLUMN) == 0


def test_a_slot_of_the_plain_name(server: Postgres, store: Store) -> None:
    fault = AbandonedSlot(segments=0)
    record = inject(fault, server.target, store)
    server.target.run("SELECT pg_create_physical_replication_slot('barman', true)")
    revert(fault, server.target, store, record)
    slots = server.target.rows("SELECT slot_name FROM pg_replication_slots WHERE slot_name ~ '^barman'")
    assert slots == [("barman",)]


def test_a_prepared_transaction_of_the_same_title(server: Postgres, store: Store) -> None:
    fault = PreparedTransaction(rows=1)
    record = inject(fault, server.target, store)
    server.target.run("BEGIN; SELECT pg_current_xact_id(); PREPARE TRANSACTION 'billing-4711'")
    try:
        revert(fault, server.target, store, record)
        assert server.target.rows("SELECT gid FROM pg_prepared_xacts") == [("billing-4711",)]
    finally:
        server.target.run("ROLLBACK PREPARED 'billing-4711'")


def test_an_index_of_other_columns(server: Postgres, store: Store) -> None:
    record = inject(MissingIndex(), server.target, store)
    server.query("CREATE INDEX orders_customer_id ON orders (customer_id)", role="dba")
    left = revert(MissingIndex(), server.target, store, record).left
    assert left == f"left alone, as somebody else's: index orders_customer_id of {server.name}"
    theirs, ours = (row[0] for row in server.target.rows(INDEX))
    assert theirs.endswith("(customer_id)")
    assert ours.endswith("(customer_id, id)")

"""What somebody else made under the same name survives an undo, which says so."""

import pytest

from faults.errors import ForeignState
from faults.lifecycle import inject, revert
from faults.mysql.global_read_lock import GlobalReadLock
from faults.mysql.update_without_key import UpdateWithoutKey
from faults.store import Store
from tests.faults.mysql.server import replica, source
from tests.faults.servers import Yard

pytestmark = pytest.mark.docker

TABLE = "stock_snapshot_2026"


def test_a_session_of_the_same_program(yard: Yard, store: Store) -> None:
    """Somebody's backup came later, and has the same lock."""
    server, fault = source(yard), GlobalReadLock()
    record = inject(fault, server.target, store)
    with server.connect("dba", program=fault.program) as theirs, theirs.cursor() as cursor:
        cursor.execute("FLUSH TABLES WITH READ LOCK")
        revert(fault, server.target, store, record)
        cursor.execute("UNLOCK TABLES")  # it goes on
    assert store.open() == ()


def test_a_table(yard: Yard) -> None:
    """No load is needed for it: the fault's verbs are called one by one."""
    server, fault = replica(yard), UpdateWithoutKey(rows=5_000)
    server.in_step()
    receipt = fault.prepare(server.target)
    fault.inject(server.target, receipt)
    server.source.kill(fault.program)
    server.source.query(f"DROP TABLE {TABLE}", f"CREATE TABLE {TABLE} (n INT)", role="dba")
    try:
        said = fault.revert(server.target, receipt)
        assert said == f"left alone, as somebody else's: table {TABLE} of {server.name}'s source"
        assert server.source.query(f"SELECT COUNT(*) FROM {TABLE}", role="dba") == [("0",)]
        assert not fault.active(server.target, receipt)
        with pytest.raises(ForeignState, match=f"a table {TABLE} already"):
            fault.prepare(server.target)
    finally:
        server.source.query(f"DROP TABLE {TABLE}", role="dba")
        server.in_step()

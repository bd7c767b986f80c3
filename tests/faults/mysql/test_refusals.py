"""What a fault of MySQL refuses, before anything is touched."""

from typing import Any

import pytest

from faults.errors import FaultError, ForeignState, NoTarget
from faults.mysql.account_locked import AccountLocked
from faults.mysql.applier_stopped_by_1062 import ApplierStoppedBy1062
from faults.mysql.auto_increment_at_end import AutoIncrementAtEnd
from faults.mysql.bad_delete import BadDelete
from faults.mysql.connections_exhausted import ConnectionsExhausted
from faults.mysql.delayed_replica import DelayedReplica
from faults.mysql.idle_transaction_with_row_locks import IdleTransactionWithRowLocks
from faults.mysql.invisible_index import InvisibleIndex
from faults.mysql.page_corrupted import PageCorrupted
from faults.mysql.read_only_source import ReadOnlySource
from faults.mysql.single_applier_huge_transaction import SingleApplierHugeTransaction
from faults.mysql.update_without_key import UpdateWithoutKey
from tests.faults.mysql.server import replica, source
from tests.faults.servers import Yard

pytestmark = pytest.mark.docker

ON_SOURCE = [
    (DelayedReplica(), NoTarget, "no replica"),
    (ApplierStoppedBy1062(), NoTarget, "no replica"),
    (UpdateWithoutKey(), NoTarget, "no replica"),
    (SingleApplierHugeTransaction(), NoTarget, "no replica"),
    (AccountLocked(role="nobody"), ForeignState, "no single open account nobody"),
    (InvisibleIndex(index="nothing"), ForeignState, "no visible index nothing"),
    (AutoIncrementAtEnd(table="products"), ForeignState, "no table products with a signed AUTO_INCREMENT"),
    (BadDelete(first=9_000_000), ForeignState, "has no stock_movements"),
    (PageCorrupted(table="nowhere"), ForeignState, "no table nowhere"),
]


@pytest.mark.parametrize(("fault", "error", "said"), ON_SOURCE)
def test_a_source(yard: Yard, fault: Any, error: type[FaultError], said: str) -> None:
    """Done to a source."""
    with pytest.raises(error, match=said):
        fault.prepare(source(yard).target)


def test_a_replica_is_read_only_already(yard: Yard) -> None:
    """Done to a replica."""
    with pytest.raises(ForeignState, match="read-only already"):
        ReadOnlySource().prepare(replica(yard).target)


def test_a_source_that_is_followed_is_not_to_be_made_anew(yard: Yard) -> None:
    """It would be older than its replica."""
    replica(yard).in_step()
    with pytest.raises(ForeignState, match="is followed by replica"):
        PageCorrupted().prepare(source(yard).target)


@pytest.mark.parametrize("fault_class", [IdleTransactionWithRowLocks, ConnectionsExhausted])
def test_a_program_that_is_there_already_could_not_be_told_apart(yard: Yard, fault_class: Any) -> None:
    """A session of that name is somebody else's."""
    server = source(yard)
    with server.connect(program="nightly-job"), pytest.raises(ForeignState, match="nightly-job already"):
        fault_class(program="nightly-job").prepare(server.target)


def test_a_role_whose_password_nobody_knows_cannot_sign_in(yard: Yard) -> None:
    """The actor's sign-in is looked up before it is started."""
    with pytest.raises(NoTarget, match="no password is known for role auditor"):
        source(yard).target.login("auditor")

"""A fault is done, and undone, while another one holds the server."""

import pytest

from faults.lifecycle import inject, revert
from faults.postgres.ghost_synchronous_standby import GhostSynchronousStandby
from faults.postgres.missing_index import MissingIndex
from faults.store import Store
from tests.faults.postgres.server import primary
from tests.faults.servers import Yard

pytestmark = pytest.mark.docker


def test_our_own_commits_wait_for_no_ghost(yard: Yard, store: Store) -> None:
    target, ghost, index = primary(yard).target, GhostSynchronousStandby(), MissingIndex()
    standing = inject(ghost, target, store)
    try:
        # By its verbs: for the store, who has the writes excludes all who alter data.
        receipt = index.prepare(target)
        index.inject(target, receipt)
        index.revert(target, receipt)
    finally:
        revert(ghost, target, store, standing)
    assert store.open() == ()

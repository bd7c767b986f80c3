"""What a fault of replication or storage refuses, before anything is touched."""

from typing import Any

import pytest

from faults.errors import FaultError, ForeignState, MissingCapability, NoTarget
from faults.postgres.abandoned_slot import AbandonedSlot
from faults.postgres.apply_delay import ApplyDelay
from faults.postgres.data_volume_filled import DataVolumeFilled
from faults.postgres.ghost_synchronous_standby import GhostSynchronousStandby
from faults.postgres.page_corrupted import PageCorrupted
from faults.postgres.replay_blocked_by_query import ReplayBlockedByQuery
from faults.postgres.replay_paused import ReplayPaused
from faults.postgres.replication_credentials_broken import ReplicationCredentialsBroken
from faults.postgres.wal_volume_filled import WalVolumeFilled
from faults.postgres.wraparound_near import WraparoundNear
from tests.faults.postgres.pair import follower, leader
from tests.faults.servers import Yard

pytestmark = pytest.mark.docker

ON_PRIMARY = [
    (WalVolumeFilled(), MissingCapability, "not on a size-capped volume"),
    (DataVolumeFilled(), MissingCapability, "not on a size-capped volume"),
    (DataVolumeFilled(table="nowhere"), NoTarget, "no table nowhere"),
    (PageCorrupted(block=100_000), ForeignState, "holds no rows"),
    (PageCorrupted(table="nowhere"), NoTarget, "no table nowhere"),
    (PageCorrupted(), ForeignState, "is followed by postgres_replica"),
    (WraparoundNear(), ForeignState, "is followed by postgres_replica"),
    (ReplayPaused(), NoTarget, "is a primary"),
    (ApplyDelay(), NoTarget, "is a primary"),
    (ReplayBlockedByQuery(), NoTarget, "is a primary"),
    (AbandonedSlot(slot="postgres_replica"), ForeignState, "already"),
    (GhostSynchronousStandby(standby="postgres-replica"), ForeignState, "has a standby"),
    (ReplicationCredentialsBroken(role="shop"), NoTarget, "no replica that signs in as shop"),
]
ON_REPLICA = [
    (GhostSynchronousStandby(), NoTarget, "is a replica"),
    (AbandonedSlot(), NoTarget, "is a replica"),
    (ReplicationCredentialsBroken(), NoTarget, "is a replica"),
]


@pytest.mark.parametrize(("fault", "error", "said"), ON_PRIMARY)
def test_a_primary(yard: Yard, fault: Any, error: type[FaultError], said: str) -> None:
    """Done to a primary with a replica, on the host's own disk."""
    with pytest.raises(error, match=said):
        fault.prepare(leader(yard).target)


@pytest.mark.parametrize(("fault", "error", "said"), ON_REPLICA)
def test_a_replica(yard: Yard, fault: Any, error: type[FaultError], said: str) -> None:
    """Done to its replica."""
    with pytest.raises(error, match=said):
        fault.prepare(follower(yard).target)

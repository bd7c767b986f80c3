"""Whose a session is, by its client's address."""

import pytest

from faults.peers import Peers

NEAR = Peers(
    subnets=("172.20.0.0/16", "fd00:1::/64"),
    taken=("172.20.0.1", "172.20.0.5", "fd00:1::5"),
    names=("db-nightly-backup-a1b2c3", "db-nightly-backup-a1b2c3.shop"),
)


@pytest.mark.parametrize(
    ("client", "ours"),
    [
        ("172.20.0.9", True),
        ("fd00:1::9", True),
        ("172.20.0.5", False),
        ("fd00:1::5", False),
        ("172.20.0.1", False),
        ("10.0.0.9", False),
        ("db-nightly-backup-a1b2c3.shop", True),
        ("db-nightly-backup-d4e5f6.shop", False),
        ("localhost", False),
        ("", False),
    ],
    ids=[
        *("nobody's any more", "of IPv6", "a neighbour's", "the same of IPv6", "the host's"),
        *("from elsewhere", "its name", "another's name", "from inside", "none"),
    ],
)
def test_an_address_near_by_that_nobody_else_has_is_the_actors(client: str, ours: bool) -> None:
    assert NEAR.ours(client) is ours

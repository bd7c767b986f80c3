"""Whose a session is, by its client's address."""

from types import SimpleNamespace
from typing import Any

import pytest
from docker.errors import NotFound

from faults import peers
from faults.container import Container
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


class Engine:
    """Two containers on one network of the two that they name: the other one has been removed meanwhile."""

    def __init__(self, *, actor_address: str) -> None:
        self.containers = self.networks = self
        self.has: dict[str, Any] = {
            "db": self.container("db", "172.20.0.2", Gateway="172.20.0.254"),
            "db-batch": self.container("db-batch", actor_address),
            "n1": SimpleNamespace(
                attrs={
                    "IPAM": {"Config": [{"Subnet": "172.20.0.0/16"}]},
                    "Containers": {
                        one: {"Name": one, "IPv4Address": f"{address}/16", "IPv6Address": ""}
                        for one, address in (("db", "172.20.0.2"), ("other", "172.20.0.5"))
                    },
                }
            ),
        }

    def container(self, name: str, address: str, **more: str) -> SimpleNamespace:
        at = {"NetworkID": "n1", "IPAddress": address, **more}
        networks = {"shop": at, "gone": {"NetworkID": "n2", "IPAddress": ""}}
        return SimpleNamespace(name=name, id=name, attrs={"NetworkSettings": {"Networks": networks}})

    def get(self, ident: str) -> Any:
        if ident not in self.has:
            raise NotFound(ident)
        return self.has[ident]


def ours(engine: Any) -> list[str]:
    near = peers.around(Container(engine, "db"), "db-batch")
    asked = ("172.20.0.2", "172.20.0.5", "172.20.0.8", "172.20.0.9", "172.20.0.254", "db-batch.shop")
    return [one for one in asked if near.ours(one)]


def test_of_an_actor_that_runs_its_own_address_is_its_own_alone() -> None:
    assert ours(Engine(actor_address="172.20.0.9")) == ["172.20.0.9", "db-batch.shop"]


def test_of_one_that_has_none_any_more_it_is_what_nobody_else_has() -> None:
    assert ours(Engine(actor_address="")) == ["172.20.0.8", "172.20.0.9", "db-batch.shop"]


def test_of_one_that_is_gone_too() -> None:
    engine = Engine(actor_address="")
    del engine.has["db-batch"]
    assert ours(engine) == ["172.20.0.8", "172.20.0.9", "db-batch.shop"]
    assert peers.own(Container(engine, "db"), "db-batch") is None  # type: ignore[arg-type]

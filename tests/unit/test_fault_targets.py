"""From a container's name to its server: what is gone, what cannot be reached, what is somebody else's."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from docker.errors import NotFound

from faults import actors
from faults.core import Kind
from faults.desk import Desk
from faults.errors import NoTarget, TargetGone
from faults.store import Phase, Record, Store
from faults.targets import Way, target


@dataclass
class There:
    """A container that the engine knows."""

    name: str
    labels: dict[str, str] = field(default_factory=dict)
    networks: dict[str, Any] = field(default_factory=dict)
    id: str = "1f2e"
    removed: bool = False

    @property
    def attrs(self) -> dict[str, Any]:
        return {"NetworkSettings": {"Networks": self.networks}, "State": {"StartedAt": "once"}}

    def remove(self, *, force: bool) -> None:
        self.removed = force


class Knowing:
    """An engine that knows these containers."""

    def __init__(self, *there: There) -> None:
        self.containers = self
        self._there = {one.name: one for one in there}

    def get(self, name: str) -> There:
        if name not in self._there:
            raise NotFound(f"No such container: {name}")
        return self._there[name]


def knowing(*there: There) -> Any:
    return cast("Any", Knowing(*there))


KINDS = (Kind.POSTGRES, Kind.MYSQL, Kind.REDIS)
ROLES = {"shop": "x", "admin": "x"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_on_no_network_is_there_and_takes_no_client(kind: Kind) -> None:
    server = target(knowing(There("db")), kind, Way(container="db", passwords=ROLES))
    assert server.name == "db"
    with pytest.raises(NoTarget, match="is on no network") as raised:
        server.login("shop")
    assert not isinstance(raised.value, TargetGone)


@pytest.mark.parametrize("kind", [*KINDS, Kind.CONTAINER])
def test_a_container_that_is_not_there_is_gone(kind: Kind) -> None:
    with pytest.raises(TargetGone, match="no container db"):
        target(knowing(), kind, Way(container="db"))


def record(receipt: dict[str, str | int | float]) -> Record:
    return Record(
        id="redis.maxmemory_noeviction-1f2e",
        fault="redis.maxmemory_noeviction",
        parameters={},
        target="db",
        receipt=receipt,
        victim_started_at="once",
        prepared_at=0.0,
        phase=Phase.INJECTED,
    )


def test_a_server_whose_password_is_not_known_here_is_not_called_gone(tmp_path: Path) -> None:
    store = Store(folder=tmp_path)
    store.write(record({"set:maxmemory": "1", "was:maxmemory": "0"}))
    desk = Desk(engine=knowing(There("db", networks={"shop-net": {}})), store=store)
    (standing,) = desk.standings()
    assert standing.word.startswith("unknown: db: no password is known for user admin")
    (said,) = desk.revert(store.open()).values()
    assert "no password is known for user admin" in said
    assert len(store.open()) == 1


def test_of_a_target_that_is_gone_what_its_receipt_names_is_removed_and_nothing_else(tmp_path: Path) -> None:
    ours = There("db-report-1", labels={actors.LABEL: "db"})
    foreign = There("db-report-2")
    unnamed = There("db-report-3", labels={actors.LABEL: "db"})
    store = Store(folder=tmp_path)
    store.write(record({"actor": ours.name, "reader": foreign.name, "limit": 3, "password": "db-none"}))
    desk = Desk(engine=knowing(ours, foreign, unnamed), store=store)
    assert list(desk.revert(store.open()).values()) == ["target gone"]
    assert (ours.removed, foreign.removed, unnamed.removed) == (True, False, False)
    assert store.open() == ()

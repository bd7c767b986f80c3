"""What a machine's fault must never touch is refused before anything is touched."""

import docker
import pytest
from requests import ReadTimeout

from faults.container import Container
from faults.engine import asked
from faults.errors import ForeignState, MissingCapability, NoTarget, NotInEffect
from faults.host.cpu_limit import CpuLimit
from faults.host.crash_loop import CrashLoop
from faults.host.disk_filled import DiskFilled
from faults.host.kill import Kill
from faults.host.memory_limit_oom import MemoryLimitOom
from faults.lifecycle import inject, revert
from faults.store import Store
from lab.stack.places import LABEL
from tests.faults.host.box import box
from tests.faults.host.cases_host import fill_memory
from tests.faults.redis.server import primary
from tests.faults.servers import Yard

pytestmark = pytest.mark.docker


def test_a_folder_on_the_machines_own_disk_is_not_filled(yard: Yard, store: Store) -> None:
    target = primary(yard).container
    with pytest.raises(MissingCapability, match="/data is not on a size-capped volume"):
        inject(DiskFilled(), target, store)
    assert target.exec("ls", "/data").text.split() == ["appendonlydir"]
    assert store.open() == ()


def test_a_container_that_uses_next_to_nothing_cannot_be_starved(yard: Yard, store: Store) -> None:
    with pytest.raises(MissingCapability, match="6 MiB at least"):
        inject(MemoryLimitOom(ratio=0.05), box(yard).container, store)
    assert store.open() == ()


def test_a_container_that_is_down_is_not_killed_again(yard: Yard, store: Store) -> None:
    server = box(yard)
    server.container.act("stop", timeout=20)
    try:
        with pytest.raises(ForeignState, match="does not run: it is exited"):
            inject(Kill(), server.container, store)
    finally:
        server.container.act("start")
        server.wait()


def test_a_file_that_is_not_there_is_not_changed(yard: Yard, store: Store) -> None:
    with pytest.raises(NoTarget, match="has no file /etc/absent"):
        inject(CrashLoop(file="/etc/absent"), box(yard).container, store)


class Deaf(Container):
    """A container whose engine takes no limits any more."""

    def update(self, **_: object) -> None:
        """No answer."""
        with asked(f"{self.name}: set limits"):
            raise ReadTimeout("read timed out")


def test_a_victim_is_not_left_stopped_where_the_engine_ceases_to_answer(
    yard: Yard, engine: docker.DockerClient, store: Store
) -> None:
    server = box(yard)
    fill_memory(server)
    before = server.container.attrs["HostConfig"]
    with pytest.raises(NotInEffect, match=r"could not be done to .* and was reverted: .*set limits"):
        inject(MemoryLimitOom(), Deaf(engine, server.name), store)
    server.wait()
    assert server.status == "running"
    assert server.container.attrs["HostConfig"] == before
    assert store.open() == ()


def test_a_limit_in_cpus_is_changed_in_cpus(yard: Yard, engine: docker.DockerClient, store: Store) -> None:
    name = f"{yard.label}-limited"
    engine.containers.run(
        yard.image("redis"),
        ["infinity"],
        entrypoint="sleep",
        name=name,
        nano_cpus=int(1.5e9),
        labels={LABEL: yard.label},
        detach=True,
        init=True,
    )
    target, fault = Container(engine, name), CpuLimit(cpus=0.5)
    record = inject(fault, target, store)
    assert target.attrs["HostConfig"]["NanoCpus"] == int(0.5e9)
    revert(fault, target, store, record)
    assert target.attrs["HostConfig"]["NanoCpus"] == int(1.5e9)

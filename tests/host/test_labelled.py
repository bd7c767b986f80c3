"""What carries a lab's label is found and removed, whoever made it, as often as one likes."""

from pathlib import Path

import docker
import pytest

from lab.engine.base import BASE
from lab.engine.runner import SystemRunner
from lab.errors import NetworkHeld, NoRun, RunActive
from lab.stack import state
from lab.stack.containers import LASTING_LABEL, POD_LABEL, PROJECT_LABEL, Labelled
from lab.stack.demolish import Demolition
from lab.stack.places import LABEL, project
from tests.host.labs import a_host
from tests.states import a_state

pytestmark = pytest.mark.docker


@pytest.fixture(autouse=True)
def lab_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home of this test's own."""
    monkeypatch.setenv("LAB_HOME", str(tmp_path))


def make_some(engine: docker.DockerClient, label: str) -> None:
    """A service, a pod, a volume, a network, and something with only Compose's label."""
    ours = {LABEL: label}
    engine.networks.create(f"{label}-net", labels=ours)
    engine.volumes.create(f"{label}-vol", labels=ours)
    engine.volumes.create(f"{label}-composes", labels={PROJECT_LABEL: project(label)})
    pod = {**ours, PROJECT_LABEL: project(label), POD_LABEL: "api"}
    for name, labels in (("service", {**ours, "com.docker.compose.service": "load"}), ("pod", pod)):
        engine.containers.run(
            BASE, ["sleep", "60"], name=f"{label}-{name}", labels=labels, detach=True, network=f"{label}-net"
        )


def test_all_kinds_are_found_with_what_they_are(
    engine: docker.DockerClient, label: str, runner: SystemRunner
) -> None:
    make_some(engine, label)
    try:
        things = {thing.name: thing for thing in Labelled(runner=runner).things(label, compose_too=True)}
        assert set(things) == {f"{label}-{name}" for name in ("net", "vol", "composes", "service", "pod")}
        pod = things[f"{label}-pod"]
        assert (pod.pod, pod.service, pod.running) == (True, "api", True)
        assert things[f"{label}-service"].service == "load"
    finally:
        Demolition(runner=runner).lab(label)


def test_down_removes_everything_and_a_second_time_nothing(
    engine: docker.DockerClient, label: str, runner: SystemRunner
) -> None:
    make_some(engine, label)
    state.save(a_state(label))
    demolition = Demolition(runner=runner)
    assert len(demolition.lab(label)) == 5
    assert not Labelled(runner=runner).things(label, compose_too=True)
    assert state.load(label) is None
    assert demolition.lab(label) == ()


def test_a_pristine_start_keeps_networks_and_secrets(
    engine: docker.DockerClient, label: str, runner: SystemRunner
) -> None:
    make_some(engine, label)
    state.save(a_state(label))
    Demolition(runner=runner).pristine(label)
    assert [thing.kind for thing in Labelled(runner=runner).things(label, compose_too=True)] == ["network"]
    assert state.load(label) is not None


def test_what_keeps_nothing_of_a_run_goes_on_if_it_runs_and_it_is_wanted(
    engine: docker.DockerClient, label: str, runner: SystemRunner
) -> None:
    """One that runs, one that does not, and one that somebody paused."""
    marks = {LABEL: label, LASTING_LABEL: "1"}
    for name in ("runs", "ended", "paused"):
        engine.containers.run(BASE, ["sleep", "60"], name=f"{label}-{name}", labels=marks, detach=True)
    engine.containers.get(f"{label}-ended").kill()
    engine.containers.get(f"{label}-paused").pause()
    make_some(engine, label)
    demolition = Demolition(runner=runner)
    demolition.pristine(label, lasting=True)
    assert [thing.name for thing in Labelled(runner=runner).containers(label)] == [f"{label}-runs"]
    demolition.pristine(label)
    assert not Labelled(runner=runner).containers(label)


def test_a_network_that_others_are_in_is_named_with_them_and_all_else_is_gone(
    engine: docker.DockerClient, label: str, runner: SystemRunner
) -> None:
    make_some(engine, label)
    state.save(a_state(label))
    stranger = engine.containers.run(
        BASE, ["sleep", "60"], name=f"{label}-stranger", detach=True, network=f"{label}-net"
    )
    said: list[str] = []
    try:
        with pytest.raises(NetworkHeld, match=f"gone but for network {label}-net") as caught:
            Demolition(runner=runner).lab(label)
        assert f"docker network disconnect {label}-net {label}-stranger" in caught.value.hint
        assert [thing.kind for thing in Labelled(runner=runner).things(label)] == ["network"]
        assert state.load(label) is None
        Demolition(runner=runner).clear(label, said.append)
    finally:
        stranger.remove(force=True)
    assert "there are containers in it" in said[0]
    assert [thing.name for thing in Demolition(runner=runner).lab(label)] == [f"{label}-net"]


def test_another_labs_things_are_left_alone(
    engine: docker.DockerClient, label: str, runner: SystemRunner
) -> None:
    other = engine.volumes.create(f"{label}-other", labels={LABEL: f"{label}-other"})
    try:
        Demolition(runner=runner).lab(label)
        engine.volumes.get(f"{label}-other")
    finally:
        other.remove()


def test_a_second_lab_of_the_name_is_refused_with_what_to_type(
    engine: docker.DockerClient, label: str
) -> None:
    make_some(engine, label)
    state.save(a_state(label))
    host = a_host()
    with pytest.raises(RunActive, match="runs max-connections") as caught:
        host.launcher.refuse_second(label)
    assert f"lab down --name {label}" in caught.value.hint
    Demolition(runner=host.runner).lab(label)


def test_one_whose_containers_are_gone_is_said_and_cleared(label: str) -> None:
    host = a_host()
    state.save(a_state(label))
    with pytest.raises(NoRun, match="its containers are gone") as caught:
        host.running(label)
    assert f"lab down --name {label}" in caught.value.hint
    host.launcher.refuse_second(label)
    assert state.load(label) is None

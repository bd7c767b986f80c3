"""A place to run a few containers of the lab's own images."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import docker
import pytest

from faults.wait import until
from lab.stack.places import LABEL

if TYPE_CHECKING:
    from docker.models.containers import Container


class Bench:
    """A network and the containers started on it; all carry the test's label, by which they are removed."""

    def __init__(self, engine: docker.DockerClient, label: str) -> None:
        self._engine = engine
        self._labels = {LABEL: label}
        self._network = engine.networks.create(f"sev0-{label}", labels=self._labels)

    def run(self, image: str, command: list[str], *, mounts: dict[str, str]) -> tuple[int, str]:
        """Run a program to its end with host folders mounted read-only; return exit code and output."""
        container = self._engine.containers.create(
            image,
            command,
            labels=self._labels,
            volumes={source: {"bind": target, "mode": "ro"} for source, target in mounts.items()},
        )
        container.start()
        code = int(container.wait(timeout=60)["StatusCode"])
        return code, container.logs().decode()

    def start(
        self,
        image: str,
        *,
        name: str,
        port: int,
        command: list[str] | None = None,
        environment: dict[str, str] | None = None,
    ) -> "Running":
        """Start a container known as *name* to the others, its *port* published for the test."""
        endpoint = self._engine.api.create_endpoint_config(aliases=[name])
        container = self._engine.containers.create(
            image,
            command,
            environment=environment,
            ports={f"{port}/tcp": ("127.0.0.1", 0)},
            labels=self._labels,
            network=self._network.name,
            networking_config={str(self._network.name): endpoint},
        )
        container.start()

        def published() -> int | None:
            container.reload()
            bindings = container.ports.get(f"{port}/tcp")
            return int(bindings[0]["HostPort"]) if bindings else None

        return Running(
            container=container, port=until(published, what=f"{name} publishes {port}", timeout_s=60)
        )


@dataclass(frozen=True, kw_only=True)
class Running:
    """A container of the test and the port of 127.0.0.1 that leads into it."""

    container: "Container"
    port: int

    @property
    def url(self) -> str:
        """Where it answers HTTP."""
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture
def bench(engine: docker.DockerClient, label: str) -> Bench:
    """A bench that is cleared after the test."""
    return Bench(engine, label)

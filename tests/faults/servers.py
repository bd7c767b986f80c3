"""The servers that faults are tried on: containers of our own images, by testcontainers, on one network."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import docker
from testcontainers.core.container import DockerContainer

from faults.container import Container
from faults.rebuild import find
from faults.wait import until
from lab.stack.places import LABEL


class Server:
    """One container that faults are done to, and a client's way in."""

    def __init__(self, engine: docker.DockerClient, *, name: str, port: int) -> None:
        self.engine = engine
        self.name = name
        self.inner_port = port

    @property
    def container(self) -> Container:
        """The faults' view of it."""
        return Container(self.engine, self.name)

    @property
    def target(self) -> Any:
        """What a fault is done to."""
        return self.container

    @property
    def port(self) -> int:
        """The port on 127.0.0.1 where it answers now; another one after a restart."""

        def published() -> int | None:
            bindings = self.engine.containers.get(self.name).ports.get(f"{self.inner_port}/tcp")
            return int(bindings[0]["HostPort"]) if bindings else None

        return until(published, what=f"{self.name} publishes its port", timeout_s=20)

    def said(self, words: str) -> str:
        """The last line of its log with these words, from them on; empty where there is none."""
        log = self.engine.containers.get(self.name).logs(tail=2000).decode(errors="replace")
        lines = (line for line in reversed(log.splitlines()) if words in line)
        return next((line[line.index(words) :] for line in lines), "")

    def restart(self) -> None:
        """Restart it as Docker does, and wait until it serves."""
        self.engine.containers.get(self.name).restart(timeout=20)
        self.wait()

    def wait(self) -> None:
        """Wait until it serves a client."""
        raise NotImplementedError


S = TypeVar("S", bound=Server)


@dataclass(frozen=True, kw_only=True)
class Spec:
    """How a server is started: *image* is its title in the image set, *name* what the others know it by."""

    image: str
    name: str
    port: int
    environment: Mapping[str, str]
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Yard:
    """All servers of one test run, on one network; each made when first asked for, removed by label."""

    engine: docker.DockerClient
    label: str
    image: Callable[[str], str]

    @property
    def folder(self) -> Path:
        """Where the run keeps what is in no container; every process finds it, and it goes at the end."""
        return Path(tempfile.gettempdir()) / self.label

    @property
    def network(self) -> str:
        """The network's name."""
        return f"{self.label}-net"

    def get(self, kind: type[S], spec: Spec) -> S:
        """The server of that name; started, and waited for, where it is not there yet, in whatever process.

        One that is there may be down: an injector was killed.
        """
        full = f"{self.label}-{spec.name}"
        server = kind(self.engine, name=full, port=spec.port)
        if find(self.engine, full) is None:
            self._start(full, spec)
            server.wait()
        return server

    def _start(self, full: str, spec: Spec) -> None:
        labels = {LABEL: self.label}
        if not self.engine.networks.list(names=[self.network]):
            self.engine.networks.create(self.network, labels=labels)
        endpoint = self.engine.api.create_endpoint_config(aliases=[spec.name])
        container = DockerContainer(self.image(spec.image)).with_name(full)
        container.ports[f"{spec.port}/tcp"] = ("127.0.0.1", None)  # type: ignore[assignment]
        container = container.with_kwargs(
            labels=labels,
            network=self.network,
            networking_config={self.network: endpoint},
            **spec.options,
        )
        for key, value in spec.environment.items():
            container = container.with_env(key, value)
        container.start()

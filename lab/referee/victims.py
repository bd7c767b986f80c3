"""What the faults of a scenario are done to: the pods' controller, or the server in a service's container."""

from collections.abc import Callable, Mapping
from typing import Any

import docker
from docker.errors import DockerException

from faults import targets
from faults.core import Kind
from faults.errors import NoTarget
from faults.targets import Way
from lab.referee.services import LABEL_PROJECT, LABEL_SERVICE
from lab.scenario import Inject


class Victims:
    """Finds them anew each time: a container may have been replaced."""

    def __init__(
        self,
        *,
        engine: Callable[[], docker.DockerClient],
        project: str,
        deployments: object,
        passwords: Callable[[Kind], Mapping[str, str]],
    ) -> None:
        self._engine = engine
        self._project = project
        self._deployments = deployments
        self._passwords = passwords

    def of(self, inject: Inject) -> Any:
        """What this fault is done to; NoTarget where it is not there."""
        kind = inject.fault.about.kind
        return self._deployments if kind is Kind.DEPLOYMENT else self.server(kind, inject.on)

    def server(self, kind: Kind, service: str) -> Any:
        """The server of that kind in a service's container; NoTarget where it is not there."""
        engine = self._engine()
        way = Way(container=self._container(engine, service), passwords=self._passwords(kind))
        return targets.target(engine, kind, way)

    def _container(self, engine: docker.DockerClient, service: str) -> str:
        labels = [f"{LABEL_PROJECT}={self._project}", f"{LABEL_SERVICE}={service}"]
        try:
            found = engine.containers.list(all=True, filters={"label": labels})
        except DockerException as error:
            raise NoTarget(f"the engine does not answer: {error}") from error
        if not found:
            raise NoTarget(f"{self._project} has no service {service}")
        return str(found[0].name)

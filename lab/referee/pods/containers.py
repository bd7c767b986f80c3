"""Pods as containers: the few calls of the Docker engine that the controller needs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

import docker
import requests
from docker.errors import DockerException, NotFound
from docker.types import LogConfig

from lab.referee.errors import EngineTrouble
from lab.referee.pods.model import Deployment

P = ParamSpec("P")
R = TypeVar("R")

LABEL_LAB = "dev.sev0.lab"
LABEL_POD = "dev.sev0.pod"
LABEL_NAME = "dev.sev0.name"
LABEL_RELEASE = "dev.sev0.release"
LABEL_REVISION = "dev.sev0.revision"
LABEL_HASH = "dev.sev0.hash"
LABEL_PROJECT = "com.docker.compose.project"

MEMORY_BYTES = 128 * 1024 * 1024
STOP_GRACE_S = 5


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A pod's container as the engine lists it."""

    name: str
    deployment: str
    release: str
    revision: int
    hash: str
    running: bool
    ip: str
    created_t: float


def engine_calls(function: Callable[P, R]) -> Callable[P, R]:
    """Turn what the engine's client raises into EngineTrouble."""

    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except (DockerException, requests.RequestException) as error:
            raise EngineTrouble(f"the Docker engine: {error}") from error

    return wrapped


class Containers:
    """Creates, lists, restarts and removes the pods of one lab."""

    def __init__(
        self,
        api: docker.APIClient,
        *,
        lab: str,
        project: str,
        network: str,
        images: Mapping[str, str],
        environment: Mapping[str, str],
    ) -> None:
        self._api = api
        self._lab = lab
        self._project = project
        self._network = network
        self._images = dict(images)
        self._environment = dict(environment)

    @property
    def releases(self) -> tuple[str, ...]:
        """Releases that there is an image for."""
        return tuple(self._images)

    @engine_calls
    def list(self) -> tuple[Seen, ...]:
        """Every pod of this lab, running or not."""
        found = self._api.containers(all=True, filters={"label": [f"{LABEL_LAB}={self._lab}", LABEL_POD]})
        return tuple(self._seen(raw) for raw in found)

    @engine_calls
    def start(self, name: str, deployment: Deployment) -> None:
        """Create and start one pod of the wanted revision."""
        revision = deployment.current
        environment = {**self._environment, **revision.env, "POD_NAME": name}
        container = self._api.create_container(
            image=self._images[revision.release],
            name=f"{self._project}-{name}",
            hostname=name,
            environment=environment,
            labels=self._labels(name, deployment),
            stop_timeout=STOP_GRACE_S,
            host_config=self._host_config(),
            networking_config={
                "EndpointsConfig": {self._network: self._api.create_endpoint_config(aliases=[name])}
            },
        )
        self._api.start(container["Id"])

    @engine_calls
    def restart(self, name: str) -> None:
        """Start a pod's container again after it ended."""
        self._api.start(f"{self._project}-{name}")

    @engine_calls
    def remove(self, name: str) -> None:
        """Ask a pod to end, wait for its grace, and remove it. Removing what is gone is no error."""
        try:
            self._api.stop(f"{self._project}-{name}", timeout=STOP_GRACE_S)
            self._api.remove_container(f"{self._project}-{name}", force=True, v=True)
        except NotFound:
            return

    @engine_calls
    def exit_code(self, name: str) -> int:
        """What a pod's container ended with."""
        return int(self._api.inspect_container(f"{self._project}-{name}")["State"]["ExitCode"])

    @engine_calls
    def logs(self, name: str, *, tail: int) -> str:
        """The last lines a pod wrote."""
        raw = self._api.logs(f"{self._project}-{name}", stdout=True, stderr=True, tail=tail)
        return bytes(raw).decode(errors="replace")

    def _labels(self, name: str, deployment: Deployment) -> dict[str, str]:
        return {
            LABEL_LAB: self._lab,
            LABEL_PROJECT: self._project,
            LABEL_POD: deployment.name,
            LABEL_NAME: name,
            LABEL_RELEASE: deployment.current.release,
            LABEL_REVISION: str(deployment.current.number),
            LABEL_HASH: deployment.hash,
        }

    def _host_config(self) -> Any:
        return self._api.create_host_config(
            read_only=True,
            tmpfs={"/tmp": "size=16m"},  # noqa: S108 - the pod's own, its root is read-only
            cap_drop=["ALL"],
            security_opt=["no-new-privileges:true"],
            mem_limit=MEMORY_BYTES,
            init=True,
            pids_limit=256,
            log_config=LogConfig(type="json-file", config={"max-size": "20m", "max-file": "2"}),
        )

    def _seen(self, raw: Mapping[str, Any]) -> Seen:
        labels = raw["Labels"]
        endpoint = raw["NetworkSettings"]["Networks"].get(self._network, {})
        return Seen(
            name=labels[LABEL_NAME],
            deployment=labels[LABEL_POD],
            release=labels[LABEL_RELEASE],
            revision=int(labels[LABEL_REVISION]),
            hash=labels[LABEL_HASH],
            running=raw["State"] == "running",
            ip=endpoint.get("IPAddress", ""),
            created_t=float(raw["Created"]),
        )

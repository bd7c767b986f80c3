"""Pods as containers: the few calls of the Docker engine that the controller needs."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

import docker
import requests
from docker.errors import DockerException, ImageNotFound, NotFound
from docker.types import LogConfig

from lab.kube.quantities import bytes_of, cores_of
from lab.referee.errors import EngineTrouble, NoImage
from lab.referee.instants import unix
from lab.referee.pods import template as templates
from lab.referee.pods.model import Deployment

P = ParamSpec("P")
R = TypeVar("R")

LABEL_LAB = "dev.sev0.lab"
LABEL_POD = "dev.sev0.pod"
LABEL_NAME = "dev.sev0.name"
LABEL_RELEASE = "dev.sev0.release"
LABEL_REVISION = "dev.sev0.revision"
LABEL_HASH = "dev.sev0.hash"
LABEL_LABELS = "dev.sev0.pod-labels"
LABEL_PROJECT = "com.docker.compose.project"

STOP_GRACE_S = 5

DNS_OPTIONS = ("timeout:1", "attempts:2")
"""As all of the lab has them (compose/lab.yml says why)."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A pod's container as the engine describes it; times in unix seconds, 0 where there was none.

    One that is *paused* runs, and does nothing.
    """

    name: str
    deployment: str
    release: str
    revision: int
    hash: str
    running: bool
    ip: str
    created_t: float
    labels: Mapping[str, str]
    container: str = ""
    image_id: str = ""
    started_t: float = 0.0
    finished_t: float = 0.0
    exit_code: int = 0
    oom_killed: bool = False
    paused: bool = False


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
        config: Callable[[], Mapping[str, Mapping[str, str]]] = dict,
    ) -> None:
        self._api = api
        self._lab = lab
        self._project = project
        self._network = network
        self._images = dict(images)
        self._environment = dict(environment)
        self._config = config

    @property
    def releases(self) -> tuple[str, ...]:
        """Releases that there is an image for."""
        return tuple(self._images)

    @engine_calls
    def list(self) -> tuple[Seen, ...]:
        """Every pod of this lab, running or not."""
        found = self._api.containers(all=True, filters={"label": [f"{LABEL_LAB}={self._lab}", LABEL_POD]})
        seen = []
        for raw in found:
            try:
                seen.append(self._seen(self._api.inspect_container(raw["Id"])))
            except NotFound:  # it was removed since it was listed
                continue
        return tuple(seen)

    @engine_calls
    def start(self, name: str, deployment: Deployment) -> None:
        """Create and start one pod of the wanted revision; NoImage where its image does not exist."""
        revision = deployment.current
        wanted = templates.container(revision.template)
        image = self._images.get(revision.release)
        if image is None or wanted["image"] != templates.image_of(revision.release):
            raise NoImage(f'Failed to pull image "{wanted["image"]}": not found')
        try:
            container = self._api.create_container(
                image=image,
                name=f"{self._project}-{name}",
                hostname=name,
                environment={**self._variables(wanted), "POD_NAME": name},
                labels=self._labels(name, deployment),
                stop_timeout=STOP_GRACE_S,
                host_config=self._host_config(wanted),
                networking_config={
                    "EndpointsConfig": {self._network: self._api.create_endpoint_config(aliases=[name])}
                },
            )
        except ImageNotFound:
            raise NoImage(f'Failed to pull image "{wanted["image"]}": not found') from None
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

    def _variables(self, container: Mapping[str, Any]) -> dict[str, str]:
        """What the container is started with: the lab's own, then config maps, then its own variables."""
        config = self._config()
        merged = dict(self._environment)
        for source in container.get("envFrom") or []:
            merged |= config.get((source.get("configMapRef") or {}).get("name", ""), {})
        for one in container.get("env") or []:
            ref = (one.get("valueFrom") or {}).get("configMapKeyRef")
            value = config.get(ref["name"], {}).get(ref["key"]) if ref else str(one.get("value", ""))
            if value is not None:
                merged[one["name"]] = value
        return merged

    def _labels(self, name: str, deployment: Deployment) -> dict[str, str]:
        return {
            LABEL_LAB: self._lab,
            LABEL_PROJECT: self._project,
            LABEL_POD: deployment.name,
            LABEL_NAME: name,
            LABEL_RELEASE: deployment.current.release,
            LABEL_REVISION: str(deployment.current.number),
            LABEL_HASH: deployment.hash,
            LABEL_LABELS: json.dumps(templates.pod_labels(deployment.current.template)),
        }

    def _host_config(self, container: Mapping[str, Any]) -> Any:
        limits = (container.get("resources") or {}).get("limits") or {}
        options: dict[str, Any] = {"nano_cpus": int(cores_of(limits["cpu"]) * 1e9)} if "cpu" in limits else {}
        return self._api.create_host_config(
            read_only=True,
            tmpfs={"/tmp": "size=16m"},  # noqa: S108 - the pod's own, its root is read-only
            cap_drop=["ALL"],
            security_opt=["no-new-privileges:true"],
            mem_limit=bytes_of(limits.get("memory", templates.MEMORY)),
            init=True,
            dns_opt=list(DNS_OPTIONS),
            pids_limit=256,
            log_config=LogConfig(type="json-file", config={"max-size": "20m", "max-file": "2"}),
            **options,
        )

    def _seen(self, raw: Mapping[str, Any]) -> Seen:
        labels = raw["Config"]["Labels"]
        endpoint = raw["NetworkSettings"]["Networks"].get(self._network, {})
        state = raw["State"]
        return Seen(
            name=labels[LABEL_NAME],
            deployment=labels[LABEL_POD],
            release=labels[LABEL_RELEASE],
            revision=int(labels[LABEL_REVISION]),
            hash=labels[LABEL_HASH],
            running=state["Status"] in ("running", "paused"),
            paused=state["Status"] == "paused",
            ip=endpoint.get("IPAddress", ""),
            created_t=unix(raw["Created"]),
            labels=json.loads(labels[LABEL_LABELS]),
            container=raw["Id"],
            image_id=raw["Image"],
            started_t=unix(state["StartedAt"]),
            finished_t=unix(state["FinishedAt"]),
            exit_code=int(state["ExitCode"]),
            oom_killed=bool(state["OOMKilled"]),
        )

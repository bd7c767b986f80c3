"""The lab's own services, as the engine sees them: who runs, since when, what they wrote."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import docker
import requests
from docker.errors import DockerException
from urllib3.exceptions import HTTPError

from lab.referee.errors import EngineTrouble
from lab.referee.instants import unix
from lab.referee.pods.containers import engine_calls

LABEL_SERVICE = "com.docker.compose.service"
LABEL_PROJECT = "com.docker.compose.project"
RESTART_GRACE_S = 20


@dataclass(frozen=True, kw_only=True)
class Service:
    """One service's container; times in unix seconds, 0 for never. *environment*: names of its variables."""

    name: str
    id: str
    state: str
    started_t: float
    addresses: Mapping[str, str]
    finished_t: float = 0.0
    exit_code: int = 0
    oom_killed: bool = False
    environment: tuple[str, ...] = ()


class Services:
    """The services that Compose made for one lab."""

    def __init__(self, api: docker.APIClient, *, project: str) -> None:
        self._api = api
        self._project = project

    @engine_calls
    def find(self, name: str) -> Service | None:
        """The service of that name; None where it has no container."""
        labels = [f"{LABEL_PROJECT}={self._project}", f"{LABEL_SERVICE}={name}"]
        found = self._api.containers(all=True, filters={"label": labels})
        return self._inspect(name, found[0]["Id"]) if found else None

    @engine_calls
    def restart(self, name: str) -> None:
        """Restart a service's container; its data stay."""
        service = self.find(name)
        if service is not None:
            self._api.restart(service.id, timeout=RESTART_GRACE_S)

    def follow(self, name: str, *, since_t: float) -> Iterator[bytes]:
        """What a service writes from *since_t* on, in pieces; ends when its container does."""
        service = self.find(name)
        if service is None:
            return
        try:
            yield from self._api.logs(service.id, stream=True, follow=True, since=since_t)
        except (DockerException, requests.RequestException, HTTPError) as error:
            raise EngineTrouble(f"the log of {name} broke off: {error}") from error

    def follow_file(self, name: str, path: str, *, user: str) -> Iterator[bytes]:
        """A file in a service's container from its beginning, and what is appended; ends as that does."""
        service = self.find(name)
        if service is None:
            return
        try:
            begun = self._api.exec_create(
                service.id, ["tail", "-n", "+1", "-F", path], stderr=False, user=user
            )
            yield from self._api.exec_start(begun["Id"], stream=True)
        except (DockerException, requests.RequestException, HTTPError) as error:
            raise EngineTrouble(f"{path} of {name} broke off: {error}") from error

    def _inspect(self, name: str, container: str) -> Service:
        raw = self._api.inspect_container(container)
        networks = raw["NetworkSettings"]["Networks"]
        return Service(
            name=name,
            id=container,
            state=raw["State"]["Status"],
            started_t=unix(raw["State"]["StartedAt"]),
            addresses={name: end["IPAddress"] for name, end in sorted(networks.items()) if end["IPAddress"]},
            finished_t=unix(raw["State"]["FinishedAt"]),
            exit_code=int(raw["State"]["ExitCode"]),
            oom_killed=bool(raw["State"]["OOMKilled"]),
            environment=tuple(pair.partition("=")[0] for pair in raw["Config"]["Env"] or ()),
        )

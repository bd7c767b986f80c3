"""The API over a cluster whose engine and balancer nobody asks, for tests that need no Docker."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
import httpx
from starlette.applications import Starlette

from lab.kube.objects import Objects
from lab.kube.patches import MERGE
from lab.kube.server import Server
from lab.referee.balancer import HAProxy
from lab.referee.cluster.book import Book
from lab.referee.cluster.changing import Changing
from lab.referee.cluster.cluster import LabCluster
from lab.referee.cluster.looking import Looking
from lab.referee.cluster.make import TRAINEE
from lab.referee.cluster.projection import Machine
from lab.referee.pods.containers import Containers
from lab.referee.pods.controller import Controller
from lab.referee.pods.store import Store
from lab.referee.pods.targets import TargetsFile
from lab.referee.pods.wanted import Wanted
from lab.referee.services import Services
from tests.kubectl.side import Diary

APPS = "/apis/apps/v1/namespaces/default"
CORE = "/api/v1/namespaces/default"
SETTINGS = {"DB_THREADS": "4"}


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """An API whose engine and balancer nobody asks."""

    runner: asyncio.Runner
    http: httpx.AsyncClient
    wanted: Wanted
    looking: Looking
    diary: Diary
    objects: Objects

    def ask(self, method: str, path: str, body: Any = None, content_type: str = MERGE) -> httpx.Response:
        """One request and its answer; what the server raises is raised here."""
        asked = self.http.request(method, path, json=body, headers={"Content-Type": content_type})
        return self.runner.run(asked)


@contextmanager
def opened(folder: Path) -> Iterator[Cluster]:
    """One deployment of two pods that never come, its service and its config map."""
    api = docker.APIClient(base_url=f"unix://{folder}/engine", version="1.44")
    containers = Containers(api, lab="x", project="x", network="x", images={"1.0": "x"}, environment={})
    wanted = Wanted(Store(folder / "wanted.json"), releases=containers.releases, now=time.time)
    wanted.ensure("api", release="1.0", replicas=2, config=SETTINGS)
    controller = Controller(
        wanted=wanted,
        containers=containers,
        balancer=HAProxy(folder / "balancer"),
        targets=TargetsFile(folder / "targets"),
        ready=lambda _: False,
        tell=lambda *_: None,
        now=time.time,
    )
    objects, services, diary = Objects(first_version=1), Services(api, project="x"), Diary()
    looking = Looking(
        objects=objects,
        wanted=wanted,
        controller=controller,
        services=services,
        members=[],
        book=Book(now=time.time),
        machine=Machine(cores=2, memory_bytes=2**30),
        made_t=0.0,
        now=time.time,
    )
    looking.project()
    changing = Changing(
        objects=objects,
        wanted=wanted,
        looking=looking,
        services=services,
        acts=diary,
        wake=controller.wake,
        now=time.time,
    )
    behind = LabCluster(
        objects=objects, changing=changing, looking=looking, api=api, history=diary, now=time.time
    )
    server = Server(behind, who=lambda _: TRAINEE, now=time.time)
    http = httpx.AsyncClient(
        transport=httpx.ASGITransport(Starlette(routes=server.routes())), base_url="http://cluster"
    )
    with asyncio.Runner() as runner:
        yield Cluster(runner=runner, http=http, wanted=wanted, looking=looking, diary=diary, objects=objects)
        runner.run(http.aclose())
    api.close()

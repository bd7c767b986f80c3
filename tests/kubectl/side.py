"""The referee's side of a cluster: controller, objects and API server; it can be stopped and begun again."""

import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette

from faults.wait import until
from lab.kube.calls import Call, Stray
from lab.kube.objects import Objects
from lab.kube.server import Server
from lab.referee.cluster.book import Book
from lab.referee.cluster.changing import Changing
from lab.referee.cluster.cluster import LabCluster
from lab.referee.cluster.looking import Looking
from lab.referee.cluster.make import TRAINEE
from lab.referee.cluster.memory import Memory
from lab.referee.cluster.projection import Machine
from lab.referee.cluster.setviews import Member
from lab.referee.errors import NotNow
from lab.referee.services import Services
from lab.scenario import Change
from tests.podshop import Shop

TOKEN = "trainee's token"
CHANGES = (Change(minutes_ago=121, component="redis", what="minor version upgrade within 8", by="dba-team"),)
REDIS = Member(name="redis", image="redis:8", port=6379, exec_env={"REDISCLI_AUTH": "oncall-secret"})


@dataclass
class Diary:
    """What was written down: acts, and calls; *closed* refuses acts, as a run does once it is graded."""

    acts: list[tuple[str, str, Mapping[str, Any], str]] = field(default_factory=list)
    calls: list[tuple[str, str, int, str]] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    closed: bool = False

    def hands_on(self) -> None:
        if self.closed:
            raise NotNow('you said "I am done"', hint="what holds must hold by itself")

    def act(self, verb: str, target: str, detail: Mapping[str, Any], who: str, result: str) -> None:
        assert who == "trainee"
        self.acts.append((verb, target, dict(detail), result))

    def call(self, call: Call | Stray, code: int, message: str) -> None:
        what = f"{call.kind.plural}/{call.name}/{call.sub}" if isinstance(call, Call) else call.object
        self.calls.append((call.verb, what, code, call.command))
        self.messages.append(message)


class Cut(uvicorn.Server):
    """Ends as a process that is killed does: its connections are cut, whatever goes on."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Cut them all, then end."""
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await super().shutdown(sockets)


@dataclass
class Side:
    """As the referee puts it together, with a redis beside the pods; *tls* holds cert.pem and key.pem."""

    shop: Shop
    tls: Path
    port: int
    diary: Diary = field(default_factory=Diary)

    def begin(self) -> None:
        """Look and serve; what is wanted comes from disk, all else is made anew."""
        objects = Objects(first_version=int(time.time() * 1000))
        looking, services = self._looking(objects)
        changing = Changing(
            objects=objects,
            wanted=self.shop.wanted,
            looking=looking,
            services=services,
            acts=self.diary,
            wake=self.shop.controller.wake,
            now=time.time,
        )
        cluster = LabCluster(
            objects=objects,
            changing=changing,
            looking=looking,
            api=self.shop.api,
            history=self.diary,
            now=time.time,
        )
        server = Server(cluster, who=lambda h: TRAINEE if h == f"Bearer {TOKEN}" else None, now=time.time)
        self.objects, self.looking = objects, looking
        self.shop.hearers[:] = [looking.told]
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=looking.run, args=(self._stop,))]
        self._serve(Starlette(routes=server.routes()))
        self._threads[0].start()

    def _looking(self, objects: Objects) -> tuple[Looking, Services]:
        services = Services(self.shop.api, project=f"sev0-{self.shop.lab}")
        looking = Looking(
            objects=objects,
            wanted=self.shop.wanted,
            controller=self.shop.controller,
            services=services,
            members=[REDIS],
            book=Book(now=time.time, memory=Memory(self.shop.folder / "cluster.json")),
            machine=Machine(cores=2, memory_bytes=8 * 2**30, engine="1"),
            made_t=time.time(),
            now=time.time,
        )
        looking.before(CHANGES)
        return looking, services

    def _serve(self, app: Starlette) -> None:
        config = uvicorn.Config(
            app,
            host="127.0.0.1",
            port=self.port,
            ssl_certfile=str(self.tls / "cert.pem"),
            ssl_keyfile=str(self.tls / "key.pem"),
            log_level="warning",
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        self._server = Cut(config)
        self._threads.append(threading.Thread(target=self._server.run, daemon=True))
        self._threads[-1].start()
        until(lambda: self._server.started or None, what="the API serves", timeout_s=20)

    def halt(self) -> None:
        """Stop serving and looking; pods go on, watchers are cut off."""
        self._stop.set()
        self.looking.wake()
        self._server.should_exit = True
        for thread in self._threads:
            thread.join(timeout=20)

    def restart(self) -> None:
        """Stop all of it in the middle of whatever it does, then begin from what is on disk."""
        self.halt()
        self.shop.halt()
        self.shop.begin()
        self.shop.run()
        self.begin()


def free_port() -> int:
    """A port of 127.0.0.1 that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

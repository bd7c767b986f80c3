"""A cluster of small pods with a real API server in this process, and the real kubectl beside it."""

import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docker
import uvicorn
from starlette.applications import Starlette

from faults.wait import until
from lab.engine.runner import SystemRunner
from lab.kube.calls import Call
from lab.kube.objects import Objects
from lab.kube.server import Server
from lab.referee.cluster.book import Book
from lab.referee.cluster.changing import Changing
from lab.referee.cluster.cluster import LabCluster
from lab.referee.cluster.looking import Looking
from lab.referee.cluster.make import TRAINEE
from lab.referee.cluster.projection import Machine
from lab.referee.cluster.setviews import Member
from lab.referee.errors import NotNow
from lab.referee.services import Services
from lab.scenario import Change
from lab.stack import tls
from lab.stack.build import Builder
from lab.stack.images import image_set
from lab.stack.places import checkout
from tests.podshop import SOUND, Shop

TOKEN = "trainee's token"
SETTINGS = {"READY_AFTER_S": "0.5"}
CHANGES = (Change(minutes_ago=121, component="redis", what="minor version upgrade within 8", by="dba-team"),)
DIE = """
import urllib.request
try:
    urllib.request.urlopen("http://127.0.0.1:8080/die", timeout=3)
except OSError:
    pass
"""
KUBECONFIG = """\
apiVersion: v1
kind: Config
current-context: lab
clusters:
  - name: lab
    cluster: {{server: "https://127.0.0.1:{port}", certificate-authority: /tls/cert.pem}}
contexts: [{{name: lab, context: {{cluster: lab, user: trainee}}}}]
users: [{{name: trainee, user: {{token: "{token}"}}}}]
"""


@dataclass
class Diary:
    """What was written down: acts, and calls; *closed* refuses acts, as a run does once it is graded."""

    acts: list[tuple[str, str, Mapping[str, Any], str]] = field(default_factory=list)
    calls: list[tuple[str, str, int, str]] = field(default_factory=list)
    closed: bool = False

    def hands_on(self) -> None:
        if self.closed:
            raise NotNow('you said "I am done"', hint="what holds must hold by itself")

    def act(self, verb: str, target: str, detail: Mapping[str, Any], who: str, result: str) -> None:
        assert who == "trainee"
        self.acts.append((verb, target, dict(detail), result))

    def call(self, call: Call, code: int, message: str) -> None:
        self.calls.append((call.verb, f"{call.kind.plural}/{call.name}/{call.sub}", code, call.command))


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a program wrote, and how it ended."""

    code: int
    out: str

    def json(self) -> Any:
        """Its output as JSON."""
        assert self.code == 0, self.out
        return json.loads(self.out)


@dataclass
class Kube:
    """The cluster, its server, and a container to run kubectl in."""

    shop: Shop
    port: int
    looking: Looking
    diary: Diary
    toolbox: Any

    def __call__(self, *words: str, stdin: str = "") -> Said:
        """Run kubectl."""
        script = ["kubectl", *words]
        if stdin:
            script = ["sh", "-c", 'printf %s "$STDIN" | exec "$@"', "-", *script]
        code, out = self.toolbox.exec_run(script, environment={"STDIN": stdin})
        return Said(code=code, out=out.decode(errors="replace"))

    def ok(self, *words: str, stdin: str = "") -> str:
        """Run kubectl, which must succeed."""
        said = self(*words, stdin=stdin)
        assert said.code == 0, f"kubectl {' '.join(words)}: {said.out}"
        return said.out

    def shell(self, script: str) -> Said:
        """Run a shell script where kubectl is."""
        code, out = self.toolbox.exec_run(["bash", "-c", script])
        return Said(code=code, out=out.decode(errors="replace"))

    def pods(self) -> set[str]:
        """Names of the API's pods that are to stay."""
        found = self("get", "pods", "-l", "app=api", "-o", "json").json()["items"]
        return {p["metadata"]["name"] for p in found if "deletionTimestamp" not in p["metadata"]}

    def die(self, name: str) -> None:
        """Have a pod's program end with code 3, and wait until its container was started again."""

        def restarts() -> int:
            pod = self("get", "pod", name, "-o", "json").json()
            return int(pod["status"]["containerStatuses"][0]["restartCount"])

        before = restarts()
        self("exec", name, "--", "python3", "-c", DIE)
        until(lambda: restarts() > before or None, what=f"{name} was started again", timeout_s=60)

    def settled(self) -> None:
        """Wait for the roll-out, as a person does."""
        self.ok("rollout", "status", "deployment/api", "--timeout=60s")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _serve(app: Starlette, folder: Path, port: int) -> uvicorn.Server:
    tls.make(folder)
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=port,
        ssl_certfile=str(folder / "cert.pem"),
        ssl_keyfile=str(folder / "key.pem"),
        log_level="warning",
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    threading.Thread(target=server.run, daemon=True).start()
    until(lambda: server.started or None, what="the API serves", timeout_s=20)
    return server


def _image(title: str, logs: Path) -> str:
    builder = Builder(runner=SystemRunner(), root=checkout(), logs=logs)
    wanted = {one.title: one for one in image_set(()).all()}[title]
    if builder.missing([wanted]):
        builder.build(wanted, lambda _: None)
    return wanted.tag(checkout())


def _cluster(shop: Shop, diary: Diary) -> tuple[LabCluster, Looking]:
    """The cluster as the referee puts it together, with a redis beside the pods."""
    services = Services(shop.api, project=f"sev0-{shop.lab}")
    objects = Objects(first_version=int(time.time() * 1000))
    looking = Looking(
        objects=objects,
        wanted=shop.wanted,
        controller=shop.controller,
        services=services,
        members=[
            Member(name="redis", image="redis:8", port=6379, exec_env={"REDISCLI_AUTH": "oncall-secret"})
        ],
        book=Book(now=time.time),
        machine=Machine(cores=2, memory_bytes=8 * 2**30, engine="1"),
        made_t=time.time(),
        now=time.time,
    )
    looking.before(CHANGES)
    changing = Changing(
        objects=objects,
        wanted=shop.wanted,
        looking=looking,
        services=services,
        acts=diary,
        wake=shop.controller.wake,
        now=time.time,
    )
    cluster = LabCluster(
        objects=objects, changing=changing, looking=looking, api=shop.api, history=diary, now=time.time
    )
    return cluster, looking


def running(shop: Shop, engine: docker.DockerClient, label: str, folder: Path) -> Iterator[Kube]:
    """Two pods of the sound release behind the balancer, a redis, the API, and kubectl."""
    labels = {"dev.sev0.lab": label}
    passwords = {
        f"REDIS_{who}_PASSWORD": f"{who.lower()}-secret"
        for who in ("SHOP", "ONCALL", "EXPORTER", "REFEREE", "ADMIN", "REPLICA", "HEARTBEAT")
    }
    engine.containers.run(
        _image("redis", folder),
        detach=True,
        environment=passwords,
        labels={
            **labels,
            "com.docker.compose.project": f"sev0-{label}",
            "com.docker.compose.service": "redis",
        },
        network=f"{label}-shop",
    )
    diary = Diary()
    cluster, looking = _cluster(shop, diary)
    tell = shop.told.append

    def told(kind: str, detail: Mapping[str, Any]) -> None:
        tell((kind, detail))
        looking.told(detail)

    shop.controller._tell = told
    server = Server(cluster, who=lambda h: TRAINEE if h == f"Bearer {TOKEN}" else None, now=time.time)
    shared, port = folder / "tls", _free_port()
    shared.mkdir()
    serving = _serve(Starlette(routes=server.routes()), shared, port)
    (shared / "config").write_text(KUBECONFIG.format(port=port, token=TOKEN))
    for path in (shared, shared / "config"):
        path.chmod(0o755)
    toolbox = engine.containers.run(
        _image("toolbox", folder),
        detach=True,
        init=True,
        labels=labels,
        network_mode="host",
        environment={"KUBECONFIG": "/tls/config"},
        volumes={str(shared): {"bind": "/tls", "mode": "ro"}},
    )
    stop = threading.Event()
    shop.wanted.ensure("api", release=SOUND, replicas=2, config=SETTINGS)
    shop.run()
    thread = threading.Thread(target=looking.run, args=(stop,))
    thread.start()
    shop.settle()
    made = Kube(shop, port, looking, diary, toolbox)
    made.settled()
    yield made
    stop.set()
    looking.wake()
    serving.should_exit = True
    thread.join(timeout=20)

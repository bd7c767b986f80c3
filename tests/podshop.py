"""A balancer, a network and a pod controller of a test's own, for the referee's tests and kubectl's."""

import contextlib
import hashlib
import os
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docker

from faults.wait import until
from lab.referee.balancer import HAProxy
from lab.referee.errors import BalancerError
from lab.referee.pods.containers import Containers
from lab.referee.pods.controller import Controller
from lab.referee.pods.probe import ready
from lab.referee.pods.store import Store
from lab.referee.pods.targets import TargetsFile
from lab.referee.pods.telling import last_said
from lab.referee.pods.wanted import Wanted

ROOT = Path(__file__).parents[1]
SOUND, OTHER = "1.0", "2.0"


def build(tag: str, dockerfile: Path, context: Path) -> str:
    """Build an image, or find it in the engine's cache; its id, for another checkout may take the tag."""
    built = subprocess.run(
        ["docker", "build", "--quiet", "--tag", tag, "--file", str(dockerfile), str(context)],
        check=True,
        capture_output=True,
        env={**os.environ, "DOCKER_BUILDKIT": "1"},
    )
    return built.stdout.decode().strip()


def pod_image() -> str:
    """The pod of these tests."""
    folder = Path(__file__).parent / "referee/pod"
    # By content: another checkout's pod, built meanwhile, is not taken for this one.
    digest = hashlib.sha256(b"".join((folder / name).read_bytes() for name in ("Dockerfile", "pod.py")))
    return build(f"sev0/test-pod:{digest.hexdigest()[:12]}", folder / "Dockerfile", folder)


def haproxy_image() -> str:
    """The lab's own balancer."""
    return build("sev0/test-haproxy:latest", ROOT / "compose/images/haproxy/Dockerfile", ROOT)


@dataclass
class Shop:
    """A balancer in front of pods that a controller makes."""

    api: docker.APIClient
    lab: str
    images: Mapping[str, str]
    network: str
    environment: Mapping[str, str]
    folder: Path
    balancer: HAProxy
    url: str
    told: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    hearers: list[Callable[[Mapping[str, Any]], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin with a first controller."""
        self.stop = threading.Event()
        self.begin()

    def begin(self) -> None:
        """Make a controller from what is on disk, as a referee does that starts."""
        containers = Containers(
            self.api,
            lab=self.lab,
            project=f"sev0-{self.lab}",
            network=self.network,
            images=self.images,
            environment=self.environment,
            config=lambda: self.wanted.state.config,
        )
        self.wanted = Wanted(
            Store(self.folder / "deployments.json"), releases=containers.releases, now=time.time
        )
        self.controller = Controller(
            wanted=self.wanted,
            containers=containers,
            balancer=self.balancer,
            targets=TargetsFile(self.folder / "api.json"),
            ready=ready,
            tell=self._tell,
            now=time.time,
            said=last_said(detail for _, detail in self.told),
        )

    def _tell(self, kind: str, detail: Mapping[str, Any]) -> None:
        self.told.append((kind, detail))
        for hear in self.hearers:
            hear(detail)

    def run(self) -> None:
        """Let the controller work by itself."""
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.controller.run, args=(self.stop,))
        self.thread.start()

    def halt(self) -> None:
        """Stop the controller; pods go on."""
        self.stop.set()
        self.controller.wake()
        self.thread.join(timeout=20)

    def settle(self, *, timeout_s: float = 40.0) -> None:
        """Wait until what is wanted is there."""
        until(lambda: self.controller.settled("api") or None, what="api settled", timeout_s=timeout_s)

    def get(self, path: str = "/") -> str:
        """One request through the balancer; the pod's name, or the error's status."""
        try:
            with urllib.request.urlopen(f"{self.url}{path}", timeout=3) as answer:  # noqa: S310 - our own balancer
                return str(answer.read().decode())
        except urllib.error.HTTPError as error:
            return str(error.code)

    def states(self, name: str) -> list[str]:
        """What was told about one pod."""
        return [str(d["state"]) for kind, d in self.told if kind == "pod" and d["name"] == name]


@contextlib.contextmanager
def opened(
    engine: docker.DockerClient, label: str, pod_image: str, haproxy_image: str, folder: Path
) -> Iterator[Shop]:
    """A running balancer, and a controller that has not been started; whatever runs carries *label*."""
    labels = {"dev.sev0.lab": label}
    engine.networks.create(f"{label}-shop", labels=labels)
    socket = folder / "socket"
    socket.mkdir()
    # The balancer is not root: it must be able to make its socket here.
    socket.chmod(0o777)
    container = engine.containers.run(
        haproxy_image,
        detach=True,
        labels=labels,
        network=f"{label}-shop",
        volumes={str(socket): {"bind": "/run/haproxy", "mode": "rw"}},
        ports={"8080/tcp": ("127.0.0.1", 0)},
    )
    balancer = HAProxy(socket / "admin.sock")
    until(lambda: balancer.servers() == {} or None, what="haproxy", timeout_s=60, ignore=(BalancerError,))
    container.reload()
    bindings = container.ports["8080/tcp"] or []
    port = bindings[0]["HostPort"]
    made = Shop(
        engine.api,
        label,
        images={SOUND: pod_image, OTHER: pod_image},
        network=f"{label}-shop",
        environment={"READY_AFTER_S": "0.5"},
        folder=folder,
        balancer=balancer,
        url=f"http://127.0.0.1:{port}",
    )
    yield made
    if not made.stop.is_set() and hasattr(made, "thread"):
        made.halt()


@contextlib.contextmanager
def asking(shop: Shop) -> Iterator[Callable[[], list[str]]]:
    """Somebody who asks 20 times a second; calling it gives the answers so far."""
    answers: list[str] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.wait(0.05):
            answers.append(shop.get())

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield lambda: answers
    finally:
        stop.set()
        thread.join(timeout=10)

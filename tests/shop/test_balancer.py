"""The commands of compose/images/haproxy/README.md do what it says, on the real HAProxy."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import docker
import httpx
import pytest

from faults.wait import until
from tests.shop.conftest import SOUND
from tests.shop.servers import Postgres, Running
from tests.shop.stack import Pod, Stack, http

if TYPE_CHECKING:
    from docker.models.containers import Container

pytestmark = pytest.mark.docker

SOCKET_DIR = "/run/haproxy"
TELL = """
import socket, sys
with socket.socket(socket.AF_UNIX) as s:
    s.connect("/run/haproxy/admin.sock")
    s.sendall((sys.argv[1] + "\\n").encode())
    print(b"".join(iter(lambda: s.recv(65536), b"")).decode().strip())
"""


class Balancer:
    """HAProxy, and a root process in another container that shares its socket."""

    def __init__(self, running: Running, helper: "Container") -> None:
        self._running = running
        self._helper = helper

    def tell(self, *commands: str) -> str:
        """Send commands on one line; returns the answer."""
        _, output = self._helper.exec_run(["python3", "-c", TELL, "; ".join(commands)], user="root")
        assert isinstance(output, bytes)
        return output.decode().strip()

    def state(self, server: str) -> str:
        """The status that HAProxy shows for a server."""
        lines = [line.lstrip("# ").split(",") for line in self.tell("show stat api 4 -1").splitlines()]
        return next(
            dict(zip(lines[0], line, strict=False))["status"] for line in lines[1:] if line[1] == server
        )

    def add(self, name: str, pod: Pod) -> str:
        """Add a pod as README says."""
        pod.running.container.reload()
        (network,) = pod.running.container.attrs["NetworkSettings"]["Networks"].values()
        address = f"{network['IPAddress']}:8080"
        return self.tell(
            f"add server api/{name} {address} check inter 1s fall 3 rise 1 maxconn 200",
            f"enable health api/{name}",
            f"enable server api/{name}",
            f"set server api/{name} health down",
        )

    def get(self, path: str) -> httpx.Response:
        """A request through the balancer."""
        with http() as client:
            return client.get(f"http://127.0.0.1:{self._running.port}{path}")


@pytest.fixture(scope="module")
def balancer(engine: docker.DockerClient, stack: Stack, pod: Pod) -> Iterator[Balancer]:
    """HAProxy without servers."""
    volume = engine.volumes.create(labels=stack.labels)
    mounts = {str(volume.name): {"bind": SOCKET_DIR, "mode": "rw"}}
    running = stack.start("haproxy", name="lb", port=8080, environment={}, volumes=mounts)
    helper = engine.containers.run(
        stack.image(f"api {SOUND}"),
        ["sleep", "600"],
        detach=True,
        labels=stack.labels,
        volumes=mounts,
        init=True,
    )
    balancer = Balancer(running, helper)
    until(lambda: balancer.tell("show info") or None, what="HAProxy's socket", timeout_s=10)
    yield balancer
    helper.remove(force=True)
    running.container.remove(force=True)
    volume.remove(force=True)


def until_state(balancer: Balancer, server: str, wanted: str) -> None:
    """Wait for a server's status."""
    until(
        lambda: balancer.state(server).startswith(wanted) or None, what=f"{server} is {wanted}", timeout_s=40
    )


def test_without_pods_it_says_503(balancer: Balancer) -> None:
    assert balancer.get("/products/1").status_code == 503


def test_a_pod_is_added_drained_and_removed(balancer: Balancer, pod: Pod) -> None:
    assert balancer.add("one", pod) == "New server registered."
    until_state(balancer, "one", "UP")
    answer = balancer.get("/products/1")
    assert (answer.status_code, answer.headers["x-release"]) == (200, SOUND)
    balancer.tell("set server api/one state drain")
    assert balancer.state("one") == "DRAIN"
    assert balancer.get("/products/1").status_code == 503
    assert "maintenance" in balancer.tell("del server api/one")
    removed = "set server api/one state maint; shutdown sessions server api/one; del server api/one"
    assert until(
        lambda: balancer.tell(removed).startswith("Server deleted.") or None, what="deleted", timeout_s=5
    )
    assert balancer.tell("del server api/one") == "No such server."


def test_a_pod_that_is_not_ready_gets_no_request(
    balancer: Balancer, stack: Stack, postgres: Postgres
) -> None:
    late = stack.fresh_pod(SOUND, READY_AFTER_S="8")
    balancer.add("late", late)
    assert balancer.state("late").startswith("DOWN")
    assert balancer.get("/products/1").status_code == 503
    until_state(balancer, "late", "UP")
    assert balancer.get("/products/1").status_code == 200


def test_a_pod_that_hangs_is_taken_out(balancer: Balancer, stack: Stack) -> None:
    hung = stack.pod(SOUND)
    balancer.add("hung", hung)
    until_state(balancer, "hung", "UP")
    hung.running.container.pause()
    until_state(balancer, "hung", "DOWN")
    hung.running.container.unpause()
    until_state(balancer, "hung", "UP")

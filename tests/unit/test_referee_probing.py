"""Pods that are not ready: what they answer to their probe, and what is told of it."""

import socket
import threading
from collections.abc import Mapping
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from lab.referee.cluster.book import Book
from lab.referee.cluster.happenings import Happenings
from lab.referee.pods.model import Pod
from lab.referee.pods.probe import ready, wrong
from lab.referee.pods.probing import FAILURES, Probing
from lab.referee.pods.telling import Telling

POD = Pod(name="a", deployment="api", hash="h", release="1.0", revision=1, ip="10.0.0.1")
SICK = "HTTP probe failed with statuscode: 503"


class Unready(BaseHTTPRequestHandler):
    """Answers 503, whatever it is asked."""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(503)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


def test_a_probe_says_what_it_got() -> None:
    with HTTPServer(("127.0.0.1", 0), Unready) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        port = server.server_address[1]
        assert (wrong("127.0.0.1", port=port), ready("127.0.0.1", port=port)) == (SICK, False)
        server.shutdown()
    refused = f"dial tcp 127.0.0.1:{port}: connect: connection refused"
    assert wrong("127.0.0.1", port=port) == f'Get "http://127.0.0.1:{port}/health/ready": {refused}'
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert "context deadline exceeded" in wrong("127.0.0.1", port=silent.getsockname()[1])


def rounds(answers: list[str], pod: Pod = POD) -> list[str]:
    """What is told of a pod that answers so, asked once a second at first."""
    clock, told, left = [0.0], [], list(answers)
    probing = Probing(lambda _: left.pop(0), now=lambda: clock[0])
    while left and clock[0] < 100:
        told += [answer for _, answer in probing.look([pod])]
        clock[0] += 0.5
    return told


def test_a_pod_that_is_wrong_often_enough_is_told_once_with_each_answer() -> None:
    assert rounds([SICK] * (FAILURES - 1)) == []
    assert rounds([SICK] * 8) == [SICK]
    assert rounds([SICK, SICK, "", SICK, SICK]) == []
    assert rounds(["refused"] * 4 + [SICK] * 3) == ["refused", SICK]


def test_one_pod_is_asked_at_a_time_and_each_has_its_turn() -> None:
    asked: list[str] = []
    probing = Probing(lambda ip: asked.append(ip) or SICK, now=lambda: 0.0)  # type: ignore[func-returns-value]
    for _ in range(4):
        probing.look([POD, replace(POD, name="b", ip="10.0.0.2")])
    assert asked == ["10.0.0.1", "10.0.0.2"]


@pytest.mark.parametrize("more", [{"ready": True}, {"leaving": True}, {"busy": True}, {"running": False}])
def test_only_pods_that_should_be_ready_are_asked(more: dict[str, bool]) -> None:
    assert rounds([SICK] * 3, replace(POD, **more)) == []  # type: ignore[arg-type]


def test_the_event_says_what_the_probe_got() -> None:
    book = Book(now=lambda: 1.0)
    happenings = Happenings(book)

    def tell(_: str, detail: Mapping[str, Any]) -> None:
        happenings.told(detail, "shop/api:1.0")

    telling = Telling(tell, {})
    telling.say([replace(POD, ready=True)])
    telling.say([POD], wrong=lambda _: SICK)
    telling.unhealthy([(POD, SICK), (POD, "refused")])
    found = [(one["message"], one["count"]) for one in book.objects() if one["reason"] == "Unhealthy"]
    assert found == [(f"Readiness probe failed: {SICK}", 2), ("Readiness probe failed: refused", 1)]

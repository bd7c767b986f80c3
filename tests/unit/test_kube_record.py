"""Each call is in the history: what was asked for of what, what came of it, by which command, and when."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.history.journal import Journal
from lab.kube.calls import Call, Stray
from lab.referee.cluster.make import Calls
from lab.referee.recorder import Recorder
from tests.unit.kube_api import APPS, CORE, Cluster, opened

HEADERS = {"Kubectl-Command": "kubectl scale", "Content-Type": "application/merge-patch+json"}


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with opened(tmp_path) as made:
        yield made


@pytest.fixture
def recorder(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorder]:
    """The history that a lab has, behind the cluster's API."""
    journal = Journal.open(tmp_path / "journal.jsonl")
    made = Recorder(journal, now=lambda: 1234.5, keep_s=60)
    calls = Calls(made)

    def told(call: Call | Stray, code: int, message: str) -> None:
        calls.call(call, code, message)

    monkeypatch.setattr(cluster.diary, "call", told)
    yield made
    journal.close()


@pytest.mark.parametrize(
    ("method", "path", "body", "verb", "what", "code"),
    [
        ("PATCH", f"{APPS}/deployments/api/scale", {"spec": {"replicas": 1}}, "patch", "", 200),
        ("GET", f"{CORE}/pods", None, "list", "pods", 200),
        ("GET", f"{CORE}/pods/x/log", None, "get", "pods/x/log", 404),
        ("POST", f"{CORE}/secrets", {}, "create", "secrets", 403),
        ("DELETE", "/api/v1/namespaces/other/pods/x", {}, "delete", "namespaces/other/pods/x", 404),
        ("PUT", f"{CORE}/pods", {}, "put", f"{CORE}/pods", 405),
        ("GET", "/apis/batch/v1/jobs", None, "get", "/apis/batch/v1/jobs", 404),
    ],
)
def test_a_call_is_written_down_with_its_result(
    cluster: Cluster, recorder: Recorder, method: str, path: str, body: Any, verb: str, what: str, code: int
) -> None:
    asked = cluster.http.request(method, path, json=body, headers=HEADERS)
    assert cluster.runner.run(asked).status_code == code
    (event,) = recorder.events("kubectl")
    assert event.t == 1234.5
    said = {key: event.detail[key] for key in ("verb", "object", "code", "command", "who")}
    assert said == {
        "verb": verb,
        "object": what or "deployments/api/scale",
        "code": code,
        "command": "kubectl scale",
        "who": "trainee",
    }

"""What kubectl shows is what is so: causes, releases, events, probes, restarts."""

import re

import pytest

from tests.kubectl.cluster import Kube

pytestmark = pytest.mark.docker


def test_a_change_cause_is_kept_with_its_revision(kube: Kube) -> None:
    """Also once the next revision is out, and after a restart of the referee."""
    kube.ok("set", "image", "deployment/api", "api=shop/api:2.0")
    kube.ok("annotate", "deployment/api", "kubernetes.io/change-cause=2.0: offers")
    assert re.search(r"^2 +2\.0: offers$", kube.ok("rollout", "history", "deployment/api"), re.MULTILINE)
    kube.settled()
    kube.ok("rollout", "undo", "deployment/api")
    kube.settled()
    kube.side.restart()
    history = kube.ok("rollout", "history", "deployment/api")
    assert re.search(r"^2 +2\.0: offers$", history, re.MULTILINE), history
    assert re.search(r"^3 +release 1\.0$", history, re.MULTILINE), history


def test_events_are_the_same_after_a_restart_of_the_referee(kube: Kube) -> None:
    """None is forgotten, and none is invented."""
    kube.ok("scale", "deployment/api", "--replicas=3")
    kube.settled()
    seen = "jsonpath={range .items[*]}{.metadata.name} {.count} {.lastTimestamp} {.message}{'\\n'}{end}"
    before = kube.ok("get", "events", "-o", seen).splitlines()
    assert any("from 2 to 3" in line for line in before)
    kube.side.restart()
    kube.settled()
    assert kube.ok("get", "events", "-o", seen).splitlines() == before

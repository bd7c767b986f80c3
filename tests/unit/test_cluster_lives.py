"""The databases' pods: whose containers come back, and those that are replaced."""

from dataclasses import replace
from typing import Any

from lab.kube.ages import stamp
from lab.referee.cluster.book import Book
from lab.referee.cluster.happenings import Happenings
from lab.referee.cluster.lives import Life, lived
from lab.referee.cluster.setviews import Member, member_pod_view
from lab.referee.services import Service

REDIS = Member(name="redis", image="redis:8", port=6379)
UP = Service(name="redis", id="r", state="running", started_t=100.0, addresses={})
DOWN = replace(UP, state="exited", finished_t=200.0, exit_code=137, oom_killed=True)
BACK = replace(UP, started_t=201.0, finished_t=200.0)


def seen(*services: Service, renewing: bool = False) -> tuple[Life, dict[str, Any], list[str]]:
    """What is known after these looks, the pod then, and the events' reasons."""
    book, life = Book(now=lambda: 300.0), None
    happenings = Happenings(book)
    for service in services:
        now = lived(life and replace(life, renewing=renewing), service)
        happenings.lived(REDIS, life, now)
        life = now
    assert life is not None
    return life, member_pod_view(REDIS, services[-1], life), [one["reason"] for one in book.objects()]


def container(view: dict[str, Any]) -> dict[str, Any]:
    """The status of a pod's one container."""
    found: dict[str, Any] = view["status"]["containerStatuses"][0]
    return found


def test_a_database_whose_container_came_back_is_the_same_pod_with_a_restart() -> None:
    first = seen(UP)
    life, view, events = seen(UP, DOWN, BACK)
    assert (life.restarts, container(view)["restartCount"]) == (1, 1)
    ended = {"reason": "OOMKilled", "exitCode": 137, "finishedAt": stamp(200.0)}
    assert container(view)["lastState"] == {"terminated": ended}
    assert view["metadata"]["uid"] == first[1]["metadata"]["uid"]
    assert (first[2], events) == ([], ["OOMKilling", "Created", "Started"])
    assert seen(UP, DOWN, BACK, BACK)[2] == events


def test_how_it_ended_is_said_only_where_it_was_seen() -> None:
    _, view, events = seen(UP, BACK)
    assert container(view)["lastState"]["terminated"]["reason"] == "ContainerStatusUnknown"
    assert (container(view)["restartCount"], events) == (1, ["Created", "Started"])
    _, view, _ = seen(UP, DOWN, BACK, replace(BACK, started_t=301.0, finished_t=300.0))
    assert container(view)["lastState"]["terminated"]["finishedAt"] == stamp(300.0)
    assert container(view)["lastState"]["terminated"]["exitCode"] == 137
    assert container(view)["lastState"]["terminated"]["reason"] == "ContainerStatusUnknown"


def test_a_database_that_keeps_crashing_is_counted_while_it_is_down() -> None:
    again = replace(DOWN, started_t=201.0, finished_t=202.0)
    life, view, _ = seen(UP, DOWN, replace(again, state="restarting"))
    assert life.restarts == 1
    assert container(view)["state"]["waiting"]["reason"] == "CrashLoopBackOff"


def test_a_database_that_was_restarted_through_the_api_is_another_pod() -> None:
    life, view, events = seen(UP, BACK, renewing=True)
    assert (life.restarts, life.created_t, life.renewing) == (0, 201.0, False)
    assert view["metadata"]["uid"] != seen(UP)[1]["metadata"]["uid"]
    replaced = ["Killing", "SuccessfulDelete", "SuccessfulCreate", "Scheduled", "Created", "Started"]
    assert events == replaced


def test_another_container_is_another_pod() -> None:
    assert seen(UP, replace(BACK, id="other"))[0].restarts == 0

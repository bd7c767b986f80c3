"""Events: what is told of pods and deployments, once, and the same after a restart of the referee."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lab.referee.cluster.book import Book
from lab.referee.cluster.happenings import Happenings
from lab.referee.cluster.memory import Memory
from lab.referee.pods.model import Deployment, Pod, Revision
from lab.referee.pods.telling import Telling, last_said
from lab.referee.pods.template import template_of
from lab.scenario import Change

TEMPLATE = template_of("api", "1.0", labels={})
WANT = Deployment(
    name="api",
    uid="u",
    created_t=0.0,
    replicas=2,
    template=TEMPLATE,
    selector={"app": "api"},
    revisions=(Revision(number=1, template=TEMPLATE, cause="", by="", t=0.0),),
)
PODS = [
    Pod(name=name, deployment="api", hash=WANT.hash, release="1.0", revision=1, ready=True) for name in "ab"
]
CHANGES = (Change(minutes_ago=9, component="redis", what="upgrade", by="dba"),)


def begun(folder: Path, t: float) -> tuple[Book, Happenings]:
    """The parts as a referee makes them that starts at a time."""
    book = Book(now=lambda: t, memory=Memory(folder / "cluster.json"))
    happenings = Happenings(book)
    happenings.before(CHANGES, t, frozenset({"redis"}))
    return book, happenings


def told(state: str, reason: str = "", name: str = "a") -> Mapping[str, Any]:
    """What the controller tells of a pod."""
    return {"name": name, "state": state, "reason": reason}


def messages(book: Book, reason: str) -> list[tuple[str, int]]:
    """The events with a reason: what they say, how often."""
    return [(one["message"], one["count"]) for one in book.objects() if one["reason"] == reason]


def test_a_restart_forgets_no_event_and_invents_none(tmp_path: Path) -> None:
    book, happenings = begun(tmp_path, 100.0)
    for state in ("starting", "not ready", "ready"):
        happenings.told(told(state), "shop/api:1.0")
    happenings.scaled(WANT, PODS)
    book.keep()
    before = book.objects()
    assert messages(book, "ScalingReplicaSet") == [(f"Scaled up replica set api-{WANT.hash} from 0 to 2", 1)]
    again, happenings = begun(tmp_path, 900.0)
    happenings.scaled(WANT, PODS)
    again.keep()
    assert again.objects() == before
    happenings.scaled(WANT, PODS[:1])
    assert messages(again, "ScalingReplicaSet")[1:] == [
        (f"Scaled down replica set api-{WANT.hash} from 2 to 1", 1)
    ]


def test_a_pod_is_scheduled_once_however_often_it_is_started(tmp_path: Path) -> None:
    book, happenings = begun(tmp_path, 100.0)
    for state in ("starting", "not ready", "crashed", "starting", "not ready"):
        happenings.told(told(state, "exited with 3" if state == "crashed" else ""), "shop/api:1.0")
    assert messages(book, "Scheduled") == [("Successfully assigned default/a to lab", 1)]
    assert messages(book, "Started") == [("Started container api", 2)]


def test_a_new_controller_does_not_tell_again_what_the_one_before_told() -> None:
    said: list[Mapping[str, Any]] = []
    Telling(lambda _, detail: said.append(detail), {}).say(PODS)
    later = [told("trouble", "engine", "a"), told("gone", "", "b")]
    again: list[Mapping[str, Any]] = []
    Telling(lambda _, detail: again.append(detail), last_said([*said, *later])).say(PODS)
    assert [(one["name"], one["state"]) for one in said] == [("a", "ready"), ("b", "ready")]
    assert [(one["name"], one["state"]) for one in again] == [("b", "ready")]

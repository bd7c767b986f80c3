"""Waiting for a run: what ends it, what it outlasts, and what is said when it does not come."""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from lab.cli._progress import PlainProgress
from lab.engine.runner import Output
from lab.errors import RefereeLost, StackNotReady
from lab.referee.readiness import Readiness
from lab.stack import waiting
from lab.stack.progress import Note
from lab.stack.state import LabState
from lab.stack.waiting import Watch
from tests.unit.clocks import Jumping
from tests.unit.recording import RecordingRunner
from tests.unit.test_stack_compose import STATE


class Steps:
    """Progress that remembers its steps and remarks."""

    def __init__(self) -> None:
        self.titles: list[str] = []
        self.remarks: list[str] = []

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[Note]:
        """Remember the step."""
        self.titles.append(title)
        yield lambda _: None

    def say(self, text: str) -> None:
        """Remember the remark."""
        self.remarks.append(text)


def watch(
    monkeypatch: pytest.MonkeyPatch, answers: list[Any], state: LabState, logs: str = ""
) -> tuple[Watch, Steps]:
    """A watch on a referee that gives *answers*, the last one for ever."""

    class Scripted:
        def __init__(self, *, state: LabState) -> None:
            self.state = state

        def status(self) -> dict[str, Any]:
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            if isinstance(answer, Exception):
                raise answer
            return answer if isinstance(answer, dict) else {"phase": answer}

    monkeypatch.setattr(waiting, "Referee", Scripted)
    steps = Steps()
    labels = "dev.sev0.lab=team-1,com.docker.compose.service=referee"
    row = f'{{"ID":"c1","Names":"r","State":"%s","Labels":"{labels}"}}'
    runner = RecordingRunner(
        {
            "docker ps": Output(exit_code=0, text=row % ("exited" if logs else "running")),
            "docker logs": Output(exit_code=0, text=logs),
        }
    )
    return Watch(runner=runner, state=state, progress=steps, clock=Jumping()), steps


def drill(*, calm: bool) -> LabState:
    return replace(STATE, calm=calm)


def test_it_returns_when_the_page_has_fired(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [RefereeLost("not yet"), "starting", "baseline", "incident", "incident", "paged"]
    watching, steps = watch(monkeypatch, answers, drill(calm=False))
    assert watching.until_page()["phase"] == "paged"
    assert steps.titles == ["services ready", "healthy baseline", "until the first page"]


def test_a_calm_run_pages_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    watching, _ = watch(monkeypatch, ["starting", "baseline", "incident"], drill(calm=True))
    assert watching.until_page()["phase"] == "incident"


def test_a_run_that_ended_before_its_page_is_trouble_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    watching, _ = watch(monkeypatch, ["baseline", "ended"], drill(calm=False))
    with pytest.raises(StackNotReady, match="ended before anything went wrong") as caught:
        watching.until_page()
    assert "journal.jsonl" in caught.value.hint


def test_a_referee_that_stopped_is_said_with_its_last_words(monkeypatch: pytest.MonkeyPatch) -> None:
    watching, _ = watch(
        monkeypatch, [RefereeLost("gone")], drill(calm=False), logs="BadConfig: SPEED is missing"
    )
    with pytest.raises(StackNotReady, match="BadConfig: SPEED is missing"):
        watching.until_page()


def test_a_phase_that_does_not_end_is_said_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    watching, _ = watch(monkeypatch, ["baseline"], drill(calm=False))
    with pytest.raises(StackNotReady, match=r"healthy baseline.*not reached in 180 s"):
        watching.until_page()


def starting(*ready: str, phase: str = "starting") -> dict[str, Any]:
    """The status of a run some of whose services are there."""
    return {"phase": phase, "ready": list(ready), "waiting_for": [] if phase != "starting" else ["api"]}


def test_each_service_is_said_once_as_it_becomes_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [
        starting(),
        RefereeLost("not yet"),
        starting("redis", "lb"),
        starting("redis", "lb"),
        starting("redis", "lb", "postgres"),
        starting("redis", "lb", "postgres", "api", phase="baseline"),
        starting("redis", "lb", "postgres", "api", phase="incident"),
    ]
    watching, steps = watch(monkeypatch, answers, drill(calm=True))
    watching.until_page()
    assert steps.remarks == ["redis is ready", "lb is ready", "postgres is ready", "api is ready"]


def test_each_service_is_a_line_off_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = [starting("redis"), starting("redis", "api", phase="incident")]
    watching, _ = watch(monkeypatch, answers, drill(calm=True))
    replace(watching, progress=PlainProgress()).until_page()
    lines = [line.split() for line in capsys.readouterr().err.splitlines()]
    said = [" ".join(words[:4]) for words in lines if words[0] != "..."]
    assert said[:2] == ["note redis is ready", "note api is ready"]
    assert said[2].startswith("ok services ready")


def test_what_is_ready_is_told_as_it_came() -> None:
    asked = {"postgres": iter((False, True)), "redis": iter((True,)), "api": iter((False, False, True))}
    readiness = Readiness({name: partial(next, answers) for name, answers in asked.items()})
    readiness.run(threading.Event())
    assert list(readiness.ready) == ["redis", "postgres", "api"]
    assert list(readiness.waiting_for) == []

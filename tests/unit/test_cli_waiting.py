"""Waiting for a run: what ends it, what it outlasts, and what is said when it does not come."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from lab.engine.runner import Output
from lab.errors import RefereeLost, StackNotReady
from lab.stack import waiting
from lab.stack.progress import Note
from lab.stack.state import LabState
from lab.stack.waiting import Watch
from tests.unit.clocks import Jumping
from tests.unit.recording import RecordingRunner
from tests.unit.test_stack_compose import STATE


class Steps:
    """Progress that remembers its steps."""

    def __init__(self) -> None:
        self.titles: list[str] = []

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[Note]:
        """Remember the step."""
        self.titles.append(title)
        yield lambda _: None

    def say(self, text: str) -> None:
        """Remember nothing."""


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
            return {"phase": answer}

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

"""Exit codes of the trainee's verbs, the same on the host and in the toolbox."""

import io
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from lab import cli
from lab.cli import _client
from lab.trainee import __main__ as toolbox
from lab.trainee.errors import Refused, Unreachable
from lab.trainee.waiting import NOT_YET

Run = Callable[[list[str]], int]


class Scripted:
    """A referee that answers so; an answer that is an error is raised, the last one stays."""

    def __init__(self, **answers: list[Any]) -> None:
        self.posted: list[str] = []
        self._answers = answers

    def get(self, path: str) -> Any:
        """What it shows."""
        answers = self._answers[path.removeprefix("/v1/")]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """What it says to what it is asked for."""
        self.posted.append(path)
        return {"n": 1, "price": 2, "text": "where"}


@pytest.fixture(params=[cli.run, toolbox.run], ids=["host", "toolbox"])
def lab(request: pytest.FixtureRequest) -> Run:
    """The command, as it is typed in both places."""
    typed: Run = request.param
    return typed


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Callable[[Scripted], Scripted]:
    """Let both ask this referee."""

    def use(client: Scripted) -> Scripted:
        monkeypatch.setattr(_client, "client_of", lambda _: lambda: client)
        monkeypatch.setattr(toolbox, "_client", lambda: client)
        return client

    return use


OFFER = {"n": 1, "price": 2, "left": 2}
Ask = Callable[[Scripted], Scripted]


@pytest.mark.parametrize("typed", ["n\n", "\n"])
def test_a_hint_that_is_declined_is_well(
    typed: str, lab: Run, ask: Ask, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    client = ask(Scripted(hint=[OFFER]))
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    assert lab(["hint"]) == 0
    said = capsys.readouterr()
    assert said.out == "no hint taken\n"
    assert "costs 2 points" in said.err
    assert not client.posted


def test_a_hint_that_is_wanted_is_taken(
    lab: Run, ask: Ask, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ask(Scripted(hint=[OFFER]))
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert lab(["hint"]) == 0
    assert "hint 1 (-2 points)" in capsys.readouterr().out


def test_a_question_that_is_cut_off_is_interrupted_and_no_fail(
    lab: Run, ask: Ask, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    client = ask(Scripted(hint=[OFFER]))
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert lab(["hint"]) == 130
    assert "interrupted" in capsys.readouterr().err
    assert not client.posted


def test_ctrl_c_while_the_report_is_waited_for_is_interrupted(lab: Run, ask: Ask) -> None:
    ask(Scripted(report=[KeyboardInterrupt()]))
    assert lab(["grade"]) == 130


@pytest.mark.parametrize(("verdict", "code"), [("pass", 0), ("fail", 1), ("unknown", 3), ("new", 3)])
def test_a_grade_exits_by_its_verdict(
    verdict: str, code: int, lab: Run, ask: Ask, capsys: pytest.CaptureFixture[str]
) -> None:
    ask(Scripted(report=[{"verdict": verdict, "text": f"{verdict.upper()}\n"}]))
    assert lab(["grade"]) == code
    assert capsys.readouterr().out == f"{verdict.upper()}\n"
    assert lab(["grade", "--json"]) == code


def test_a_grade_that_is_only_asked_for_exits_with_0(lab: Run, ask: Ask) -> None:
    client = ask(Scripted(report=[Refused("not ended", status=NOT_YET, body={})]))
    assert lab(["grade", "--no-wait"]) == 0
    assert client.posted == ["/v1/grade"]


@pytest.mark.parametrize(
    ("error", "code"), [(Refused("no"), 2), (Unreachable("gone"), 3)], ids=["refused", "gone"]
)
def test_a_referee_that_says_no_or_nothing_is_no_fail(
    error: Exception, code: int, lab: Run, ask: Ask, capsys: pytest.CaptureFixture[str]
) -> None:
    ask(Scripted(brief=[error]))
    assert lab(["brief"]) == code
    assert str(error) in capsys.readouterr().err


def test_words_that_are_off_exit_with_2(lab: Run) -> None:
    assert lab(["no-such-verb"]) == 2

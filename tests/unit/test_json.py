"""Every verb prints JSON, and nothing else on standard output, where a machine asks for it."""

import io
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import pytest

from lab import catalog
from lab.cli import _brief, _client, _drill, _host, cli, doctor, new, run
from lab.engine.machine import Machine
from lab.engine.runner import Output
from lab.stack import state
from lab.stack.places import checkout
from lab.stack.state import LabState
from lab.trainee import __main__ as toolbox
from tests.unit.cheats import solved
from tests.unit.recording import RecordingRunner
from tests.unit.test_regrade import ran
from tests.unit.test_stack_compose import STATE
from tests.unit.test_verify import RUN_ID, history, written

OTHERWISE: Mapping[str, str] = {
    "shell": "what it runs prints what it likes; each verb in the toolbox has its own --json",
    "run": "--json names the report's file, as --junit and --html do; - prints it",
}
"""Verbs without the flag, and why."""

NEEDS_AN_ENGINE: Mapping[str, str] = {
    "fault inject": "does something to a container: tests/faults/test_commands.py asks it",
    "prove": "takes labs of its own: tests/unit/test_prove_lock.py begins it",
}
"""Verbs that are not typed here in full, and why."""

Run = Callable[[list[str]], int]

STATUS: Mapping[str, Any] = {
    "scenario": "max-connections",
    "run_id": "r1",
    "phase": "paged",
    "clock_s": 3.0,
    "impact_s": None,
    "alerts": [],
    "users": {"success_ratio": None, "p95_ms": None, "per_s": None, "routes": {}},
    "holds": [],
    "milestones": {},
    "hints_taken": 0,
}
ANSWERS: Mapping[str, Mapping[str, Any]] = {
    "GET brief": {"title": "t", "text": "You are on call."},
    "GET status": STATUS,
    "GET hint": {"n": 1, "price": 2, "left": 2},
    "GET report": {"verdict": "pass", "score": 100, "text": "PASS\n"},
    "POST ack": {"acknowledged_after_s": 4.0},
    "POST status-update": {"updates": 1, "posted": "we are on it"},
    "POST diagnose": {"recorded": True},
    "POST hint": {"n": 1, "price": 2, "text": "where"},
    "POST grade": {"asked": True},
}
TRAINEES: Mapping[str, tuple[list[str], str]] = {
    "brief": ([], "GET brief"),
    "status": ([], "GET status"),
    "ack": ([], "POST ack"),
    "status-update": (["we are on it"], "POST status-update"),
    "diagnose": (["--component", "api", "--fault", "leak", "--evidence", "idle sessions"], "POST diagnose"),
    "hint": (["--yes"], "POST hint"),
    "grade": (["--no-wait"], "POST grade"),
}
"""What is typed for each of the trainee's verbs, and whose answer it prints."""

HOSTS: Mapping[str, list[str]] = {
    "start": ["max-connections"],
    "reset": [],
    "down": [],
    "list": [],
    "images": [],
    "doctor": [],
    "lint": ["max-connections"],
    "new": ["slow-thursday"],
    "regrade": ["solved"],
    "verify": [RUN_ID],
    "faults": ["net.latency"],
    "fault active": [],
    "fault revert": ["--all"],
}
"""The same for the host's own."""


def verbs(group: click.Group, above: str = "") -> Iterator[tuple[str, click.Command]]:
    """All that can be typed, with what is below a group and not the group itself."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from verbs(command, f"{above}{name} ")
        else:
            yield f"{above}{name}", command


class Referee:
    """Answers each verb as a referee may."""

    def get(self, path: str) -> Mapping[str, Any]:
        """What it shows."""
        return ANSWERS[f"GET {path.removeprefix('/v1/')}"]

    def post(self, path: str, _body: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """What it says to what it is asked for."""
        return ANSWERS[f"POST {path.removeprefix('/v1/')}"]


@pytest.fixture(params=[run, toolbox.run], ids=["host", "toolbox"])
def lab(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The trainee's verbs, as they are typed in both places."""
    monkeypatch.setattr(_client, "client_of", lambda _: Referee)
    monkeypatch.setattr(toolbox, "_client", Referee)
    typed: Run = request.param
    return typed


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where two runs are kept."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "runs").mkdir()
    ran(folder / "runs" / "solved", catalog.find("max-connections"), solved)
    written(folder / "runs" / RUN_ID / "journal.jsonl", history())
    return folder


@pytest.fixture
def host(home: Path, monkeypatch: pytest.MonkeyPatch) -> RecordingRunner:
    """A host whose engine answers, whose labs come up at once, and who keeps runs."""
    monkeypatch.setenv("LAB_HOME", str(home))
    for variable in ("LAB_NAME", "DOCKER_HOST", "LAB_SIGNING_KEY"):
        monkeypatch.delenv(variable, raising=False)
    info = Output(exit_code=0, text=json.dumps({"ServerVersion": "27.1", "DockerRootDir": "/nowhere"}))
    runner = RecordingRunner({"docker info": info})
    monkeypatch.setattr(_host, "SystemRunner", lambda: runner)
    monkeypatch.setattr(doctor, "look", lambda _: Machine(distro="", codename="", as_root=(), systemd=False))
    for verb in ("start", "again"):
        monkeypatch.setattr(_drill, verb, lambda *_, **__: STATE)
    monkeypatch.setattr(state, "load", lambda _: STATE)
    monkeypatch.setattr(_brief, "Referee", Paging)
    monkeypatch.setattr(new, "create", lambda *_: (checkout() / "scenario.py", checkout() / "runbook.md"))
    return runner


class Paging:
    """A referee whose page has fired."""

    def __init__(self, *, state: LabState) -> None:
        self.state = state

    def brief(self) -> str:
        """The page."""
        return "You are on call."


def test_every_verb_prints_json_or_has_a_reason_not_to() -> None:
    for name, command in (*verbs(cli), *verbs(toolbox.main)):
        flags = [one for one in command.params if "--json" in one.opts and getattr(one, "is_flag", False)]
        assert bool(flags) is (name not in OTHERWISE), name


def test_every_verb_is_typed_here_or_has_a_reason_not_to_be() -> None:
    assert {*HOSTS, *TRAINEES, *OTHERWISE, *NEEDS_AN_ENGINE} == {name for name, _ in verbs(cli)}
    assert set(TRAINEES) == {name for name, _ in verbs(toolbox.main)}


@pytest.mark.parametrize("verb", TRAINEES)
def test_a_trainees_verb_prints_the_referees_answer(
    verb: str, lab: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    words, asked = TRAINEES[verb]
    assert lab([verb, *words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == ANSWERS[asked]


def test_a_grade_that_was_waited_for_is_the_report_without_its_text(
    lab: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lab(["grade", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"verdict": "pass", "score": 100}


def test_questions_are_asked_on_standard_error(
    lab: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("api\na leak\nidle sessions\n"))
    assert lab(["diagnose", "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out) == ANSWERS["POST diagnose"]
    assert [said.err.count(asked) for asked in ("Which", "What", "How")] == [1] * 3


@pytest.mark.usefixtures("host")
@pytest.mark.parametrize("verb", HOSTS)
def test_a_hosts_verb_prints_one_document(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = run([*verb.split(), *HOSTS[verb], "--json"])
    said = capsys.readouterr()
    assert json.loads(said.out) is not None
    assert code == 0, said


@pytest.mark.usefixtures("host")
def test_an_engine_that_is_to_be_stopped_is_answered_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "--stop-engine", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"stopped": False, "engine": None}


def test_cells_are_listed_as_an_object_each(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["prove", "max-connections", "--list", "--json"]) == 0
    cells = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"scenario": "max-connections", "cell": "healthy", "vantage": "toolbox"} in cells


def test_the_page_of_faults_is_no_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["faults", "--markdown", "--json"]) == 2
    assert "--markdown" in capsys.readouterr().err

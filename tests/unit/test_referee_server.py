"""The referee's HTTP face, and the trainee's client against it over TLS."""

import asyncio
import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from click.testing import CliRunner
from starlette.applications import Starlette

from faults.wait import until
from lab.history.journal import Journal, read_history
from lab.history.records import Event
from lab.referee.desk import Desk
from lab.referee.errors import NotNow
from lab.referee.recorder import Recorder
from lab.referee.server import Answer, Tokens, application
from lab.stack import tls
from lab.trainee.client import Client
from lab.trainee.verbs import COMMANDS

TRAINEE = {"Authorization": "Bearer trainee-token"}
OPERATOR = {"Authorization": "Bearer operator-token"}
DRILL: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("run_started", {}),
    ("stack_ready", {}),
    ("baseline_started", {}),
    ("baseline_ended", {"ok": True}),
    ("alert_firing", {"alert": "Errors"}),
    ("page", {"alert": "Errors"}),
)


@dataclass
class Shown:
    """A desktop with fixed answers."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def health(self) -> dict[str, Any]:
        """Well."""
        return {"phase": "paged"}

    def brief(self) -> dict[str, Any]:
        """A page."""
        return {"text": "You are on call."}

    def status(self) -> dict[str, Any]:
        """Nothing."""
        return {}

    def report(self) -> Answer:
        """None while the run goes on."""
        if self._recorder.over:
            return Answer(status=200, content={"verdict": "pass", "text": "PASS\n"})
        return Answer(status=409, content={"error": "not ended", "waiting_for": "service", "state": "paged"})


class Http:
    """Calls the application without a server."""

    def __init__(self, app: Starlette) -> None:
        self._app = app

    def request(self, method: str, path: str, **how: Any) -> httpx.Response:
        """One call."""

        async def call() -> httpx.Response:
            transport = httpx.ASGITransport(app=self._app)
            async with httpx.AsyncClient(transport=transport, base_url="http://referee") as client:
                return await client.request(method, path, **how)

        return asyncio.run(call())

    def get(self, path: str, *, headers: Mapping[str, str]) -> httpx.Response:
        """One GET."""
        return self.request("GET", path, headers=dict(headers))


@dataclass
class Referee:
    """A desk with a journal of its own."""

    folder: Path
    now: float = 1000.0

    def __post_init__(self) -> None:
        """Put it together."""
        self.journal = Journal.open(self.folder / "journal.jsonl")
        self.recorder = Recorder(self.journal, now=lambda: self.now, keep_s=60)
        self.desk = Desk(
            recorder=self.recorder,
            hints=["where", "what"],
            hint_prices=(2, 3),
            calm=False,
            now=lambda: self.now,
        )
        tokens = Tokens(trainee="trainee-token", operator="operator-token")
        self.app = application(desk=self.desk, desktop=Shown(self.recorder), tokens=tokens)
        self.http = Http(self.app)

    def begin(self) -> None:
        """Bring the run to its page."""
        for kind, detail in DRILL:
            self.recorder.event(kind, detail)

    def post(self, path: str, body: object = None, headers: Mapping[str, str] = TRAINEE) -> tuple[int, Any]:
        """One call."""
        answer = self.http.request("POST", path, json=body, headers=dict(headers))
        return answer.status_code, answer.json()

    def events(self, kind: str) -> list[Mapping[str, Any]]:
        """What the journal has of a kind, read from disk."""
        history = read_history(self.folder / "journal.jsonl")
        return [r.detail for r in history if isinstance(r, Event) and r.kind == kind]


@pytest.fixture
def referee(tmp_path: Path) -> Iterator[Referee]:
    """A paged run."""
    made = Referee(tmp_path)
    made.begin()
    yield made
    made.journal.close()


def test_nobody_without_a_token_is_answered(referee: Referee) -> None:
    """Not even the health."""
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer "}):
        answer = referee.http.get("/v1/health", headers=headers)
        assert (answer.status_code, set(answer.json())) == (401, {"error", "hint"})


def test_only_the_operator_ends_a_run(referee: Referee) -> None:
    """The trainee asks for the grade."""
    assert referee.post("/v1/end")[0] == 403
    assert referee.post("/v1/end", headers=OPERATOR)[0] == 202
    assert referee.events("end_asked") == [{"by": "operator"}]


def test_an_ack_counts_once(referee: Referee) -> None:
    """From the page."""
    referee.now += 12
    assert referee.post("/v1/ack") == (200, {"acknowledged_after_s": 12.0})
    referee.now += 30
    assert referee.post("/v1/ack") == (200, {"acknowledged_after_s": 12.0})
    assert referee.events("ack") == [{"by": "trainee"}]


def test_hints_are_paid_for_one_by_one(referee: Referee) -> None:
    """Looking at the price is free."""
    assert referee.http.get("/v1/hint", headers=TRAINEE).json() == {"n": 1, "price": 2, "left": 2}
    assert referee.post("/v1/hint") == (200, {"n": 1, "price": 2, "text": "where"})
    assert referee.post("/v1/hint")[1]["text"] == "what"
    assert referee.post("/v1/hint")[0] == 409
    assert referee.http.get("/v1/hint", headers=TRAINEE).json() == {"n": None, "price": None, "left": 0}
    assert referee.events("hint") == [{"n": 1, "price": 2}, {"n": 2, "price": 3}]


def test_acts_are_recorded_with_what_came_of_them(referee: Referee) -> None:
    """The refused ones too."""
    referee.desk.hands_on()
    referee.desk.act("scale", "api", {"replicas": 3}, "trainee", "refused: too many")
    assert referee.events("act") == [
        {
            "verb": "scale",
            "object": "api",
            "detail": {"replicas": 3},
            "who": "trainee",
            "result": "refused: too many",
        }
    ]


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("/v1/status-update", {}, 400, "'text' must be a text, got nothing"),
        ("/v1/status-update", {"text": "  "}, 400, "text is empty"),
        ("/v1/status-update", {"text": "x" * 1001}, 400, "text has 1001 characters"),
        ("/v1/status-update", ["text"], 400, "the body must be a JSON object"),
        ("/v1/no-such", {}, 404, "not known here"),
    ],
)
def test_bad_input_is_refused_with_a_hint(
    referee: Referee, path: str, body: object, status: int, said: str
) -> None:
    """And never a 500."""
    code, answer = referee.post(path, body)
    assert code == status
    assert said in answer["error"]
    assert answer["hint"]


def test_a_body_that_is_no_json_is_refused(referee: Referee) -> None:
    """So is one that is too long."""
    for content in (b"{", b"x" * 70_000):
        answer = referee.http.request("POST", "/v1/status-update", content=content, headers=TRAINEE)
        assert answer.status_code == 400


def test_a_drill_that_has_not_begun_takes_no_acts(tmp_path: Path) -> None:
    """What is done before would spoil the baseline."""
    referee = Referee(tmp_path)
    referee.recorder.event("run_started")
    for path in ("/v1/ack", "/v1/grade"):
        assert referee.post(path)[0] == 409
    with pytest.raises(NotNow):
        referee.desk.hands_on()
    referee.journal.close()


def test_a_second_grade_asks_for_nothing_more(referee: Referee) -> None:
    """And after the end the report stays."""
    assert referee.post("/v1/grade") == (202, {"state": "grading"})
    assert referee.post("/v1/grade") == (202, {"state": "grading"})
    assert referee.http.get("/v1/report", headers=TRAINEE).status_code == 409
    referee.recorder.event("ended", {"why": "graded"})
    assert referee.post("/v1/grade") == (202, {"state": "ended"})
    assert referee.http.get("/v1/report", headers=TRAINEE).json()["verdict"] == "pass"
    with pytest.raises(NotNow):
        referee.desk.hands_on()
    assert len(referee.events("grade_asked")) == 1


def test_an_ended_history_takes_nothing_more(referee: Referee) -> None:
    """What was judged stays what it was."""
    referee.recorder.event("ended", {"why": "graded"})
    assert referee.recorder.event("ack", {"by": "trainee"}) is None
    assert not referee.events("ack")


def test_a_recorder_resumes_from_its_journal(referee: Referee) -> None:
    """State, events and the last second of the load."""
    referee.post("/v1/ack")
    referee.journal.close()
    with Journal.open(referee.folder / "journal.jsonl") as journal:
        again = Recorder(journal, now=lambda: 0.0, keep_s=60)
    assert again.state == referee.recorder.state
    assert again.events() == referee.recorder.events()


@pytest.fixture
def client(referee: Referee, tmp_path: Path) -> Iterator[Client]:
    """The trainee's client, speaking TLS to a real server."""
    tls.make(tmp_path)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    config = uvicorn.Config(
        referee.app,
        port=port,
        ssl_certfile=str(tmp_path / "cert.pem"),
        ssl_keyfile=str(tmp_path / "key.pem"),
        log_level="error",
        lifespan="off",
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    until(lambda: server.started or None, what="server", timeout_s=5, every_s=0.02)
    yield Client(f"https://127.0.0.1:{port}", "trainee-token", tmp_path / "cert.pem")
    server.should_exit = True
    thread.join(timeout=10)


def type_in(client: Client, *argv: str) -> tuple[int, str]:
    """Type a verb."""
    command = {c.name: c for c in COMMANDS}[argv[0]]
    done = CliRunner().invoke(command, list(argv[1:]), obj=lambda: client)
    return done.exit_code, done.output


def test_verbs_speak_to_the_referee_over_tls(client: Client, referee: Referee) -> None:
    """What is refused there is said here, with the hint, as a usage error."""
    assert type_in(client, "brief") == (0, "You are on call.\n")
    assert type_in(client, "ack")[1] == "acknowledged 0 s after the page\n"
    code, said = type_in(client, "status-update", " ")
    assert code == 2
    assert "text is empty" in said
    assert "say it in a sentence" in said
    assert type_in(client, "hint", "--yes")[1] == "hint 1 (-2 points)\n\nwhere\n"
    referee.recorder.event("ended", {"why": "graded"})
    assert type_in(client, "grade") == (0, "PASS\n")


def test_a_hint_is_not_taken_without_a_yes(client: Client, referee: Referee) -> None:
    """Its price is said first."""
    done = CliRunner().invoke({c.name: c for c in COMMANDS}["hint"], [], obj=lambda: client, input="n\n")
    assert "costs 2 points" in done.output
    assert "no hint taken" in done.output
    assert done.exit_code == 0
    assert not referee.events("hint")


def test_a_referee_that_is_gone_is_the_environments_trouble(tmp_path: Path) -> None:
    """Exit code 3: it says nothing about the trainee."""
    tls.make(tmp_path)
    code, said = type_in(Client("https://127.0.0.1:1", "x", tmp_path / "cert.pem"), "ack")
    assert code == 3
    assert "does not answer" in said


def test_every_verb_has_help() -> None:
    """And a name of its own."""
    assert len({c.name for c in COMMANDS}) == len(COMMANDS)
    for command in COMMANDS:
        assert command.help

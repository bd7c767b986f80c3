"""The referee's HTTP face: who is answered, what is taken, and what is refused."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.history.journal import Journal
from lab.referee.errors import NotNow
from lab.referee.recorder import Recorder
from tests.unit.referee_face import TRAINEE, Referee

OPERATOR = {"Authorization": "Bearer operator-token"}


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

"""Which readings are written down, from what a server answers as Prometheus does."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from lab.referee.errors import SampleError
from lab.referee.samplers.prometheus import READINGS, READINGS_OF_SOME, Prometheus

Answer = tuple[int, dict[str, object]]

BAD_GATEWAY: Answer = (502, {"status": "error", "error": "away"})


def vector(**values: str) -> Answer:
    """An answer that has these recorded series."""
    result = [
        {"metric": {"__name__": f"lab:{name}"}, "value": [1.0, value]} for name, value in values.items()
    ]
    return 200, {"status": "success", "data": {"resultType": "vector", "result": result}}


class Answers(ThreadingHTTPServer):
    """Gives what it was last told to."""

    answer: Answer = vector()

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)


class Handler(BaseHTTPRequestHandler):
    """Says it, and closes the connection."""

    def do_GET(self) -> None:
        assert isinstance(self.server, Answers)
        status, said = self.server.answer
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Answers]:
    with Answers() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def prometheus(server: Answers) -> Prometheus:
    return Prometheus(f"http://127.0.0.1:{server.server_port}", now=lambda: 5.0, timeout_s=30)


def read(prometheus: Prometheus) -> dict[str, float | None]:
    return {reading.name: reading.value for reading in prometheus.readings()}


def test_what_every_lab_has_is_missed_from_the_start(server: Answers, prometheus: Prometheus) -> None:
    server.answer = vector(blocked_sessions="4", redis_hit_ratio="0.25")
    seen = read(prometheus)
    assert seen.keys() == set(READINGS.values())
    assert {name: value for name, value in seen.items() if value is not None} == {
        "blocked_sessions": 4.0,
        "redis_hit_ratio": 0.25,
    }


def test_a_replica_is_missed_once_it_was_seen(server: Answers, prometheus: Prometheus) -> None:
    assert not read(prometheus).keys() & set(READINGS_OF_SOME.values())
    server.answer = vector(mysql_replica_age_seconds="0.5")
    assert read(prometheus)["mysql_replica_age_s"] == 0.5
    server.answer = vector()
    seen = read(prometheus)
    assert seen["mysql_replica_age_s"] is None
    assert "postgres_replica_age_s" not in seen


def test_trouble_is_told_of_all_that_is_missed(server: Answers, prometheus: Prometheus) -> None:
    server.answer = vector(postgres_replica_age_seconds="1")
    prometheus.readings()
    server.answer = BAD_GATEWAY
    readings = prometheus.readings()
    assert {r.name for r in readings} == {*READINGS.values(), "postgres_replica_age_s"}
    assert {(r.value, r.error) for r in readings} == {(None, "Prometheus: away")}


@pytest.mark.parametrize("said", ["NaN", "+Inf"])
def test_what_no_journal_can_hold_is_no_number(said: str, server: Answers, prometheus: Prometheus) -> None:
    server.answer = vector(postgres_replica_age_seconds=said)
    (reading,) = [r for r in prometheus.readings() if r.name == "postgres_replica_age_s"]
    assert (reading.value, reading.error) == (None, "no data")


def instant(*values: str) -> Answer:
    """An answer to an expression: one series for each value."""
    result = [{"metric": {"node": str(n)}, "value": [1.0, value]} for n, value in enumerate(values)]
    return 200, {"status": "success", "data": {"resultType": "vector", "result": result}}


def test_an_expression_has_the_one_number_that_it_answers(server: Answers, prometheus: Prometheus) -> None:
    server.answer = instant("0.75")
    assert prometheus.value("lab:redis_hit_ratio") == 0.75
    server.answer = 200, {"status": "success", "data": {"resultType": "scalar", "result": [1.0, "4"]}}
    assert prometheus.value("scalar(x)") == 4.0


@pytest.mark.parametrize(
    ("answer", "why"),
    [(instant(), "no data"), (instant("1", "2"), "2 series, wanted one"), (BAD_GATEWAY, "Prometheus: away")],
)
def test_an_expression_that_answers_no_one_number_is_missing(
    answer: Answer, why: str, server: Answers, prometheus: Prometheus
) -> None:
    server.answer = answer
    with pytest.raises(SampleError, match=why):
        prometheus.value("x")

"""What the shop answers to a user's request, and what is said of an answer that is not as it should be."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from lab.readings import HTTP
from lab.referee.samplers.http_answer import ask, flaw
from lab.referee.samplers.paced import Answer


class Shop(BaseHTTPRequestHandler):
    """Has one page."""

    def do_GET(self) -> None:
        body = b'{"items": [{"id": 7}]}'
        self.send_response(200 if self.path == "/products" else 503)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Shop) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_an_answer_is_one_where_it_is_as_it_should_be_and_zero_with_the_reason_where_not(url: str) -> None:
    right = HTTP(name="products", path="/products", field="items.0.id", equals=7)
    assert ask(url, right, timeout_s=30) == Answer(value=1.0)
    wrong = HTTP(name="products", path="/orders")
    assert ask(url, wrong, timeout_s=30) == Answer(value=0.0, said="status 503, wanted 200")


def test_no_answer_at_all_is_what_a_user_would_not_take_for_one() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Shop, bind_and_activate=False) as server:
        server.server_bind()  # bound and not listening: nobody else gets the port, and nobody answers
        answer = ask(f"http://127.0.0.1:{server.server_port}", HTTP(name="x", path="/"), timeout_s=30)
    assert answer.value == 0.0
    assert answer.said.startswith("no answer: ConnectionRefusedError")


@pytest.mark.parametrize(
    ("wanted", "body", "said"),
    [
        (HTTP(name="x", path="/"), b"", ""),
        (HTTP(name="x", path="/", status=404), b"", "status 200, wanted 404"),
        (HTTP(name="x", path="/", text="thank you"), b"... thank you ...", ""),
        (HTTP(name="x", path="/", text="thank you"), b"sorry", "'thank you' is not in the answer"),
        (HTTP(name="x", path="/", text="y"), b"\xff\xfey", ""),
        (HTTP(name="x", path="/", field="a.b"), b'{"a": {"b": null}}', ""),
        (HTTP(name="x", path="/", field="a.b"), b'{"a": {}}', "the answer has no a.b"),
        (HTTP(name="x", path="/", field="a.b"), b'{"a": 3}', "the answer has no a.b"),
        (HTTP(name="x", path="/", field="2"), b"[1, 2]", "the answer has no 2"),
        (HTTP(name="x", path="/", field="a"), b"<html>", "the answer is no JSON"),
        (HTTP(name="x", path="/", field="a", equals="ok"), b'{"a": "ok"}', ""),
        (HTTP(name="x", path="/", field="a", equals="ok"), b'{"a": "no"}', "a is 'no', wanted 'ok'"),
        (HTTP(name="x", path="/", field="a", equals=True), b'{"a": true}', ""),
        (HTTP(name="x", path="/", field="a", equals=True), b'{"a": 1}', "a is '1', wanted True"),
        (HTTP(name="x", path="/", field="a", equals=1), b'{"a": true}', "a is 'True', wanted 1"),
    ],
)
def test_what_is_wrong_with_an_answer_is_said(wanted: HTTP, body: bytes, said: str) -> None:
    assert flaw(wanted, 200, body) == said

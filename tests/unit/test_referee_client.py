"""The trainee's client and verbs, against the referee over TLS."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from click.testing import CliRunner

from faults.wait import until
from lab.stack import tls
from lab.trainee.client import Client
from lab.trainee.verbs import COMMANDS
from tests.unit.referee_face import Referee


@pytest.fixture
def referee(tmp_path: Path) -> Iterator[Referee]:
    """A paged run."""
    made = Referee(tmp_path)
    made.begin()
    yield made
    made.journal.close()


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
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started or None, what="server", timeout_s=30, every_s=0.02)
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

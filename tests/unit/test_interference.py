"""What was done to the witnesses and the databases, from what is now and what was recorded."""

from dataclasses import replace
from pathlib import Path

import pytest

from lab.history.records import Event
from lab.referee.samplers.interference import Happened, Interference
from lab.referee.services import Service

READY_T = 1000.0
NAMES = ("postgres", "postgres-replica", "mysql-replica", "redis", "load")


class Lab:
    """Services as a test has them."""

    def __init__(self, folder: Path, *extras: str) -> None:
        self.services = {
            name: Service(name=name, id=name, state="running", started_t=READY_T - 5, addresses={})
            for name in NAMES
        }
        self._interference = Interference(self, load_dir=folder, extras=extras)
        self.events: list[Event] = []

    def find(self, name: str) -> Service | None:
        return self.services.get(name)

    def change(self, name: str, **fields: object) -> None:
        self.services[name] = replace(self.services[name], **fields)  # type: ignore[arg-type]

    def look(self) -> list[Happened]:
        """What happened since the last look, which is recorded as the referee does."""
        found = list(self._interference.look(self.events, ready_t=READY_T))
        self.events += [Event(t=READY_T, kind=one.kind, detail=one.detail) for one in found]
        return found


@pytest.mark.parametrize("name", ["postgres", "redis", "postgres-replica", "mysql-replica"])
def test_a_database_that_was_restarted_is_told_of_once(tmp_path: Path, name: str) -> None:
    lab = Lab(tmp_path, "postgres-replica", "mysql-replica")
    assert lab.look() == []
    lab.change(name, started_t=READY_T + 40)
    assert [(one.kind, one.detail["name"]) for one in lab.look()] == [("database_restarted", name)]
    assert lab.look() == []
    lab.change(name, started_t=READY_T + 80)
    assert len(lab.look()) == 1


def test_a_service_that_the_lab_has_not_is_not_looked_for(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.change("mysql-replica", started_t=READY_T + 40)
    assert lab.look() == []


def test_a_load_that_stops_or_comes_back_is_interference(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.change("load", state="exited")
    assert [one.detail["what"] for one in lab.look()] == ["the load generator is exited"]
    assert lab.look() == []
    lab.change("load", state="running", started_t=READY_T + 40)
    assert [one.detail["what"] for one in lab.look()] == ["the load generator was restarted"]
    del lab.services["load"]
    assert [one.detail["what"] for one in lab.look()] == ["the load generator is gone"]


def test_a_log_of_the_load_that_shrinks_was_tampered_with(tmp_path: Path) -> None:
    lab, log = Lab(tmp_path), tmp_path / "requests.csv"
    log.write_text("one\ntwo\n")
    assert lab.look() == []
    log.write_text("one\n")
    assert [one.detail["what"] for one in lab.look()] == ["requests.csv shrank"]
    with log.open("a") as more:
        more.write("three\n" * 100)
    assert lab.look() == []


def test_a_log_of_the_load_that_was_edited_and_grew_since_was_tampered_with(tmp_path: Path) -> None:
    lab, log = Lab(tmp_path), tmp_path / "requests.csv"
    log.write_text("bad\n" * 500)
    assert lab.look() == []
    log.write_text("ok\n" + "bad\n" * 600)
    assert [one.detail["what"] for one in lab.look()] == ["requests.csv was written over"]
    assert lab.look() == []
    log.unlink()
    assert [one.detail["what"] for one in lab.look()] == ["requests.csv shrank"]

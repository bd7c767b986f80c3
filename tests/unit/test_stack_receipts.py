"""Faults that were done by hand, where a lab is begun anew: what went with its containers is open no more."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from faults.store import Phase, Record, Store
from lab.engine.runner import Output
from lab.stack.launch import Launcher, Order
from lab.stack.places import LABEL, faults_dir
from lab.stack.state import LabState
from tests.states import a_state

LASTS = "dev.sev0.lasting"


@pytest.fixture(autouse=True)
def lab_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home of this test's own."""
    monkeypatch.setenv("LAB_HOME", str(tmp_path))


class Engine:
    """A docker command that knows some containers; lists them, removes them, knows nothing else."""

    def __init__(self, **labels: str) -> None:
        self.there = labels

    def run(self, argv: list[str], **_: object) -> Output:
        if argv[1] == "rm":
            self.there = {name: labels for name, labels in self.there.items() if name not in argv}
        return Output(exit_code=0, text="\n".join(self._rows()) if argv[1] == "ps" else "")

    def _rows(self) -> Iterator[str]:
        for name, labels in self.there.items():
            yield json.dumps({"Names": name, "ID": name, "State": "running", "Labels": labels})


class Quiet:
    """Progress that nobody looks at."""

    def step(self, _: str) -> contextlib.AbstractContextManager[Any]:
        return contextlib.nullcontext()

    def say(self, _: str) -> None: ...


class Begun(Launcher):
    """Begins a lab anew up to its new containers, which nobody needs here."""

    def _images_again(self, known: LabState, *_: object) -> tuple[Any, Any]:
        return known.images, known.api_images

    def _up(self, fresh: LabState) -> LabState:
        return fresh


def reset(engine: Engine) -> None:
    quiet: Any = Quiet()
    launcher = Begun(runner=cast("Any", engine), root=Path(), engine_wanted=cast("Any", None), progress=quiet)
    launcher.again(a_state(), Order(scenario="max-connections", releases=frozenset(), name="main"))


def a_lab() -> Engine:
    """Its database, and its Prometheus, which goes on from run to run."""
    return Engine(postgres=f"{LABEL}=main", prometheus=f"{LABEL}=main,{LASTS}=1")


def opened(folder: Path, target: str) -> Store:
    store = Store(folder=folder)
    store.write(
        Record(
            id=f"postgres.missing_index-{target}",
            fault="postgres.missing_index",
            parameters={},
            target=target,
            receipt={},
            victim_started_at="once",
            prepared_at=0.0,
            phase=Phase.INJECTED,
        )
    )
    return store


def test_a_reset_closes_the_labs_receipts_and_the_next_one_is_a_quick_one_again() -> None:
    store, engine = opened(faults_dir("main"), "postgres"), a_lab()
    reset(engine)
    assert engine.there == {}, "nothing of a damaged lab goes on"
    (record,) = store.records()
    assert (record.phase, record.ended_by) == (Phase.REVERTED, "reset")
    engine = a_lab()
    reset(engine)
    assert set(engine.there) == {"prometheus"}


def test_a_receipt_outside_labs_counts_where_its_container_is_one_of_the_labs() -> None:
    store, engine = opened(faults_dir(), "postgres"), a_lab()
    opened(faults_dir(), "somebodys")
    reset(engine)
    assert engine.there == {}
    assert [record.target for record in store.open()] == ["somebodys"]
    engine = a_lab()
    reset(engine)
    assert set(engine.there) == {"prometheus"}


def test_a_receipt_of_the_labs_that_nobody_can_read_costs_one_full_reset() -> None:
    store, engine = opened(faults_dir("main"), "postgres"), a_lab()
    (store.folder / "half.json").write_text("{")
    reset(engine)
    assert engine.there == {}
    assert store.open() == ()

"""A receipt is on disk, and its folder too, before anything is done to the victim."""

import os
from pathlib import Path

import pytest

from faults.lifecycle import inject
from faults.store import Phase, Record, Store
from tests.unit.paper import Paper, Torn

Noted = list[tuple[str, str]]


@pytest.fixture
def noted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Noted:
    """What was brought to disk, in its order, and what it was then; a page in a cache is read back, too."""
    found: Noted = []
    fsync = os.fsync

    def note(descriptor: int) -> None:
        fsync(descriptor)
        wanted = os.fstat(descriptor).st_ino
        (path,) = [one for one in (tmp_path, *tmp_path.rglob("*")) if one.stat().st_ino == wanted]
        found.append(("folder" if path.is_dir() else f"file of {path.stat().st_size} bytes", str(path)))

    monkeypatch.setattr(os, "fsync", note)
    return found


def test_a_receipt_is_on_disk_before_the_first_thing_is_done(tmp_path: Path, noted: Noted) -> None:
    store, then = Store(folder=tmp_path), list[tuple[Noted, Phase]]()

    def look() -> None:
        (record,) = store.open()
        then.append((list(noted), record.phase))

    record = inject(Torn(), Paper(inside=look), store)
    ((there, phase),) = then
    assert phase is Phase.PREPARED
    (of_file, draft), of_folder = there
    assert Path(draft).name == f"{record.id}.draft"
    assert of_file != "file of 0 bytes"
    assert of_folder == ("folder", str(tmp_path))


def test_what_was_brought_to_disk_is_the_whole_receipt(tmp_path: Path, noted: Noted) -> None:
    store = Store(folder=tmp_path)
    record = a_record()
    store.write(record)
    (path,) = tmp_path.glob("*.json")
    assert noted[0][0] == f"file of {path.stat().st_size} bytes"
    assert store.open() == (record,)


def test_a_new_folder_is_on_disk_as_well_and_every_new_one_above_it(tmp_path: Path, noted: Noted) -> None:
    Store(folder=tmp_path / "home" / "faults").write(a_record())
    folders = [path for kind, path in noted if kind == "folder"]
    assert folders == [str(tmp_path), str(tmp_path / "home"), str(tmp_path / "home" / "faults")]
    assert noted[-1][1] == str(tmp_path / "home" / "faults"), "the receipt's own folder last"


def test_a_folder_that_was_there_costs_nothing_more(tmp_path: Path, noted: Noted) -> None:
    store = Store(folder=tmp_path / "faults")
    with store.alone():
        made = len(noted)
    with store.alone():
        pass
    assert (made, len(noted)) == (1, 1)


def a_record() -> Record:
    return Record(
        id="host.cpu_limit-1f2e",
        fault="host.cpu_limit",
        parameters={"cpus": 0.1},
        target="paper",
        receipt={"was": 0},
        victim_started_at="once",
        prepared_at=0.0,
    )

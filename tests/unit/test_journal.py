"""The journal keeps what it was given, survives a crash, and shows every later change."""

import json
import os
from pathlib import Path

import pytest

from lab.grade import grade
from lab.history.chain import scan
from lab.history.errors import JournalBroken
from lab.history.journal import Journal, read_history
from lab.history.records import Event, Reading, Record
from lab.report import dumps
from tests.unit.histories import SCENARIO, solved

KEY = b"a grader's secret"


def written(path: Path, records: tuple[Record, ...], key: bytes | None = None) -> Path:
    with Journal.open(path, key) as journal:
        for record in records:
            journal.append(record, durable=isinstance(record, Event))
    return path


def lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines(keepends=True)


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    history = solved().history()
    assert read_history(written(tmp_path / "journal.jsonl", history)) == history


def test_a_durable_record_and_all_before_it_are_on_disk_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the system was told to bring to disk is counted: a page in its cache would be read back, too."""
    path = tmp_path / "journal.jsonl"
    synced: list[int] = []
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        fsync(descriptor)
        synced.append(os.fstat(descriptor).st_size)

    monkeypatch.setattr(os, "fsync", noted)
    journal = Journal.open(path)
    journal.append(Reading(t=1.0, name="connections", value=None, error="timed out"), durable=False)
    assert (path.stat().st_size, synced) == (0, [])
    journal.append(Event(t=2.0, kind="page", detail={"alert": "HighErrorRate"}), durable=True)
    assert len(read_history(path)) == 2
    assert synced == [path.stat().st_size]
    journal.close()


def test_regrading_from_the_file_gives_the_same_bytes(tmp_path: Path) -> None:
    history = solved().history()
    again = read_history(written(tmp_path / "journal.jsonl", history))
    assert dumps(grade(SCENARIO, history)) == dumps(grade(SCENARIO, again))


def test_a_torn_last_line_is_dropped_and_noted_and_the_chain_goes_on(tmp_path: Path) -> None:
    path = written(tmp_path / "journal.jsonl", solved().history())
    whole = path.read_bytes()
    path.write_bytes(whole[:-17])
    assert scan(path).torn_bytes > 0
    with Journal.open(path) as journal:
        kept = len(journal.records)
        assert journal.torn_bytes > 0
        journal.append(Event(t=9e9, kind="referee_started", detail={"resumed": True}), durable=True)
    assert len(read_history(path)) == kept + 1


@pytest.mark.parametrize(
    ("edit", "because"),
    [
        (
            lambda lines: [lines[0].replace('"kind":"run_started"', '"kind":"run_begun"'), *lines[1:]],
            "changed",
        ),
        (lambda lines: [*lines[:5], *lines[6:]], "missing or was put in"),
        (lambda lines: [*lines[:5], lines[5], lines[5], *lines[6:]], "missing or was put in"),
        (lambda lines: [*lines[:5], "no json at all\n", *lines[6:]], "line 6"),
        (lambda lines: [*lines[:5], "[]\n", *lines[6:]], "line 6"),
    ],
    ids=["changed", "removed", "doubled", "garbled", "not an object"],
)
def test_an_edited_journal_is_detected(tmp_path: Path, edit: object, because: str) -> None:
    assert callable(edit)
    path = written(tmp_path / "journal.jsonl", solved().history())
    path.write_text("".join(edit(lines_of(path))), encoding="utf-8")
    assert because in str(scan(path).flaw)
    with pytest.raises(JournalBroken, match="journal"):
        read_history(path)
    with pytest.raises(JournalBroken):
        Journal.open(path)


def test_a_signed_journal_goes_on_under_its_key_alone(tmp_path: Path) -> None:
    path = written(tmp_path / "journal.jsonl", solved().history()[:9], KEY)
    with pytest.raises(JournalBroken, match="not signed with this key"):
        Journal.open(path, b"a guess")
    with Journal.open(path, KEY) as journal:
        journal.append(Event(t=9e9, kind="referee_started"), durable=True)
    assert len(read_history(path)) == 10


def test_lines_that_nobody_signed_are_not_continued_under_a_signature(tmp_path: Path) -> None:
    path = written(tmp_path / "journal.jsonl", solved().history()[:9])
    with pytest.raises(JournalBroken, match="line 1: expected a signature by this key, found no signature"):
        Journal.open(path, KEY)


def test_a_line_says_its_number_its_type_and_its_time(tmp_path: Path) -> None:
    path = written(tmp_path / "journal.jsonl", (Event(t=2.5, kind="ack", detail={"by": "trainee"}),))
    line = json.loads(lines_of(path)[0])
    assert {name: line[name] for name in ("n", "type", "t", "kind", "detail")} == {
        "n": 0,
        "type": "event",
        "t": 2.5,
        "kind": "ack",
        "detail": {"by": "trainee"},
    }

"""A disk that is full ends the run: what is there is kept, the reason is said, and nothing starts over."""

import errno
import io
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from lab.grade import Verdict, grade
from lab.history.chain import scan
from lab.history.journal import Journal, read_history
from lab.history.records import Event, LoadSecond
from lab.history.reserve import SIZE_BYTES, Reserve
from lab.history.verify import State, verify
from lab.referee.__main__ import _die
from lab.referee.commands import Sight
from lab.referee.desk import Desk
from lab.referee.drive import Drive
from lab.referee.driving import course_of
from lab.referee.files import Owner
from lab.referee.plan import PlanFile, Planned
from lab.referee.recorder import Recorder
from lab.referee.report_files import ReportFiles
from lab.referee.timeline import Phase
from lab.runbook import parse
from lab.scenario import Inject, Load
from loadgen import plan as loads_plan
from tests.unit.histories import SCENARIO, solved
from tests.unit.test_runbook import GOOD

FULL = OSError(errno.ENOSPC, "No space left on device")


class Disk(io.FileIO):
    """A file on a disk with *room_bytes*: the write that fills it is short, the next one fails."""

    def __init__(self, path: Path, room_bytes: int) -> None:
        super().__init__(path, "ab")
        self.room_bytes = room_bytes

    def write(self, data: Any, /) -> int:
        taken = min(len(data), self.room_bytes)
        if taken == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.room_bytes -= taken
        return super().write(bytes(data[:taken])) or 0


class Written:
    """A solved drill that is recorded on a disk that fills up before its end."""

    def __init__(self, folder: Path, *, room_bytes: int, freed_bytes: int) -> None:
        self.path = folder / "journal.jsonl"
        self.path.touch()
        self.disk = Disk(self.path, room_bytes)
        self.made_room = 0
        self.freed_bytes = freed_bytes
        self.now = 0.0
        journal = Journal(self.disk, scan(self.path), None)
        self.recorder = Recorder(journal, now=lambda: self.now, keep_s=60, make_room=self.make_room)

    def make_room(self) -> None:
        self.made_room += 1
        self.disk.room_bytes += self.freed_bytes

    def record(self) -> None:
        for record in solved().history():
            self.now = record.t
            if isinstance(record, Event):
                self.recorder.event(record.kind, record.detail, t=record.t)
            else:
                self.recorder.samples([record])
                self.recorder.flush()


@pytest.fixture(name="written")
def _written(tmp_path: Path) -> Iterator[Callable[[int, int], Written]]:
    with ExitStack() as opened:

        def write(room_bytes: int, freed_bytes: int) -> Written:
            run = Written(tmp_path, room_bytes=room_bytes, freed_bytes=freed_bytes)
            opened.enter_context(run.disk)
            run.record()
            return run

        yield write


def test_the_run_ends_with_its_reason_in_the_room_that_is_made(
    written: Callable[[int, int], Written],
) -> None:
    run = written(60_000, 4_000)
    history = read_history(run.path)
    kinds = [record.kind for record in history if isinstance(record, Event)]
    assert kinds[-2:] == ["record_stopped", "ended"]
    assert history[:-2] == solved().history()[: len(history) - 2]
    assert verify(run.path).state is State.INTACT
    assert run.made_room == 1
    assert run.recorder.unwritten == ()
    report = grade(SCENARIO, history)
    assert report.verdict is Verdict.UNKNOWN
    assert "could not be written (No space left on device)" in report.because[0]


def test_without_any_room_the_whole_records_are_kept_and_the_reason_is_known(
    written: Callable[[int, int], Written], tmp_path: Path
) -> None:
    run = written(60_000, 0)
    found = scan(run.path)
    assert found.flaw is None
    assert found.torn_bytes > 0
    assert found.records == solved().history()[: len(found.records)]
    assert run.recorder.over
    assert [event.kind for event in run.recorder.unwritten] == ["record_stopped", "ended"]
    assert "No space left on device" in run.recorder.state.ended_why
    # Nor can the report's files be written.
    (tmp_path / "report.txt").mkdir()
    reports = ReportFiles(
        scenario=SCENARIO,
        runbook=parse(GOOD, name="x.md"),
        run_dir=tmp_path,
        owner=Owner(uid=-1, gid=-1),
        unwritten=lambda: run.recorder.unwritten,
    )
    answer = reports.make()
    assert answer["verdict"] == "unknown"
    assert "No space left on device" in " ".join(answer["text"].split())


def test_what_comes_after_is_taken_by_nobody_and_breaks_nobody(
    written: Callable[[int, int], Written],
) -> None:
    run = written(60_000, 4_000)
    before = run.path.read_bytes()
    assert run.recorder.event("page") is None
    run.recorder.samples([LoadSecond(t=1.0, planned=0, scheduled=0, late_ms=0, routes={})])
    run.recorder.flush()
    desk = Desk(recorder=run.recorder, hints=(), hint_prices=(1,), calm=False, now=lambda: 0.0)
    assert desk.ask_grade("trainee") == {"state": "ended"}
    assert run.path.read_bytes() == before


def test_a_line_that_was_cut_by_a_full_disk_is_finished_once_there_is_room(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.touch()
    disk = Disk(path, 100)
    journal = Journal(disk, scan(path), None)
    events = [Event(t=float(n), kind="act", detail={"verb": "scale", "n": n}) for n in range(3)]
    for event in events[:2]:
        with pytest.raises(OSError, match="No space left"):
            journal.append(event, durable=True)
    disk.room_bytes = 10_000
    journal.append(events[2], durable=True)
    assert read_history(path) == tuple(events)
    journal.close()


def test_a_part_that_dies_of_a_full_disk_ends_the_run_and_not_the_referee(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "journal.jsonl") as journal:
        recorder = Recorder(journal, now=lambda: 1.0, keep_s=60)
        recorder.event("run_started")
        _die(recorder, threading.ExceptHookArgs((OSError, FULL, None, None)))
    assert recorder.state.phase is Phase.ENDED
    assert recorder.events("record_stopped")[0].detail == {"why": "No space left on device"}


def test_the_load_is_told_to_stop_where_there_is_no_room_for_a_second_file(tmp_path: Path) -> None:
    plan = PlanFile(tmp_path / "plan.json")
    plan.write(Planned(load=Load()))
    (tmp_path / ".plan.json.new").mkdir()
    plan.stop()
    assert loads_plan.parse((tmp_path / "plan.json").read_text()).rate_per_s == 0


def test_the_reserve_takes_its_room_once_and_gives_it_up(tmp_path: Path) -> None:
    reserve = Reserve(tmp_path / ".reserve")
    assert reserve.keep()
    assert reserve.keep()
    assert reserve.path.stat().st_size == SIZE_BYTES
    reserve.give_up()
    reserve.give_up()
    assert not reserve.path.exists()
    assert not Reserve(tmp_path / "nowhere" / ".reserve").keep()


class Telling:
    """A fault that only tells what is done with it."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def prepare(self, _: object) -> dict[str, str]:
        self.done.append("prepared")
        return {}

    def inject(self, _: object, __: object) -> None:
        self.done.append("injected")


def test_a_fault_whose_receipt_cannot_be_written_is_not_injected(tmp_path: Path) -> None:
    fault = Telling()
    path = tmp_path / "journal.jsonl"
    path.touch()
    begun: dict[str, dict[str, object]] = {"run_started": {}, "stack_ready": {}, "baseline_started": {}}
    begun |= {"fingerprint": {"when": "baseline"}, "baseline_ended": {"ok": True}}
    with Disk(path, 100_000) as disk:
        recorder = Recorder(Journal(disk, scan(path), None), now=lambda: 1.0, keep_s=60)
        for kind, detail in begun.items():
            recorder.event(kind, detail)
        drive = drive_of(recorder, fault, tmp_path)
        disk.room_bytes = 10
        assert drive.tick()
    assert fault.done == ["prepared"]
    assert recorder.over
    assert not drive.tick()


def drive_of(
    recorder: Recorder, fault: object, folder: Path, *, now: Callable[[], float] = lambda: 1.0
) -> Drive:
    """A drive whose scenario has that one fault."""
    scenario = replace(SCENARIO, timeline=(Inject(at_s=0.0, fault=cast("Any", fault), on="postgres"),))
    return Drive(
        scenario=scenario,
        course=course_of(scenario, calm=False),
        recorder=recorder,
        plan=PlanFile(folder / "plan.json"),
        measure=cast("Any", None),
        end_sessions=dict,
        victims=SimpleNamespace(of=lambda _: None),
        see=Sight,
        finish=lambda: None,
        now=now,
    )

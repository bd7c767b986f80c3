"""What the referee does about a fault of the timeline that fails: it is undone, and that is written down."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from faults.core import Receipt
from faults.errors import ExecFailed
from lab.history.journal import Journal, read_history
from lab.history.records import Event
from lab.referee.commands import CONFIRM_LIMIT_S
from lab.referee.errors import EngineTrouble
from lab.referee.recorder import Recorder
from tests.unit.test_full_disk import drive_of

BEGUN: dict[str, dict[str, object]] = {
    "run_started": {},
    "stack_ready": {},
    "baseline_started": {},
    "fingerprint": {"when": "baseline"},
    "baseline_ended": {"ok": True},
}
BEGAN_T = 1.0
LATE_T = BEGAN_T + CONFIRM_LIMIT_S


def nothing() -> None: ...


class Killed(BaseException):
    """The referee ends here, whatever it was at."""


class Paper:
    """A fault that tears a victim of paper, or does not; *done* is all that is done, in its order."""

    about = SimpleNamespace(id="paper.torn")

    def __init__(
        self, *, tearing: Callable[[], None] = nothing, bites: bool = False, left: str | None = None
    ) -> None:
        self.tearing, self.bites, self.left = tearing, bites, left
        self.mending: Callable[[], None] = nothing
        self.looking: Callable[[], None] = nothing
        self.done: list[str] = []
        self.torn = False

    def prepare(self, _: object) -> Receipt:
        return {"was": "whole"}

    def inject(self, _: object, __: Receipt) -> None:
        self.done.append("inject")
        self.torn = True
        self.tearing()

    def active(self, _: object, __: Receipt) -> bool:
        self.looking()
        return self.torn and self.bites

    def revert(self, _: object, receipt: Receipt) -> str | None:
        self.done.append(f"revert to {receipt['was']}")
        self.torn = False
        self.mending()
        return self.left


def failing(error: BaseException) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


class Run:
    """A run whose baseline is over, with that fault next; whoever resumes it reads its journal."""

    def __init__(self, folder: Path, fault: Paper) -> None:
        self.folder, self.fault = folder, fault
        self.t = BEGAN_T
        with Journal.open(folder / "journal.jsonl") as journal:
            recorder = Recorder(journal, now=lambda: BEGAN_T, keep_s=60)
            for kind, detail in BEGUN.items():
                recorder.event(kind, detail)

    def ticks(self) -> list[tuple[str, dict[str, object]]]:
        """A referee does all that there is to do now; what the journal says of the fault then."""
        with Journal.open(self.folder / "journal.jsonl") as journal:
            recorder = Recorder(journal, now=lambda: self.t, keep_s=60)
            drive = drive_of(recorder, self.fault, self.folder, now=lambda: self.t)
            while drive.tick() and not self._waits(recorder):
                pass
            found = recorder.events("injected", "inject_active", "inject_failed")
            return [(event.kind, dict(event.detail)) for event in found]

    def _waits(self, recorder: Recorder) -> bool:
        return self.t < LATE_T and bool(recorder.events("injected")) and self.fault.done != []


def failed(because: str, undo: str) -> tuple[str, dict[str, object]]:
    return "inject_failed", {"n": 0, "because": because, "undo": undo}


def test_the_receipt_is_in_the_journal_before_anything_is_done(tmp_path: Path) -> None:
    there: list[str] = []

    def look() -> None:
        history = read_history(tmp_path / "journal.jsonl")
        there.extend(one.kind for one in history if isinstance(one, Event) and "receipt" in one.detail)

    Run(tmp_path, Paper(tearing=look)).ticks()
    assert there == ["injected"]


def test_one_that_does_not_bite_in_time_is_reverted_from_its_receipt(tmp_path: Path) -> None:
    run = Run(tmp_path, Paper())
    ((kind, detail),) = run.ticks()
    assert (kind, detail["receipt"]) == ("injected", {"was": "whole"})
    assert run.fault.done == ["inject"]
    run.t = LATE_T
    assert run.ticks()[1:] == [failed("not in effect", "reverted")]
    assert run.fault.done == ["inject", "revert to whole"]


def test_one_that_breaks_in_the_middle_is_reverted_at_once(tmp_path: Path) -> None:
    run = Run(tmp_path, Paper(tearing=failing(ExecFailed("exit 1"))))
    assert run.ticks()[1:] == [failed("exit 1", "reverted")]
    assert run.fault.done == ["inject", "revert to whole"]


def test_one_that_bites_is_left_alone(tmp_path: Path) -> None:
    run = Run(tmp_path, Paper(bites=True))
    run.ticks()
    run.t = LATE_T
    assert run.ticks()[1:] == [("inject_active", {"n": 0})]
    assert run.fault.done == ["inject"]


@pytest.mark.parametrize("error", [ExecFailed("no answer"), KeyError("a bug")], ids=["error", "bug"])
def test_an_undo_that_fails_is_written_down_and_the_run_goes_on(error: Exception, tmp_path: Path) -> None:
    run = Run(tmp_path, Paper(tearing=failing(ExecFailed("exit 1"))))
    run.fault.mending = failing(error)
    assert run.ticks()[1:] == [failed("exit 1", f"failed: {error}")]
    assert run.ticks()[1:] == [failed("exit 1", f"failed: {error}")], "it is given up once"


def test_a_look_after_an_undo_that_the_engine_does_not_answer_is_made_again(tmp_path: Path) -> None:
    fault = Paper(tearing=failing(ExecFailed("exit 1")))

    def once() -> None:
        fault.looking = nothing
        raise EngineTrouble("no answer")

    fault.looking = once
    assert Run(tmp_path, fault).ticks()[1:] == [failed("exit 1", "reverted")]
    assert fault.done == ["inject", "revert to whole"]


def test_a_referee_that_was_killed_in_an_undo_before_the_last_look_tries_it_once_more(tmp_path: Path) -> None:
    run = Run(tmp_path, Paper(bites=True, tearing=failing(ExecFailed("exit 1"))))
    run.fault.mending = failing(Killed())
    with pytest.raises(Killed):
        run.ticks()
    run.fault.tearing = nothing
    assert [kind for kind, _ in run.ticks()] == ["injected"]
    assert [kind for kind, _ in run.ticks()] == ["injected", "inject_active"]
    assert run.fault.done == ["inject", "revert to whole", "inject"]


def test_what_an_undo_left_alone_is_written_down(tmp_path: Path) -> None:
    run = Run(tmp_path, Paper(tearing=failing(ExecFailed("exit 1")), left="left alone: a stain"))
    assert run.ticks()[1:] == [failed("exit 1", "reverted; left alone: a stain")]


def test_a_referee_that_was_killed_between_undo_and_record_undoes_it_once_more(tmp_path: Path) -> None:
    run = Run(tmp_path, Paper())
    run.ticks()
    run.t, run.fault.mending = LATE_T, failing(Killed())
    with pytest.raises(Killed):
        run.ticks()
    assert not run.fault.torn
    run.fault.mending = nothing
    assert run.ticks()[1:] == [failed("not in effect", "reverted")]
    assert run.fault.done == ["inject", "revert to whole", "revert to whole"]


def test_a_referee_that_was_killed_between_receipt_and_act_does_it_then(tmp_path: Path) -> None:
    run = Run(tmp_path, Paper(bites=True, tearing=failing(Killed())))
    with pytest.raises(Killed):
        run.ticks()
    run.fault.torn, run.fault.tearing = False, nothing
    assert [kind for kind, _ in run.ticks()] == ["injected"]
    assert [kind for kind, _ in run.ticks()] == ["injected", "inject_active"]
    assert run.fault.done == ["inject", "inject"]

"""Two who ask for the same at the same time get it once."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from lab.history.journal import Journal
from lab.history.records import Event
from lab.referee.desk import Desk
from lab.referee.errors import NotNow
from lab.referee.recorder import Recorder
from lab.referee.timeline import State
from tests.unit.referee_face import DRILL

PATIENCE_S = 0.3


class Together(Recorder):
    """Whoever looks something up waits for another who does: both then know the same, if they can."""

    meeting: threading.Barrier | None = None

    def _meet(self) -> None:
        if self.meeting is not None:
            with suppress(threading.BrokenBarrierError):
                self.meeting.wait(PATIENCE_S)

    @property
    def state(self) -> State:
        found = super().state
        self._meet()
        return found

    def events(self, *kinds: str) -> tuple[Event, ...]:
        found = super().events(*kinds)
        self._meet()
        return found


@pytest.fixture(name="recorder")
def _recorder(tmp_path: Path) -> Iterator[Together]:
    with Journal.open(tmp_path / "journal.jsonl") as journal:
        recorder = Together(journal, now=lambda: 1000.0, keep_s=60)
        for kind, detail in DRILL:
            recorder.event(kind, detail)
        recorder.meeting = threading.Barrier(2)
        yield recorder


def at_once(recorder: Together, ask: Callable[[Desk], object]) -> list[object]:
    """What two get who ask together; NotNow for who is refused."""
    desk = Desk(recorder=recorder, hints=["where"], hint_prices=(2,), calm=False, now=lambda: 1000.0)

    def asked() -> object:
        try:
            return ask(desk)
        except NotNow as error:
            return error

    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(asked) for _ in range(2)]
        got = [one.result() for one in answers]
    recorder.meeting = None
    return got


def test_two_grades_at_once_are_one(recorder: Together) -> None:
    got = at_once(recorder, lambda desk: desk.ask_grade("trainee"))
    assert got == [{"state": "grading"}] * 2
    assert len(recorder.events("grade_asked")) == 1


def test_two_acknowledgements_at_once_are_one(recorder: Together) -> None:
    assert at_once(recorder, lambda desk: desk.ack("trainee")) == [{"acknowledged_after_s": 0.0}] * 2
    assert len(recorder.events("ack")) == 1


def test_the_last_hint_is_given_and_paid_for_once(recorder: Together) -> None:
    got = at_once(recorder, lambda desk: desk.take_hint())
    assert sorted(type(one).__name__ for one in got) == ["NotNow", "dict"]
    assert len(recorder.events("hint")) == 1


def test_two_who_end_a_run_end_it_once(recorder: Together) -> None:
    at_once(recorder, lambda desk: desk.end("operator"))
    assert len(recorder.events("end_asked")) == 1

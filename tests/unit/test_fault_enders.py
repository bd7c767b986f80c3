"""Who ended a fault: a person, a restart, the fault itself, or whoever reverts it."""

import shutil
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import pytest

from faults import desk, lifecycle
from faults.core import About, Receipt
from faults.errors import (
    ExecFailed,
)
from faults.lifecycle import inject, look, recover, revert
from faults.parameters import choice
from faults.store import Phase, Record, Store
from tests.unit.paper import Paper, Torn, failing, nothing


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(folder=tmp_path)


@dataclass(frozen=True, kw_only=True)
class Wet(Torn):
    """Paper that is wet, and dry once it was started again; not if it is oil."""

    about: ClassVar[About] = replace(Torn.about, lasts="{oil}")
    oil: str = choice("no", "no", "yes", means="whether it is oil")


@dataclass(frozen=True, kw_only=True)
class Healing(Torn):
    """Paper that may grow together."""

    about: ClassVar[About] = replace(Torn.about, lasts="no")

    def ended_itself(self, target: Paper, receipt: Receipt) -> str:
        return "it grew together" if target.heals else ""


@pytest.mark.parametrize(
    ("fault", "heals", "started_at", "by", "word"),
    [
        (Torn(), False, "once", "person", "ended by a person"),
        (Torn(), False, "again", "person", "ended by a person"),
        (Wet(), False, "once", "person", "ended by a person"),
        (Wet(), False, "again", "restart", "ended by a restart"),
        (Wet(oil="yes"), False, "again", "person", "ended by a person"),
        (Healing(), False, "once", "person", "ended by a person"),
        (Healing(), False, "again", "restart", "ended by a restart"),
        (Healing(), True, "once", "itself (it grew together)", "ended by itself (it grew together)"),
    ],
)
def test_who_ended_it_is_written_down(
    fault: Torn, heals: bool, started_at: str, by: str, word: str, store: Store
) -> None:
    paper = Paper()
    record = inject(fault, paper, store)
    paper.done, paper.heals, paper.started_at = [], heals, started_at
    assert look(fault, paper, store, record).ended_by == by
    (record,) = store.open()
    assert (record.phase, record.ended_by) == (Phase.ENDED, by)
    assert desk._word(record) == word


def test_who_ended_it_is_written_down_by_a_revert_that_nobody_looked_before(store: Store) -> None:
    paper = Paper()
    record = inject(Torn(), paper, store)
    paper.done = []
    assert revert(Torn(), paper, store, record).ended_by == "person"
    (record,) = store.records()
    assert (record.phase, record.ended_by) == (Phase.REVERTED, "person")


def test_what_is_there_until_it_is_reverted_was_ended_by_nobody_else(store: Store) -> None:
    paper = Paper()
    record = inject(Torn(), paper, store)
    said = recover([record], lambda _: (Torn(), paper), store)
    assert said == {record.id: "reverted"}
    assert [(one.phase, one.ended_by) for one in store.records()] == [(Phase.REVERTED, "")]


def test_a_victim_that_cannot_be_asked_is_reverted_all_the_same(store: Store) -> None:
    paper = Paper()
    record = inject(Torn(), paper, store)
    paper.asking = failing(ExecFailed("no answer"))

    def answers_again() -> None:
        paper.asking = nothing

    paper.undoing = answers_again
    assert revert(Torn(), paper, store, record).phase is Phase.REVERTED
    assert paper.done == []


@dataclass(frozen=True, kw_only=True)
class Shut(Torn):
    """Paper that nobody gets at while it is torn."""

    about: ClassVar[About] = replace(Torn.about, touches=("answers",))


def test_who_ended_what_shut_us_out_is_written_down_where_the_victim_says_so(store: Store) -> None:
    paper = Paper()
    record = inject(Shut(), paper, store)
    paper.done = []
    assert revert(Shut(), paper, store, record).ended_by == "person"


def test_an_undo_does_not_wait_for_a_look_that_is_shut_out(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifecycle, "LOOK_WITHIN_S", 0.05)
    paper, undone = Paper(), threading.Event()
    record = inject(Shut(), paper, store)

    def stuck() -> None:
        undone.wait(timeout=10)

    paper.asking, paper.undoing = stuck, undone.set
    assert revert(Shut(), paper, store, record).phase is Phase.REVERTED
    assert [(one.phase, one.ended_by) for one in store.records()] == [(Phase.REVERTED, "")]
    assert undone.is_set()


def killed(paper: Paper, store: Store) -> Record:
    """The record of an injector that died between its act and its last word."""
    record = inject(Torn(), paper, store)
    record = replace(record, phase=Phase.PREPARED)
    store.write(record)
    return record


def test_one_whose_injector_was_killed_is_in_effect_where_its_victim_says_so(store: Store) -> None:
    paper = Paper()
    record = look(Torn(), paper, store, killed(paper, store))
    assert (record.phase, record.victim_started_at) == (Phase.INJECTED, "once")
    assert store.open() == (record,)
    assert desk._word(record) == "active"
    paper.done = []
    assert look(Torn(), paper, store, record).ended_by == "person"


def test_one_whose_injector_was_killed_before_it_bit_is_half_done(store: Store) -> None:
    paper = Paper(bites=False)
    store.write(record := replace(killed(Paper(), store), id="half"))
    assert look(Torn(), paper, store, record) == record
    assert desk._word(record) == "half done"


def test_what_its_injector_gave_up_meanwhile_stays_given_up(store: Store) -> None:
    paper = Paper()
    record = killed(paper, store)
    paper.asking = lambda: store.write(record.now(Phase.REVERTED))
    assert look(Torn(), paper, store, record).phase is Phase.REVERTED
    assert store.open() == ()


def test_what_was_reverted_meanwhile_is_blamed_on_nobody(store: Store) -> None:
    paper = Paper()
    record = inject(Torn(), paper, store)
    paper.done = []
    paper.asking = lambda: store.write(record.now(Phase.REVERTED))
    assert look(Torn(), paper, store, record).ended_by == ""
    assert [(one.phase, one.ended_by) for one in store.records()] == [(Phase.REVERTED, "")]


def test_what_was_gone_with_its_lab_meanwhile_is_not_looked_for_on_disk(store: Store) -> None:
    paper = Paper()
    record = inject(Torn(), paper, store)
    paper.done = []
    paper.asking = lambda: shutil.rmtree(store.folder)
    assert look(Torn(), paper, store, record).ended_by == "person"
    assert not store.folder.exists()

"""A fault's way from receipt to undo, on a victim of paper: whatever fails, nothing is left behind."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
import requests
from docker.errors import APIError
from urllib3.exceptions import ProtocolError

from faults import actors
from faults.container import Container
from faults.errors import (
    BadStore,
    EngineRefused,
    Excluded,
    ExecFailed,
    MissingCapability,
    NoTarget,
    NotInEffect,
    RevertFailed,
    TargetGone,
)
from faults.lifecycle import inject, recover, revert
from faults.store import Phase, Record, Store
from tests.unit.paper import Paper, Torn, failing


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(folder=tmp_path)


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (ExecFailed("exit 1"), NotInEffect),
        (EngineRefused("no answer"), NotInEffect),
        (MissingCapability("no image"), MissingCapability),
        (requests.ReadTimeout("60 s"), requests.ReadTimeout),
        (KeyboardInterrupt(), KeyboardInterrupt),
        (SystemExit(1), SystemExit),
        (KeyError("a bug"), KeyError),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_whatever_ends_it_in_the_middle_it_is_reverted(
    error: BaseException, raised: type[BaseException], store: Store
) -> None:
    paper = Paper(inside=failing(error))
    with pytest.raises(raised):
        inject(Torn(), paper, store)
    assert paper.done == []
    assert store.open() == ()


def test_a_fault_that_does_not_bite_is_reverted_and_says_so(store: Store) -> None:
    paper = Paper(bites=False)
    with pytest.raises(NotInEffect, match="did not bite on paper and was reverted"):
        inject(Torn(), paper, store)
    assert paper.done == []
    assert store.open() == ()


@pytest.mark.parametrize("undoing", [ExecFailed("exit 1"), KeyError("a bug")], ids=["error", "bug"])
def test_an_undo_that_fails_is_said_and_the_receipt_is_kept(undoing: Exception, store: Store) -> None:
    paper = Paper(inside=failing(ExecFailed("x")), undoing=failing(undoing))
    with pytest.raises(RevertFailed, match=r"could not be undone: .*(exit 1|a bug)"):
        inject(Torn(), paper, store)
    (record,) = store.open()
    assert record.phase is Phase.PREPARED


@pytest.mark.parametrize(
    "error", [ExecFailed("exit 1"), requests.ReadTimeout("60 s"), TypeError("no such parameter")]
)
def test_one_that_cannot_be_undone_keeps_none_of_the_others(error: Exception, store: Store) -> None:
    papers = [Paper(name=f"paper-{n}") for n in range(3)]
    records = [inject(Torn(), paper, store) for paper in papers]

    def resolve(record: Record) -> tuple[Any, Paper]:
        at = records.index(record)
        if at == 1:
            raise error
        return Torn(), papers[at]

    said = recover(records, resolve, store)
    assert [said[record.id] for record in records] == ["reverted", f"failed: {error}", "reverted"]
    assert [record.id for record in store.open()] == [records[1].id]


def test_what_was_left_alone_is_said_and_written_down(store: Store) -> None:
    paper = Paper()
    record = inject(Torn(), paper, store)
    paper.foreign = "left alone, as somebody else's: a stain"
    said = recover([record], lambda _: (Torn(), paper), store)
    assert said == {record.id: "reverted; left alone, as somebody else's: a stain"}
    assert [(one.phase, one.left) for one in store.records()] == [(Phase.REVERTED, paper.foreign)]


def test_nobody_waits_for_one_that_prepares_and_it_sees_the_receipt_of_who_was_faster(store: Store) -> None:
    faster: list[Record] = []
    slow = Paper(looking=lambda: faster.append(inject(Torn(), Paper(), store)))
    with pytest.raises(Excluded, match=r"would touch cpu, which .* holds"):
        inject(Torn(), slow, store)
    assert slow.done == []
    assert list(store.open()) == faster


def test_what_was_prepared_while_another_came_and_went_is_not_gone_by(store: Store) -> None:
    def meanwhile() -> None:
        paper = Paper()
        revert(Torn(), paper, store, inject(Torn(), paper, store))

    with pytest.raises(Excluded):
        inject(Torn(), Paper(looking=meanwhile), store)
    assert store.open() == ()
    inject(Torn(), Paper(), store)


def test_a_receipt_of_another_lab_that_nobody_can_read_is_in_nobodys_way(tmp_path: Path) -> None:
    own, other = [Store(folder=tmp_path / name) for name in ("own", "other")]
    held = inject(Torn(), Paper(), other)
    (other.folder / "torn.json").write_text("{")
    inject(Torn(), Paper(name="another"), own, others=(own, other))
    with pytest.raises(Excluded) as raised:
        inject(Torn(), Paper(), own, others=(own, other))
    assert raised.value.hint == f"lab fault revert {held.id}"
    with pytest.raises(BadStore):
        inject(Torn(), Paper(name="another"), other, others=(own, other))


def test_a_lab_that_was_removed_in_between_stays_removed(tmp_path: Path) -> None:
    own, gone = [Store(folder=tmp_path / name) for name in ("own", "gone")]
    inject(Torn(), Paper(), own, others=(gone, own))
    assert not gone.folder.exists()


def test_what_other_stores_hold_of_the_same_target_is_kept_clear_of(tmp_path: Path) -> None:
    labs, nobodys = [Store(folder=tmp_path / name) for name in ("lab", "nobody")]
    held = inject(Torn(), Paper(), labs)
    with pytest.raises(Excluded) as raised:
        inject(Torn(), Paper(), nobodys, others=(labs, nobodys))
    assert raised.value.hint == f"lab fault revert {held.id}"
    inject(Torn(), Paper(name="another"), nobodys, others=(labs, nobodys))
    revert(Torn(), Paper(), labs, held)
    inject(Torn(), Paper(), nobodys, others=(labs, nobodys))
    assert [record.target for record in nobodys.open()] == ["another", "paper"]


def test_of_two_at_once_in_two_stores_one_goes_first_and_neither_waits_for_ever(tmp_path: Path) -> None:
    stores = [Store(folder=tmp_path / name) for name in ("lab", "nobody")]
    together, met = threading.Barrier(2), list[str]()

    def one(own: Store) -> None:
        together.wait(timeout=10)
        try:
            inject(Torn(), Paper(), own, others=stores)
            met.append("done")
        except Excluded:
            met.append("excluded")

    both = [threading.Thread(target=one, args=(store,), daemon=True) for store in stores]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join(timeout=10)
    assert sorted(met) == ["done", "excluded"]


def test_only_a_target_that_is_gone_closes_a_receipt(store: Store) -> None:
    reasons = [TargetGone("no container paper"), NoTarget("no password is known for user admin")]
    gone, unreachable = [inject(Torn(), Paper(name=f"paper-{n}"), store) for n in range(2)]
    swept: list[Record] = []

    def resolve(record: Record) -> tuple[Any, Paper]:
        raise reasons[record is unreachable]

    said = recover((gone, unreachable), resolve, store, sweep=swept.append)
    assert said == {gone.id: "target gone", unreachable.id: f"failed: {reasons[1]}"}
    assert [record.id for record in store.open()] == [unreachable.id]
    assert swept == [gone]


def test_what_stood_beside_a_target_that_is_gone_goes_before_its_receipt_is_closed(
    store: Store,
) -> None:
    record = inject(Torn(), Paper(), store)

    def resolve(_: Record) -> tuple[Any, Paper]:
        raise TargetGone("no container paper")

    said = recover([record], resolve, store, sweep=lambda _: failing(EngineRefused("no answer"))())
    assert said == {record.id: "failed: no answer"}
    assert store.open() == (record,)


class Refusing:
    """An engine that knows one container, and does nothing."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.containers = self
        self.api = self
        self.name = self.id = "box"
        self.status = "running"
        self.labels = {actors.LABEL: "box"}
        self.attrs: dict[str, Any] = {"Config": {"Labels": {}}}
        self.base_url, self.api_version = "http+docker://localhost", "1.44"

    def get(self, _: str) -> "Refusing":
        return self

    def _refuse(self, *_: object, **__: object) -> None:
        raise self.error

    stop = start = post = run = remove = put_archive = _refuse


ERRORS = [
    pytest.param(APIError("server error", explanation="device is busy"), id="refused"),
    pytest.param(requests.ReadTimeout("read timed out"), id="no answer"),
    pytest.param(ProtocolError("connection broken"), id="broken off"),
]
ACTS: list[Callable[[Container], None]] = [
    lambda box: box.act("stop", timeout=20),
    lambda box: box.update(Memory=1),
    lambda box: box.write_file("/etc/x", b""),
    lambda box: actors.stop(box, "some-actor"),
    lambda box: actors.start_container(box, "some-actor", image="i", network="n"),
]


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("act", ACTS)
def test_what_the_engine_refuses_is_an_error_of_ours(
    error: Exception, act: Callable[[Container], None]
) -> None:
    box = Container(cast("Any", Refusing(error)), "box")
    with pytest.raises(EngineRefused, match=r"box|some-actor"):
        act(box)

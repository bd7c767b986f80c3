"""What the drive asks of the load."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lab.history.records import Record
from lab.referee.assemble import course_of
from lab.referee.commands import Sight, StartReplay
from lab.referee.drive import Drive
from lab.referee.plan import PlanFile
from lab.referee.recorder import Recorder
from lab.scenario import Inject
from tests.unit.histories import SCENARIO


class Nothing:
    """A journal that keeps nothing, and whoever else is not asked here."""

    records: tuple[Record, ...] = ()

    def append(self, record: Record, *, durable: bool) -> None: ...
    def flush(self) -> None: ...
    def fingerprints(self) -> Mapping[str, Any]:
        return {}

    def ledger(self) -> Mapping[str, Any]:
        return {}

    def of(self, inject: Inject) -> Any: ...


def test_a_replay_that_is_done_again_sends_no_keys_that_were_sent_before(tmp_path: Path) -> None:
    """The load names its orders by the burst: a sound shop refuses another customer's key."""
    path = tmp_path / "plan.json"
    drive = Drive(
        scenario=SCENARIO,
        course=course_of(SCENARIO, calm=False),
        recorder=Recorder(Nothing(), now=lambda: 1000.0, keep_s=60.0),
        plan=PlanFile(path),
        measure=Nothing(),
        end_sessions=dict,
        victims=Nothing(),
        see=Sight,
        finish=dict,
        now=lambda: 1000.0,
    )
    names = []
    for _ in range(2):
        drive._do(StartReplay())
        names += [burst["id"] for burst in json.loads(path.read_text())["bursts"]]
    assert len(set(names)) == len(names) == 2

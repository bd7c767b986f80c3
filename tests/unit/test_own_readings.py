"""A scenario's own readings, from its declaration to the journal: nothing else had to be told of them."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from faults.wait import until
from lab.history.journal import Journal, read_history
from lab.history.records import LoadSecond, Reading
from lab.referee.config import read_config
from lab.referee.database import Database
from lab.referee.judging import Judge
from lab.referee.own_readings import own_readings
from lab.referee.pods.model import Pod
from lab.referee.recorder import Recorder
from lab.referee.samplers.interference import Happened
from lab.referee.watch import Watch
from lab.scenario import SQL, Category, Containers, Fact, LevelAbove, LevelBelow, LevelProbe, Mode, Objective
from tests.unit.histories import SCENARIO
from tests.unit.test_shop_wiring import referee_environment

if TYPE_CHECKING:
    import docker


class Engine:
    """Has one service: a database that was killed for want of memory."""

    def containers(self, *, filters: dict[str, list[str]], **_: Any) -> list[dict[str, str]]:
        return [{"Id": "c1"}] if any("service=postgres" in label for label in filters["label"]) else []

    def inspect_container(self, container: str) -> dict[str, Any]:
        state = {"Status": "exited", "ExitCode": 137, "OOMKilled": True}
        times = {"StartedAt": "2026-01-01T00:00:00Z", "FinishedAt": "2026-01-01T00:01:40Z"}
        return {"State": {**state, **times}, "NetworkSettings": {"Networks": {}}, "Config": {"Env": []}}


class Pods:
    """The controller, as far as it is asked."""

    pods = tuple(
        Pod(name=f"{of}-1", deployment=of, hash="h", release="1", revision=1) for of in ("api", "batch")
    )


class Nothing:
    """Every other witness, which has nothing to say."""

    def closed(self, now_t: float, /) -> Sequence[LoadSecond]:
        return ()

    def _none(self) -> Sequence[Any]:
        return ()

    readings = alerts = statements = acts = changes = _none

    def look(self, events: object, *, ready_t: float) -> Sequence[Happened]:
        return ()


def objective(probe: LevelProbe) -> Objective:
    return Objective(id=probe.name, claim="c", probe=probe, category=Category.SAFETY)


OOM = Containers(name="kills", of="postgres", fact=Fact.OOM_KILLS)
RUNNING = Containers(name="pods", of="api", fact=Fact.RUNNING)
AWAY = SQL(name="rows", query="select 1")
NOT_THERE = SQL(name="stock", query="select 1", on="mysql")
DECLARING = replace(
    SCENARIO,
    objectives=(
        *SCENARIO.objectives,
        objective(LevelBelow(reading=OOM, at_most=0, unit="kills", mode=Mode.NEVER)),
        objective(LevelAbove(reading=RUNNING, at_least=1, unit="pods", mode=Mode.THROUGHOUT)),
        objective(LevelBelow(reading=AWAY, at_most=0, unit="rows")),
        objective(LevelBelow(reading=NOT_THERE, at_most=0, unit="rows")),
    ),
)


def test_what_is_declared_is_read_and_written_down(tmp_path: Path) -> None:
    now = 1_767_225_700.0
    with Journal.open(tmp_path / "journal.jsonl") as journal:
        recorder = Recorder(journal, now=lambda: now, keep_s=60)
        # An earlier referee of this run: it saw one kill, and was away when the next came.
        recorder.samples([Reading(t=now - 150, name="kills", value=1.0)])
        paced = own_readings(
            config=read_config(referee_environment(("postgres", "redis"))),
            scenario=DECLARING,
            recorder=recorder,
            controller=Pods(),
            database=Database("host=127.0.0.1 port=1 connect_timeout=1"),
            engine=lambda: cast("docker.APIClient", Engine()),
            now=lambda: now,
        )
        nothing = Nothing()
        watch = Watch(
            recorder=recorder,
            load=nothing,
            metrics=nothing,
            declared=paced,
            database=nothing,
            mysql=nothing,
            redis=nothing,
            settings=nothing,
            interference=nothing,
            judge=Judge(DECLARING, now=lambda: now),
            now=lambda: now,
        )
        stop = threading.Event()
        reading = threading.Thread(target=paced.run, args=(stop,))
        reading.start()

        def all_came() -> bool | None:
            watch.tick()
            names = {r.name for r in recorder.tail(since_t=now - 1) if isinstance(r, Reading)}
            return names == {"kills", "pods", "rows", "stock"} or None

        until(all_came, what="a reading of each", timeout_s=30, every_s=0.05)
        stop.set()
        reading.join()
    written = [r for r in read_history(tmp_path / "journal.jsonl") if isinstance(r, Reading)]
    found = {r.name: (r.value, r.error[:26]) for r in written}
    assert found == {
        "kills": (2.0, ""),
        "pods": (1.0, ""),
        "rows": (None, "PostgreSQL, as role referee"[:26]),
        "stock": (None, "MySQL, as user referee: (2"),
    }

"""A lab to measure, driven by its command line, read by its journal."""

import contextlib
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faults.wait import until
from lab.history.journal import read_history
from lab.history.records import Event
from lab.proof.hands import Hands
from lab.stack.state import LabState, load


@dataclass(frozen=True, kw_only=True)
class Stand:
    """One named lab; *scenario* is what it is started with, *more* are services beyond the scenario's."""

    name: str
    scenario: str
    more: tuple[str, ...] = ()

    @property
    def hands(self) -> Hands:
        """The lab's command line."""
        return Hands(name=self.name)

    @property
    def state(self) -> LabState:
        """What the host knows of the lab that is up."""
        state = load(self.name)
        if state is None:
            raise RuntimeError(f"lab {self.name} is not up")
        return state

    def start(self, *, calm: bool = False, wait: bool = True, speed: float = 1.0) -> float:
        """Start it and return the seconds the command took."""
        options = [*(["--calm"] if calm else []), *([] if wait else ["--no-wait"]), "--speed", f"{speed:g}"]
        options += ["--with", ",".join(self.more)] if self.more else []
        return self._timed("start", self.scenario, "--json", *options)

    def reset(self) -> float:
        """Reset it, not waiting for the page; return the seconds the command took."""
        return self._timed("reset", "--no-wait", "--json")

    def down(self) -> float:
        """Take it down and return the seconds the command took."""
        return self._timed("down")

    def _timed(self, *argv: str) -> float:
        began = time.monotonic()
        self.hands.must(*argv)
        return time.monotonic() - began

    def events(self) -> tuple[Event, ...]:
        """What has happened in the run so far."""
        records = read_history(self.state.run_dir / "journal.jsonl")
        return tuple(record for record in records if isinstance(record, Event))

    def when(self, kind: str) -> float | None:
        """The time of the first event of that kind, None while there is none."""
        return next((event.t for event in self.events() if event.kind == kind), None)

    def detail(self, kind: str) -> Mapping[str, Any]:
        """What the first event of that kind says; empty while there is none."""
        return next((event.detail for event in self.events() if event.kind == kind), {})

    def wait_for(self, kind: str, *, timeout_s: float) -> float:
        """Wait for an event and return its time."""
        return until(
            lambda: self.when(kind),
            what=f"event {kind} of lab {self.name}",
            timeout_s=timeout_s,
            every_s=0.5,
            ignore=(OSError,),
        )

    def plan(self, rate_per_s: float) -> None:
        """Offer another load, by the same file through which the referee asks for it."""
        path = self.state.run_dir / "load" / "plan.json"
        plan = json.loads(path.read_text(encoding="utf-8"))
        fresh = path.with_name("plan.json.bench")
        fresh.write_text(json.dumps({**plan, "rate_per_s": rate_per_s}), encoding="utf-8")
        fresh.replace(path)

    @property
    def requests_log(self) -> Path:
        """The load's log of every request."""
        return self.state.run_dir / "load" / "requests.csv"


@contextlib.contextmanager
def standing(stand: Stand, *, calm: bool, speed: float = 1.0) -> Iterator[Stand]:
    """A lab past its baseline, taken down at the end; a calm one has no incident."""
    stand.start(calm=calm, wait=not calm, speed=speed)
    try:
        if calm:
            stand.wait_for("baseline_ended", timeout_s=240)
        yield stand
    finally:
        stand.hands.lab("down")

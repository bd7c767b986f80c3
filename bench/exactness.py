"""How exactly the lab knows when users were served again: its report against the independent prober."""

import time
from dataclasses import dataclass
from typing import Any

from bench.prober import Prober, restored_at
from bench.stand import Stand
from lab.runbook import read_runbook
from lab.stack.places import checkout

HOLD_S = 60.0
# Users are left without service for a while after the page.
HURTS_S = 10.0
# What the prober must see of the hold after the report has been given.
TAIL_S = 2.0


class NotRestored(Exception):
    """One of the two saw no end of the outage: on a machine that busy, nothing can be compared."""


@dataclass(frozen=True, kw_only=True)
class Restored:
    """The two answers to "since when are users served again", unix seconds."""

    report_t: float
    prober_t: float

    @property
    def error_s(self) -> float:
        """How much later the report says it was."""
        return self.report_t - self.prober_t


def after_refusals(stand: Stand, *, fix: str) -> Restored:
    """The drill itself, at its own pace: the database refuses, and a fix of the runbook ends it."""
    script = read_runbook(checkout() / "runbooks" / f"{stand.scenario}.md").fixes[fix]
    stand.start(wait=False)
    try:
        start_t = stand.wait_for("baseline_ended", timeout_s=240)
        if stand.detail("baseline_ended").get("ok") is not True:
            raise NotRestored(f"no healthy baseline: {stand.detail('baseline_ended').get('because')}")
        with Prober(f"http://127.0.0.1:{stand.state.ports['shop']}") as prober:
            stand.wait_for("page", timeout_s=180)
            time.sleep(HURTS_S)
            said = stand.hands.type_in_toolbox(script)
            if said.exit_code != 0:
                raise RuntimeError(f"fix {fix} ended with {said.exit_code}: {said.err[-500:]}")
            report = stand.hands.grade()
            time.sleep(TAIL_S)
        prober_t = restored_at(prober.answers(), after_t=start_t, hold_s=HOLD_S)
    finally:
        stand.hands.lab("down")
    report_t = _restored_in(report)
    if report_t is None or prober_t is None:
        raise NotRestored(f"report {report_t}, prober {prober_t}; {'; '.join(report['because'])}")
    return Restored(report_t=report_t, prober_t=prober_t)


def _restored_in(report: dict[str, Any]) -> float | None:
    ends = [outage["end_t"] for outage in report["outages"]]
    return ends[-1] if ends else None

"""Times, weight and peak: each measurement brings up what it needs and returns its numbers."""

import time

from bench.served import Served, served
from bench.stand import Stand, standing
from bench.weigh import WATCHERS, Weight, memory_mib, share, weigh

SETTLE_S = 5.0


def cycle(stand: Stand) -> dict[str, float]:
    """Start, page, reset and down: how long each takes."""
    began_t = time.time()
    row = {"start command (to the page)": stand.start()}
    times = {kind: stand.when(kind) for kind in ("stack_ready", "baseline_ended", "injected", "page")}
    for name, kind in (("services ready", "stack_ready"), ("healthy baseline", "baseline_ended")):
        happened_t = times[kind]
        if happened_t is not None:
            row[name] = happened_t - began_t
    if times["page"] is not None and times["injected"] is not None:
        row["page after roll-out"] = times["page"] - times["injected"]
    row["reset"] = stand.reset()
    row["down"] = stand.down()
    return row


def weight(stand: Stand, *, for_s: float) -> tuple[dict[str, float], tuple[Weight, ...]]:
    """Memory and processor of a calm lab under its standard load."""
    with standing(stand, calm=True):
        time.sleep(SETTLE_S)
        weights = weigh(stand.name, for_s=for_s)
    row = {
        "memory of the lab": memory_mib(weights),
        "processor of the lab": share(weights),
        "processor of referee and monitoring": share(weights, WATCHERS),
    }
    return row, weights


def engines(stand: Stand) -> tuple[dict[str, float], tuple[Weight, ...]]:
    """A lab with every optional service: how soon all are ready and in step, its weight, and its reset."""
    began_t = time.time()
    with standing(stand, calm=True):
        ready_t = stand.when("stack_ready")
        weights = weigh(stand.name, for_s=SETTLE_S)
        reset_s = stand.reset()
    row = {"memory of the lab": memory_mib(weights), "reset": reset_s}
    return row if ready_t is None else {"services ready": ready_t - began_t, **row}, weights


def peak(stand: Stand, *, rate_per_s: float, for_s: float) -> Served:
    """What users see of a calm lab when its declared peak is offered."""
    with standing(stand, calm=True):
        stand.plan(rate_per_s)
        time.sleep(SETTLE_S)
        start_t = time.time()
        # The last requests may still run into their time-out.
        time.sleep(for_s + 3)
        return served(stand.requests_log, start_t=start_t, end_t=start_t + for_s)

"""When users were hurt, as each witness tells it: the load's log by itself, the others by recorded ratios.

A recorded ratio is a rate over the last `RATE_WINDOW_S`, made of the samples in it, which are one scrape less
apart. Trouble of depth *f* (the share of requests that fail) is over the allowed share *a* once it fills
``a / f`` of that span, and is gone from it when no more than that is left. So what a ratio tells comes
``span * a / f`` late where trouble begins and ``span * (1 - a / f)`` late where it ends. Both are taken off
here, and so is the way that a number goes.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, inf

from lab.history.records import LoadSecond, Reading

RATE_WINDOW_S = 5.0
"""The range of `lab:success_ratio` and `lab:lb_5xx_ratio`: compose/prometheus/rules.yml."""

SCRAPED_EVERY_S = 1.0
"""The interval of scrapes, and of rules: compose/prometheus/prometheus.yml."""

SPAN_S = RATE_WINDOW_S - SCRAPED_EVERY_S

PIPELINE_S = 1.5
"""A scrape, a rule and a reading are each up to a second old: half of each, on average."""

TIMEOUT_S = 2
"""How long the load waits for an answer (its TIMEOUT_S). Counters know of a time-out only when it is over."""

BAD_IN_A_ROW = 3
FEWEST_REQUESTS = 20


@dataclass(frozen=True, kw_only=True)
class Told:
    """A stretch in which users were hurt; *end_t* None: to the end. *depth*: the worst share that failed.

    *over_t* and *under_t*: when a ratio over the window went out of its bound and came back. Of trouble that
    grows slowly they tell more than its very first request.
    """

    start_t: float
    end_t: float | None
    over_t: float
    under_t: float | None
    depth: float


def by_readings(
    readings: Sequence[Reading], *, good: bool, allowed_ratio: float, hold_s: float
) -> tuple[Told, ...]:
    """What a recorded ratio tells; *good*: it is the share that succeeded, not the one that failed."""
    known = [(r.t, 1 - r.value if good else r.value) for r in readings if r.value is not None]
    return tuple(
        _corrected(known, first, last, allowed_ratio)
        for first, last in _stretches(known, allowed_ratio, hold_s)
    )


def by_log(
    seconds: Sequence[LoadSecond], kinds: frozenset[str], *, allowed_ratio: float, hold_s: float
) -> tuple[Told, ...]:
    """What the load's log tells of requests that went wrong in one of these ways, when they were over."""
    total, bad, first_t, last_t = _ended(seconds, kinds)
    samples = []
    for t in range(min(total, default=0), max(total, default=-1) + 1):
        window = range(t - int(RATE_WINDOW_S) + 1, t + 1)
        requests, failed = (sum(counts[s] for s in window) for counts in (total, bad))
        counts = requests >= FEWEST_REQUESTS and failed >= BAD_IN_A_ROW
        samples.append((float(t), failed / requests if counts else 0.0))
    found = []
    for first, last in _stretches(samples, allowed_ratio, hold_s):
        hurt = [s for s in range(int(samples[first][0]) - 4, int(samples[last][0]) + 1) if bad[s]]
        ended = last + 1 < len(samples)
        depth = max(share for _, share in samples[first : last + 1])
        end_t = last_t[hurt[-1]] if ended else None
        over_t, under_t = samples[first][0] + 1, samples[last][0] + 2 if ended else None
        found.append(Told(start_t=first_t[hurt[0]], end_t=end_t, over_t=over_t, under_t=under_t, depth=depth))
    return tuple(found)


def _ended(
    seconds: Sequence[LoadSecond], kinds: frozenset[str]
) -> tuple[Counter[int], Counter[int], dict[int, float], dict[int, float]]:
    """By the second in which they were over: requests, those that went wrong in these ways, the first and the
    last time of those.
    """
    total, bad = Counter[int](), Counter[int]()
    first_t: dict[int, float] = {}
    last_t: dict[int, float] = {}
    for t, route in ((floor(second.t), route) for second in seconds for route in second.routes.values()):
        total[t] += route.ok + route.expected
        for kind, count in route.bad.items():
            waited_s = TIMEOUT_S if kind == "timeout" else 0
            total[t + waited_s] += count
            if kind in kinds and count:
                bad[t + waited_s] += count
                began_t, ended_t = route.first_bad_t or t, route.last_bad_t or t + 1
                first_t[t + waited_s] = min(began_t + waited_s, first_t.get(t + waited_s, inf))
                last_t[t + waited_s] = max(ended_t + waited_s, last_t.get(t + waited_s, 0.0))
    return total, bad, first_t, last_t


def _stretches(
    samples: Sequence[tuple[float, float]], allowed_ratio: float, hold_s: float
) -> list[tuple[int, int]]:
    """Runs of bad samples by first and last index; what looks well for less than a hold is part of them."""
    runs: list[tuple[int, int]] = []
    for i, (_, share) in enumerate(samples):
        if share <= allowed_ratio + 1e-9:
            continue
        if runs and runs[-1][1] == i - 1:
            runs[-1] = (runs[-1][0], i)
        else:
            runs.append((i, i))
    merged: list[tuple[int, int]] = []
    for first, last in (run for run in runs if run[1] - run[0] + 1 >= BAD_IN_A_ROW):
        if merged and samples[first][0] - samples[merged[-1][1]][0] < hold_s:
            merged[-1] = (merged[-1][0], last)
        else:
            merged.append((first, last))
    return merged


def _corrected(samples: Sequence[tuple[float, float]], first: int, last: int, allowed_ratio: float) -> Told:
    reach = int(RATE_WINDOW_S) + 1
    at_first = max(share for _, share in samples[first : min(last, first + reach) + 1])
    at_last = max(share for _, share in samples[max(first, last - reach) : last + 1])
    after_t = samples[last + 1][0] if last + 1 < len(samples) else None
    left_s = SPAN_S * (1 - allowed_ratio / at_last)
    return Told(
        start_t=samples[first][0] - PIPELINE_S - SPAN_S * allowed_ratio / at_first,
        end_t=None if after_t is None else after_t - PIPELINE_S - left_s,
        over_t=samples[first][0] - PIPELINE_S,
        under_t=None if after_t is None else after_t - PIPELINE_S,
        depth=max(share for _, share in samples[first : last + 1]),
    )

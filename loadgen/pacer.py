"""Start arrivals when they are due, whatever became of those before.

The clock, waiting and starting are given, so that the whole of it runs in a test without time passing.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from loadgen.plan import IDLE, Plan
from loadgen.record import Record
from loadgen.schedule import Arrival, Schedule
from loadgen.words import DROPPED, Outcome

_LONGEST_NAP_S = 0.1
_SHORTEST_NAP_S = 0.0005
_PLAN_EVERY_S = 0.5
# Before the first visitors are there nothing is paced, and somebody waits for them.
_FIRST_PLAN_EVERY_S = 0.1
_FEWEST_INFLIGHT = 8


@dataclass(frozen=True, kw_only=True)
class Hands:
    """What the pacer acts with.

    *visit* starts an arrival and returns at once. *warm* is asked, with the first plan that wants something,
    whether visitors are ready, and asked again until they are.
    """

    clock: Callable[[], float]
    sleep: Callable[[float], None]
    plan: Callable[[], Plan]
    warm: Callable[[Plan], bool]
    visit: Callable[[Arrival], None]


class Pacer:
    """Follows the plan with at most rate x time-out x *inflight_factor* visits under way; others are dropped.

    An arrival found more than the time-out after it was due was not offered, and a second found so late has
    no tick: this process was stopped or starved, and leaves a gap instead of blaming the shop.
    """

    def __init__(
        self, *, hands: Hands, record: Record, seed: int, timeout_s: float, inflight_factor: float = 2.0
    ) -> None:
        self._hands = hands
        self._record = record
        now = hands.clock()
        self._schedule = Schedule(seed=seed, now=now)
        self._plan = IDLE
        self._warm = False
        self._inflight_per_rate = timeout_s * inflight_factor
        self._peak_rate = 0.0
        self._too_late_s = timeout_s
        self._tick_t = math.floor(now) + 1.0
        self._look_t = now
        self._wake_t = now
        self._worst_late_s = 0.0

    def run(self) -> None:
        """Pace for ever."""
        while True:
            now = self._hands.clock()
            self.step(now)
            self._wake_t = self._next_wake(now)
            self._hands.sleep(max(self._wake_t - self._hands.clock(), _SHORTEST_NAP_S))

    def step(self, now: float) -> None:
        """Do all that is due by *now*."""
        self._worst_late_s = max(self._worst_late_s, now - self._wake_t)
        while self._tick_t <= now:
            self._start_due(self._tick_t, now)
            self._tick(now)
        self._start_due(now, now)
        if now >= self._look_t:
            self._follow(now)
            self._look_t = now + (_PLAN_EVERY_S if self._warm else _FIRST_PLAN_EVERY_S)
        self._record.flush()

    def _next_wake(self, now: float) -> float:
        soon = min(now + _LONGEST_NAP_S, self._tick_t)
        due = self._schedule.next_time()
        return soon if due is None else min(due, soon)

    def _start_due(self, until: float, now: float) -> None:
        for arrival in self._schedule.due(until):
            if now - arrival.t <= self._too_late_s:
                self._start(arrival, now)

    def _start(self, arrival: Arrival, now: float) -> None:
        full = self._record.inflight >= max(self._peak_rate * self._inflight_per_rate, _FEWEST_INFLIGHT)
        self._record.fell_due(arrival)
        if full:
            self._record.finished(arrival, sent=now, end=now, outcome=Outcome(result=DROPPED))
        else:
            self._hands.visit(arrival)

    def _tick(self, now: float) -> None:
        if now - self._tick_t <= self._too_late_s:
            self._record.second(
                self._tick_t,
                planned=self._schedule.planned,
                target_rps=self._plan.rate_at(self._tick_t),
                late_s=max(self._worst_late_s, now - self._tick_t),
            )
            self._worst_late_s = 0.0
        self._tick_t += 1.0

    def _follow(self, now: float) -> None:
        plan = self._hands.plan()
        if not self._warm and plan != IDLE and (plan.rate_per_s or plan.bursts):
            self._warm = self._hands.warm(plan)
        if not self._warm:
            return
        self._plan = plan
        # The largest so far: after the plan slows down, what an outage holds up is still under way.
        self._peak_rate = max(self._peak_rate, plan.rate_at(now), plan.rate_per_s)
        self._peak_rate = max(self._peak_rate, *(plan.rate_at(b.start) for b in plan.bursts), 0.0)
        self._schedule.follow(plan)

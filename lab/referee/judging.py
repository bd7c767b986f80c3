"""The judge, asked while the run goes on and at its end. It only ever sees the history."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from lab.grade import Progress, progress, unknown_since
from lab.history.records import History
from lab.scenario import Scenario


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What the recent history says, now."""

    drill: Progress
    healthy_s: float

    @property
    def held(self) -> bool:
        """Whether users are served and levels in bounds, for as long as each objective wants."""
        return self.drill.ready

    @property
    def holding_s(self) -> float:
        """For how long all of them have held until now."""
        return min((hold.held_s for hold in (*self.drill.holds, *self.drill.levels)), default=0.0)


class Judge:
    """Judges the tail of a history by the scenario as it is run (hastened where a proof does so)."""

    def __init__(self, scenario: Scenario, *, now: Callable[[], float]) -> None:
        self._scenario = scenario
        objectives = tuple(replace(o, hold_s=scenario.baseline_s) for o in scenario.objectives)
        self._baseline = replace(scenario, objectives=objectives)
        self._now = now

    def look(self, tail: History, *, baseline: bool) -> Judgement:
        """Judge the tail; *baseline*: also say for how long everything has been healthy."""
        healthy_s = 0.0
        if baseline:
            seen = progress(self._baseline, tail, self._now())
            healthy_s = min((hold.held_s for hold in (*seen.holds, *seen.levels)), default=0.0)
        return Judgement(drill=progress(self._scenario, tail, self._now()), healthy_s=healthy_s)

    def spoilt(self, tail: History, since_t: float) -> bool:
        """Whether what was done from *since_t* on was not seen, because the machine or the load stalled."""
        return unknown_since(self._scenario, tail, since_t)

"""What the referee can be asked to show."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lab.referee import view
from lab.referee.pods.controller import Controller
from lab.referee.recorder import Recorder
from lab.referee.server import Answer
from lab.referee.watch import Watch
from lab.scenario import Scenario


class Desktop:
    """Shows the run, the brief, the status, the report."""

    def __init__(
        self,
        *,
        run_id: str,
        scenario: Scenario,
        brief: str,
        recorder: Recorder,
        watch: Watch,
        controller: Controller,
        waiting_for: Callable[[], Sequence[str]],
        ready: Callable[[], Sequence[str]],
        make_report: Callable[[], Mapping[str, Any]],
        now: Callable[[], float],
    ) -> None:
        self._run_id = run_id
        self._scenario = scenario
        self._brief = brief
        self._recorder = recorder
        self._watch = watch
        self._controller = controller
        self._waiting_for = waiting_for
        self._ready = ready
        self._make_report = make_report
        self._now = now

    def health(self) -> dict[str, Any]:
        """Whether the referee does its work."""
        return {"phase": self._recorder.state.phase.value, "trouble": self._controller.trouble}

    def brief(self) -> dict[str, Any]:
        """The page that the trainee gets."""
        pages = [f"PAGE  {e.detail['alert']}: {e.detail['summary']}" for e in self._recorder.events("page")]
        return {"title": self._scenario.title, "text": "\n\n".join([*pages, self._brief])}

    def status(self) -> dict[str, Any]:
        """What users see, the clock, alerts, holds."""
        judgement = self._watch.judgement
        state = self._recorder.state
        now = view.Now(
            run_id=self._run_id,
            scenario=self._scenario.id,
            state=state,
            events=self._recorder.events(),
            progress=judgement.drill if judgement else None,
            impact_t=self._watch.impact_t,
            summaries=self._watch.summaries,
            waiting_for=self._waiting_for() if state.ready_t is None else (),
            ready=self._ready(),
            t=self._now(),
        )
        return view.status(now)

    def report(self) -> Answer:
        """The report, or why there is none yet."""
        if self._recorder.over:
            return Answer(status=200, content=self._make_report())
        judgement = self._watch.judgement
        progress = judgement.drill if judgement else None
        return Answer(status=409, content=view.waiting(self._recorder.state, progress, self._now()))

"""What the referee can be asked to show."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from lab.referee import view
from lab.referee.pods.controller import Controller
from lab.referee.pods.wanted import Wanted, unknown
from lab.referee.recorder import Recorder
from lab.referee.server import Answer
from lab.referee.watch import Watch
from lab.scenario import Scenario

LOG_SERVICES = ("postgres", "redis", "lb")
CHANGING = ("restart", "restart-database")


class Logs(Protocol):
    """Where the last lines of something can be read."""

    def logs(self, name: str, *, tail: int) -> str: ...


class Desktop:
    """Shows the run, the pods, the changes, the logs, the report."""

    def __init__(
        self,
        *,
        run_id: str,
        scenario: Scenario,
        brief: str,
        recorder: Recorder,
        watch: Watch,
        controller: Controller,
        wanted: Wanted,
        pod_logs: Logs,
        service_logs: Logs,
        waiting_for: Callable[[], Sequence[str]],
        make_report: Callable[[], Mapping[str, Any]],
        now: Callable[[], float],
    ) -> None:
        self._run_id = run_id
        self._scenario = scenario
        self._brief = brief
        self._recorder = recorder
        self._watch = watch
        self._controller = controller
        self._wanted = wanted
        self._pod_logs = pod_logs
        self._service_logs = service_logs
        self._waiting_for = waiting_for
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
            t=self._now(),
        )
        return view.status(now)

    def pods(self) -> dict[str, Any]:
        """Pods and deployments."""
        wanted = self._wanted.all()
        settled = {want.name: self._controller.settled(want.name) for want in wanted}
        return view.pods(self._controller.pods, wanted, settled, self._now())

    def changes(self) -> dict[str, Any]:
        """The history of changes."""
        done = [
            e
            for e in self._recorder.events("act")
            if e.detail["verb"] in CHANGING and e.detail["result"] == "ok"
        ]
        started_t = self._recorder.state.started_t or self._now()
        return view.changes(
            self._scenario.changes,
            self._wanted.all(),
            started_t=started_t,
            release_age_s=self._scenario.release_age_s,
            restarts=done,
        )

    def logs(self, name: str, *, tail: int) -> str:
        """The last lines of a pod or a service."""
        pods = [pod.name for pod in self._controller.pods]
        if name in pods:
            return self._pod_logs.logs(name, tail=tail)
        if name in LOG_SERVICES:
            return self._service_logs.logs(name, tail=tail)
        raise unknown("pod or service", name, (*pods, *LOG_SERVICES))

    def report(self) -> Answer:
        """The report, or why there is none yet."""
        if self._recorder.over:
            return Answer(status=200, content=self._make_report())
        judgement = self._watch.judgement
        progress = judgement.drill if judgement else None
        return Answer(status=409, content=view.waiting(self._recorder.state, progress, self._now()))

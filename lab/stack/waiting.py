"""Wait for the referee to bring a run to where the trainee comes in."""

from dataclasses import dataclass
from typing import Any

from faults.errors import NotReached
from faults.wait import SYSTEM_CLOCK, Clock, until
from lab.engine.runner import Runner
from lab.errors import RefereeLost, StackNotReady
from lab.stack.containers import Labelled
from lab.stack.progress import Note, Progress
from lab.stack.referee import Referee
from lab.stack.state import LabState

PHASES = ("starting", "baseline", "incident", "paged", "grading", "ended")
TITLES = {"starting": "services ready", "baseline": "healthy baseline", "incident": "until the first page"}
WITHIN_S = {"starting": 120.0, "baseline": 180.0, "incident": 300.0}
LOOK_EVERY = 20
"""Polls between two looks at whether the referee's container is still there."""


@dataclass(frozen=True, kw_only=True)
class Watch:
    """Watches a run from its start to its page."""

    runner: Runner
    state: LabState
    progress: Progress
    clock: Clock = SYSTEM_CLOCK

    def until_page(self) -> dict[str, Any]:
        """Return the status once the first page has fired; for a calm run, once the baseline is over."""
        phases = ("starting", "baseline") if self.state.calm else ("starting", "baseline", "incident")
        status: dict[str, Any] = {}
        for phase in phases:
            with self.progress.step(TITLES[phase]) as note:
                status = self._past(phase, note)
        if status["phase"] == "ended":
            raise StackNotReady(
                f"the run ended before anything went wrong: {status.get('because') or 'see its journal'}",
                hint=f"its journal: {self.state.run_dir / 'journal.jsonl'}",
            )
        return status

    def _past(self, phase: str, note: Note) -> dict[str, Any]:
        referee, polls, said = Referee(state=self.state), 0, set[str]()

        def read() -> dict[str, Any] | None:
            nonlocal polls
            polls += 1
            if polls % LOOK_EVERY == 0:
                self._still_there()
            status = referee.status()
            if phase == "starting":
                self._say_ready(status, said)
            note(", ".join(str(wait) for wait in status.get("waiting_for") or ()))
            return status if PHASES.index(str(status["phase"])) > PHASES.index(phase) else None

        try:
            return until(
                read,
                what=f"end of {TITLES[phase]!r}",
                timeout_s=WITHIN_S[phase],
                clock=self.clock,
                ignore=(RefereeLost,),
            )
        except NotReached as error:
            raise StackNotReady(str(error), hint=f"logs: {self.state.run_dir / 'stack.log'}") from error

    def _say_ready(self, status: dict[str, Any], said: set[str]) -> None:
        """Say of each service that it is ready, once."""
        for name in map(str, status.get("ready") or ()):
            if name not in said:
                said.add(name)
                self.progress.say(f"{name} is ready")

    def _still_there(self) -> None:
        container = Labelled(runner=self.runner).container_of(self.state.name, "referee")
        if container is None:
            raise StackNotReady(f"the referee of lab {self.state.name} was removed while it started")
        if not container.running:
            logs = self.runner.run(["docker", "logs", "--tail", "8", container.id])
            said = (logs.text + logs.error_text).strip()
            raise StackNotReady(
                f"the referee stopped while the run started:\n{said}",
                hint=f"logs: {self.state.run_dir / 'stack.log'}",
            )

"""Does what the timeline asks for, one command at a time, and records what came of it."""

import threading
from collections.abc import Callable, Mapping
from typing import Any, Protocol, assert_never

from faults.core import Receipt
from faults.errors import FaultError
from faults.lifecycle import undo
from lab.history.errors import JournalError
from lab.referee.commands import (
    Command,
    ConfirmFault,
    Course,
    EndRun,
    EndTraineeSessions,
    InjectFault,
    ReconcileLedger,
    Sight,
    StartLoad,
    StartReplay,
    TakeFingerprints,
    Tell,
    next_command,
)
from lab.referee.errors import RefereeError
from lab.referee.plan import PlanFile, Planned
from lab.referee.recorder import Recorder
from lab.scenario import Inject, Scenario

TICK_S = 0.25
# The load re-reads its plan twice a second: a burst begins this long after it was written down.
REPLAY_LEAD_S = 1.0
# Nothing else of the timeline is done while an undo is waited for.
UNDONE_WITHIN_S = 10.0
TROUBLE = (FaultError, RefereeError)


class Measurements(Protocol):
    """What is measured at the baseline and at the end."""

    def fingerprints(self) -> Mapping[str, Any]: ...
    def ledger(self) -> Mapping[str, Any]: ...


class Victims(Protocol):
    """What faults are done to."""

    def of(self, inject: Inject, /) -> Any: ...


class Drive:
    """Runs one scenario from start to end."""

    def __init__(
        self,
        *,
        scenario: Scenario,
        course: Course,
        recorder: Recorder,
        plan: PlanFile,
        measure: Measurements,
        end_sessions: Callable[[], Mapping[str, Any]],
        victims: Victims,
        see: Callable[[], Sight],
        finish: Callable[[], object],
        now: Callable[[], float],
    ) -> None:
        self._scenario = scenario
        self._course = course
        self._recorder = recorder
        self._plan = plan
        self._measure = measure
        self._end_sessions = end_sessions
        self._victims = victims
        self._see = see
        self._finish = finish
        self._now = now

    def run(self, stop: threading.Event) -> None:
        """Take steps until *stop* or the end of the run."""
        while not stop.is_set() and not self._recorder.over:
            if not self.tick():
                stop.wait(TICK_S)

    def tick(self) -> bool:
        """Do the next thing; whether there was one."""
        command = next_command(self._recorder.state, self._see(), self._course, self._now())
        if command is not None:
            self._do(command)
        return command is not None

    def _do(self, command: Command) -> None:
        match command:
            case Tell():
                self._recorder.event(command.kind, command.detail)
            case StartLoad():
                self._plan.write(Planned(load=self._scenario.load))
                self._recorder.event("baseline_started")
            case TakeFingerprints():
                self._record("fingerprint", {"when": command.when}, self._measure.fingerprints)
            case InjectFault():
                self._inject(command.n)
            case ConfirmFault():
                self._confirm(command)
            case EndTraineeSessions():
                self._record("hands_off", {}, self._end_sessions)
            case StartReplay():
                self._replay()
            case ReconcileLedger():
                self._record("ledger", {}, self._measure.ledger)
            case EndRun():
                self._end(command.why)
            case _:
                assert_never(command)

    def _record(self, kind: str, detail: Mapping[str, Any], measure: Callable[[], Mapping[str, Any]]) -> None:
        """Record a measurement, or that it could not be made: then the objective is unknown."""
        try:
            measured = measure()
        except RefereeError as error:
            measured = {"error": str(error)}
        self._recorder.event(kind, {**detail, **measured})

    def _inject(self, n: int) -> None:
        """Write the receipt down, then act: a crash in between leaves a receipt, never an orphan."""
        inject = self._scenario.timeline[n]
        try:
            receipt = inject.fault.prepare(self._victims.of(inject))
        except TROUBLE as error:
            self._recorder.event("inject_failed", {"n": n, "because": str(error)})
            return
        what = type(inject.fault).__name__
        if self._recorder.event("injected", {"n": n, "fault": what, "receipt": dict(receipt)}) is not None:
            self._try_inject(n, receipt)

    def _try_inject(self, n: int, receipt: Receipt) -> None:
        inject = self._scenario.timeline[n]
        try:
            inject.fault.inject(self._victims.of(inject), receipt)
        except TROUBLE as error:
            self._give_up(n, receipt, str(error))

    def _give_up(self, n: int, receipt: Receipt, because: str) -> None:
        """Undo what there may be of it, then say so.

        Who resumes after a crash in between looks again: it is tried once more, or, where that was the last
        look, undone once more.
        """
        came = self._undone(n, receipt)
        self._recorder.event("inject_failed", {"n": n, "because": because, "undo": came})

    def _undone(self, n: int, receipt: Receipt) -> str:
        """Revert it; in words, what came of it. No failure of an undo ends the run."""
        inject = self._scenario.timeline[n]
        try:
            left = undo(
                inject.fault, self._victims.of(inject), receipt, within_s=UNDONE_WITHIN_S, ignore=TROUBLE
            )
        except Exception as error:  # noqa: BLE001 - whatever it is, it is written down
            return f"failed: {error}"
        return f"reverted; {left}" if left else "reverted"

    def _confirm(self, command: ConfirmFault) -> None:
        """See whether the fault is in effect; after a crash in between it is injected now."""
        receipt = self._recorder.state.injected[command.n]
        if self._is_active(command.n, receipt):
            self._recorder.event("inject_active", {"n": command.n})
        elif command.last:
            self._give_up(command.n, receipt, "not in effect")
        else:
            self._try_inject(command.n, receipt)

    def _is_active(self, n: int, receipt: Receipt) -> bool:
        inject = self._scenario.timeline[n]
        try:
            return inject.fault.active(self._victims.of(inject), receipt)
        except TROUBLE:
            return False

    def _replay(self) -> None:
        start, burst = self._now() + REPLAY_LEAD_S, self._scenario.replay.burst
        self._plan.write(Planned(load=self._scenario.load, bursts={"replay": (start, burst)}))
        self._recorder.event(
            "replay_started",
            {"start": start, "route": burst.route, "rate_per_s": burst.rate_per_s, "for_s": burst.for_s},
        )

    def _end(self, why: str) -> None:
        self._recorder.event("ended", {"why": why})
        self._recorder.flush()
        self._plan.stop()
        try:
            self._finish()
        except JournalError as error:
            # The report is made again whenever it is asked for, and says then what is wrong.
            raise RefereeError(f"the run ended, its report could not be written: {error}") from error

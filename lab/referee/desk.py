"""What a trainee may ask for, checked and recorded. Each method is one verb; all raise Refused."""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lab.referee.errors import BadRequest, NotNow
from lab.referee.recorder import Recorder
from lab.referee.timeline import Phase

MAX_TEXT = 1000
# A run in which nothing pages can be ended by its trainee after this long.
QUIET_S = 90.0


class Desk:
    """Takes what people say and ask for, and writes it down. *who* is trainee or operator.

    Each request comes in a thread of its own: what counts once is looked up and recorded under one lock.
    """

    def __init__(
        self,
        *,
        recorder: Recorder,
        hints: Sequence[str],
        hint_prices: Sequence[int],
        calm: bool,
        now: Callable[[], float],
    ) -> None:
        self._recorder = recorder
        self._hints = hints
        self._hint_prices = hint_prices
        self._calm = calm
        self._now = now
        self._lock = threading.Lock()

    def ack(self, who: str) -> dict[str, Any]:
        """Acknowledge the page; a second time changes nothing."""
        state = self._recorder.state
        if state.page_t is None:
            raise NotNow("nothing has paged yet", hint="lab status shows the alerts")
        with self._lock:
            first = self._recorder.events("ack")
            if not first:
                self._open()
                self._recorder.event("ack", {"by": who})
                first = self._recorder.events("ack")
        if not first:
            raise NotNow("the run has ended", hint="lab grade shows its report")
        return {"acknowledged_after_s": round(first[0].t - state.page_t, 1)}

    def status_update(self, text: str, who: str) -> dict[str, Any]:
        """Put a line on the status page."""
        self._open()
        said = _said("text", text)
        self._recorder.event("status_update", {"text": said, "by": who})
        return {"posted": said, "updates": len(self._recorder.events("status_update"))}

    def diagnose(self, component: str, fault: str, evidence: str, who: str) -> dict[str, Any]:
        """Say what is wrong, where, and how one knows; whether it is right is said at the end."""
        self.hands_on()
        answer = {
            name: _said(name, value)
            for name, value in (("component", component), ("fault", fault), ("evidence", evidence))
        }
        self._recorder.event("diagnosis", {**answer, "by": who})
        return {"recorded": answer}

    def next_hint(self) -> dict[str, Any]:
        """The next hint's number and price."""
        n = len(self._recorder.events("hint")) + 1
        left = len(self._hints) - n + 1
        return {
            "n": n if left > 0 else None,
            "price": self._price(n) if left > 0 else None,
            "left": max(0, left),
        }

    def take_hint(self) -> dict[str, Any]:
        """Take the next hint and pay for it."""
        with self._lock:
            self.hands_on()
            n = len(self._recorder.events("hint")) + 1
            if n > len(self._hints):
                raise NotNow(
                    "there is no hint left", hint="kubectl get events, kubectl logs postgres-0, lab status"
                )
            self._recorder.event("hint", {"n": n, "price": self._price(n)})
        return {"n": n, "price": self._price(n), "text": self._hints[n - 1]}

    def ask_grade(self, who: str) -> dict[str, Any]:
        """Say "I am done"; asked again nothing changes."""
        with self._lock:
            state = self._recorder.state
            if state.phase not in (Phase.GRADING, Phase.ENDED):
                self._open()
                quiet_s = self._now() - (state.baseline_end_t or self._now())
                if state.page_t is None and not self._calm and quiet_s < QUIET_S:
                    raise NotNow("nothing has paged yet", hint="lab status shows when it does")
                self._recorder.event("grade_asked", {"by": who})
        return {"state": self._recorder.state.phase.value}

    def end(self, who: str) -> dict[str, Any]:
        """End the run without waiting for anything to hold."""
        with self._lock:
            if not self._recorder.over and self._recorder.state.end_asked_t is None:
                self._recorder.event("end_asked", {"by": who})
        return {"state": self._recorder.state.phase.value}

    def act(self, verb: str, target: str, detail: Mapping[str, Any], who: str, result: str) -> None:
        """Write down what somebody did to the shop, and what came of it."""
        act = {"verb": verb, "object": target, "detail": dict(detail), "who": who, "result": result}
        self._recorder.event("act", act)

    def _open(self) -> None:
        """Refuse while there is no drill yet, or no longer."""
        phase = self._recorder.state.phase
        if phase in (Phase.STARTING, Phase.BASELINE):
            raise NotNow(f"the drill has not begun ({phase.value})", hint="lab status shows when it has")
        if phase is Phase.ENDED:
            raise NotNow("the run has ended", hint="lab grade shows its report, lab reset starts anew")

    def hands_on(self) -> None:
        """Refuse what would still change the shop, or the answer, once the trainee has said "I am done"."""
        self._open()
        if self._recorder.state.phase is Phase.GRADING:
            raise NotNow(
                'you said "I am done"', hint="lab grade waits for the report; what holds must hold by itself"
            )

    def _price(self, n: int) -> int:
        return self._hint_prices[min(n, len(self._hint_prices)) - 1]


def _said(name: str, value: str) -> str:
    text = " ".join(value.split())
    if not text:
        raise BadRequest(f"{name} is empty", hint="say it in a sentence")
    if len(text) > MAX_TEXT:
        raise BadRequest(f"{name} has {len(text)} characters", hint=f"at most {MAX_TEXT}")
    return text

"""Say "I am done" and wait until the referee has judged."""

from typing import Any

from faults.wait import SYSTEM_CLOCK, Clock
from lab.cli._host import Host
from lab.errors import RefereeLost
from lab.stack.referee import Referee
from lab.stack.state import LabState

EVERY_S = 0.5
LOST_FOR_S = 60.0
"""A referee that was killed is started again by the engine, and goes on from its journal."""


def wait_for_report(host: Host, up: LabState, *, clock: Clock = SYSTEM_CLOCK) -> dict[str, Any]:
    """Ask for the grade and return the report; RefereeLost where nobody answers for a minute."""
    referee = Referee(state=up)
    with host.progress.step("hold, replay, grade") as note:
        asked, seen_s = False, clock.now_s()
        while True:
            try:
                if not asked:
                    referee.ask_grade()
                    asked = True
                report = referee.report()
                if report is not None:
                    return report
                note(referee.waiting_for())
                seen_s = clock.now_s()
            except RefereeLost:
                if clock.now_s() - seen_s > LOST_FOR_S:
                    raise
            clock.sleep(EVERY_S)

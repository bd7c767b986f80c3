"""What the lab raises on purpose, and the exit code each means.

LabError (70)
├── UsageError (2)          the words typed are off
│   ├── UnknownScenario
│   ├── BadScenario         its files are wrong: whoever wrote them can put that right
│   ├── NoRun               a verb that needs a run, and none is there
│   └── RunActive           a lab of that name is already running
└── EnvironmentTrouble (3)  the machine, not the trainee: the verdict is unknown
    ├── NoEngine            no Docker engine answers and none may be installed
    ├── NetworkHeld         others are in it
    │   └── NetworkMiscounted  nobody is: the engine's own trouble
    ├── PortTaken
    ├── DiskFull
    ├── BuildFailed         an image did not build
    ├── StackNotReady       a service did not become ready in time
    └── RefereeLost         the referee does not answer
"""

from collections.abc import Sequence
from typing import Any


class LabError(Exception):
    """Root of everything the lab raises on purpose.

    *hint* is what to type or look at next; it is shown on a line of its own.
    """

    exit_code = 70

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(LabError):
    """The words typed are off."""

    exit_code = 2


class UnknownScenario(UsageError):
    """No scenario has that id."""


class BadScenario(UsageError):
    """The files of a scenario are wrong; *why* says what."""

    def __init__(self, scenario_id: str, why: str) -> None:
        super().__init__(
            f"scenario {scenario_id} is not sound:\n{why}",
            hint=f"put it right, then: lab lint {scenario_id}",
        )
        self.why = why


class NoRun(UsageError):
    """The verb needs a run and none is there."""


class RunActive(UsageError):
    """A lab of that name is already running."""


class EnvironmentTrouble(LabError):
    """The machine is in the way; says nothing about the trainee."""

    exit_code = 3


class NetworkHeld(EnvironmentTrouble):
    """A lab is gone but for networks that the engine does not let go of: there are others in them."""


class NetworkMiscounted(NetworkHeld):
    """The same, and nobody is in them: the engine counts what has ended, and nobody can do more about it.

    *removed*: what was there and is gone.
    """

    def __init__(self, message: str, *, hint: str, removed: Sequence[Any]) -> None:
        super().__init__(message, hint=hint)
        self.removed = tuple(removed)


class NoEngine(EnvironmentTrouble):
    """No Docker engine answers and none may be installed here."""


class PortTaken(EnvironmentTrouble):
    """Somebody else listens on a port that was asked for by number."""


class DiskFull(EnvironmentTrouble):
    """Too little room for images and a lab."""


class BuildFailed(EnvironmentTrouble):
    """An image did not build; the message has the last lines and the log's path."""


class StackNotReady(EnvironmentTrouble):
    """A service did not become ready in time."""


class RefereeLost(EnvironmentTrouble):
    """The referee does not answer."""

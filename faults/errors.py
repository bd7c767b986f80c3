"""What can go wrong with a fault.

FaultError
├── BadParameter        a parameter is unknown, of the wrong kind or out of its range
├── UnknownFault        no fault has that id
├── NoTarget            what the fault is for is not there, not of its engine, or cannot be reached
│   └── TargetGone      there is no container of that name (any more)
├── MissingCapability   kernel, engine or server lack what the fault needs: nothing was touched
├── ForeignState        the target holds something that is not ours: nothing was touched
├── Excluded            another fault holds what this one would touch
├── NotReached          a state was waited for and did not come in time
├── NotInEffect         it could not be done to its end, or its damage is not observable: it was reverted
├── RevertFailed        the undo could not be completed; the receipt is kept
├── ExecFailed          a program inside a container said no
├── EngineRefused       the Docker engine refused, or did not answer in time
└── BadStore            a record of the receipts' folder cannot be read
"""


class FaultError(Exception):
    """Root of everything this package raises on purpose; *hint* says what to do next."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class BadParameter(FaultError):
    """A parameter is unknown, of the wrong kind or out of its range."""


class UnknownFault(FaultError):
    """No fault has that id."""


class NoTarget(FaultError):
    """What the fault is for is not there, not of its engine, or cannot be reached."""


class TargetGone(NoTarget):
    """There is no container of that name (any more): whatever was done to it went with it."""


class MissingCapability(FaultError):
    """Kernel, engine or server lack what the fault needs; nothing was touched."""


class ForeignState(FaultError):
    """The target holds state that is not ours to change; nothing was touched."""


class Excluded(FaultError):
    """Another fault holds what this one would touch."""


class NotReached(FaultError):
    """A state was waited for and did not come in time."""


class NotInEffect(FaultError):
    """The fault could not be done to its end, or its damage cannot be observed; it was reverted."""


class RevertFailed(FaultError):
    """The undo could not be completed; try again from the same receipt."""


class ExecFailed(FaultError):
    """A program inside a container ended with another code than 0."""


class EngineRefused(FaultError):
    """The Docker engine refused what was asked of it, or did not answer in time."""


class BadStore(FaultError):
    """A record of the receipts' folder cannot be read."""

"""What can go wrong with a fault.

FaultError
├── NotReached      a state was waited for and did not come in time
├── NotInEffect     injected, but the damage is not observable: the fault was reverted
├── RevertFailed    the undo could not be completed; the receipt is kept
└── ForeignState    the target holds something that is not ours: nothing was touched
"""


class FaultError(Exception):
    """Root of everything this package raises on purpose."""


class NotReached(FaultError):
    """A state was waited for and did not come in time."""


class NotInEffect(FaultError):
    """The fault was injected but its damage cannot be observed."""


class RevertFailed(FaultError):
    """The undo could not be completed; try again from the same receipt."""


class ForeignState(FaultError):
    """The target holds state that is not ours to change."""

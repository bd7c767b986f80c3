"""A clock for tests in which nothing takes time.

Not a test module.
"""


class Jumping:
    """A clock that jumps when it is asked to sleep."""

    def __init__(self) -> None:
        self.t = 0.0

    def now_s(self) -> float:
        """Seconds since the test began."""
        return self.t

    def sleep(self, seconds: float) -> None:
        """Let them pass."""
        self.t += seconds

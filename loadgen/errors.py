"""What the load raises on purpose.

LoadError
├── BadPlan      the plan file does not say what a plan says
└── Unanswered   a request that got no answer: timed out, or the connection failed
"""


class LoadError(Exception):
    """Root of everything the load raises on purpose."""


class BadPlan(LoadError):
    """The plan file does not say what a plan says."""


class Unanswered(LoadError):
    """A request got no answer; *result* is how that is counted."""

    def __init__(self, result: str, why: str) -> None:
        super().__init__(f"{result}: {why}")
        self.result = result

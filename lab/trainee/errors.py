"""What can go wrong when a trainee types a verb.

VerbError (click shows it; exit code 3)
├── Unreachable   the referee does not answer
└── Refused       the referee said no, and why (exit code 2)
"""

import click


class VerbError(click.ClickException):
    """Root of what a verb says on purpose. *hint* is shown on a line of its own."""

    exit_code = 3

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    def format_message(self) -> str:
        """The message, and the hint below it."""
        return f"{self.message}\n  {self.hint}" if self.hint else self.message


class Unreachable(VerbError):
    """The referee does not answer."""


class Refused(VerbError):
    """The referee said no."""

    exit_code = 2

    def __init__(self, message: str, *, hint: str = "", status: int = 400, body: object = None) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.body = body

"""How long work says what it is doing, without knowing whether anybody looks."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

Note = Callable[[str], None]
"""Takes one line on what a step is doing now; the next one replaces it."""


class Progress(Protocol):
    """Shows steps and remarks."""

    def step(self, title: str) -> AbstractContextManager[Note]:
        """Show a step and its seconds while the context lasts."""

    def say(self, text: str) -> None:
        """Show a remark that stays."""

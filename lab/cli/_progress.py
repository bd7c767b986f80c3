"""Progress on standard error: live on a terminal, else a line or two for each step."""

import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lab.stack.progress import Note, Progress

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as Live

TITLE_WIDTH = 24
BEGUN_AFTER_S = 1.0
"""Who reads a log wants to know what is waited for, and no second line for what is over at once."""


def progress() -> Progress:
    """The way of showing it that suits where standard error goes."""
    if not sys.stderr.isatty():
        return PlainProgress()
    from rich.console import Console  # much to load, for a terminal only

    console = Console(stderr=True, highlight=False)
    return LiveProgress(console) if console.is_terminal else PlainProgress()


class PlainProgress:
    """One line for each step when it is over, and one before where it lasts."""

    def __init__(self, *, begun_after_s: float = BEGUN_AFTER_S) -> None:
        self._lock = threading.Lock()
        self._begun_after_s = begun_after_s

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[Note]:
        """Print the step's title once it lasts, and its seconds at its end."""
        began, ending, over = time.monotonic(), "failed", threading.Event()
        begun = threading.Timer(self._begun_after_s, self._begun, (title, over))
        begun.daemon = True
        begun.start()
        try:
            yield _ignore
            ending = "ok"
        finally:
            begun.cancel()
            with self._lock:
                over.set()
            self._print(f"{ending:<7}{title:<{TITLE_WIDTH}}{time.monotonic() - began:7.1f} s")

    def _begun(self, title: str, over: threading.Event) -> None:
        with self._lock:
            if not over.is_set():
                self._write(f"{'...':<7}{title}")

    def say(self, text: str) -> None:
        """Print the remark."""
        self._print(f"{'note':<7}{text}")

    def _print(self, line: str) -> None:
        with self._lock:
            self._write(line)

    @staticmethod
    def _write(line: str) -> None:
        # Nobody may be reading any more; that is no reason to give up the work.
        with contextlib.suppress(BrokenPipeError):
            print(line, file=sys.stderr, flush=True)


def _ignore(_text: str) -> None:
    """Nobody watches: only a step's beginning and end are news."""


class LiveProgress:
    """A spinner, the seconds and the latest line for each step that runs."""

    def __init__(self, console: "Console") -> None:
        self._console = console
        self._lock = threading.Lock()
        self._running = 0
        self._live: Live | None = None

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[Note]:
        """Show the step live, and leave one line of it behind."""
        from rich.markup import escape

        live = self._enter()
        task = live.add_task(escape(title), total=None, note="")
        began, ending = time.monotonic(), "[red]✗[/red]"
        try:
            yield lambda text: live.update(task, note=escape(text[: self._room()]))
            ending = "[green]✓[/green]"
        finally:
            live.remove_task(task)
            self._console.print(
                f"{ending} {escape(title):<{TITLE_WIDTH}} [dim]{time.monotonic() - began:6.1f} s[/dim]"
            )
            self._leave()

    def say(self, text: str) -> None:
        """Print the remark above what is live."""
        from rich.markup import escape

        self._console.print(f"[yellow]•[/yellow] {escape(text)}")

    def _room(self) -> int:
        return max(10, self._console.width - TITLE_WIDTH - 14)

    def _enter(self) -> "Live":
        from rich.progress import Progress as Live
        from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

        with self._lock:
            if self._live is None:
                self._live = Live(
                    SpinnerColumn(),
                    TextColumn(f"{{task.description:<{TITLE_WIDTH}}}"),
                    TimeElapsedColumn(),
                    TextColumn("[dim]{task.fields[note]}[/dim]"),
                    console=self._console,
                    transient=True,
                )
                self._live.start()
            self._running += 1
            return self._live

    def _leave(self) -> None:
        with self._lock:
            self._running -= 1
            if self._running == 0 and self._live is not None:
                self._live.stop()
                self._live = None

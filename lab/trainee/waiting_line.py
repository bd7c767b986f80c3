"""One line that says what is waited for: kept up to date on a terminal, written once per thing elsewhere."""

from typing import TextIO

ERASE = "\r\x1b[K"


class WaitingLine:
    """Where a wait is shown."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._terminal = stream.isatty()
        self._said = ""

    def show(self, what: str, how_far: str) -> None:
        """Say what is waited for and how far that is."""
        if self._terminal:
            self._stream.write(f"{ERASE}waiting for {what}  {how_far}")
        elif what != self._said:
            self._stream.write(f"waiting for {what}\n")
        self._stream.flush()
        self._said = what

    def end(self) -> None:
        """Leave no trace on a terminal."""
        if self._terminal:
            self._stream.write(ERASE)
            self._stream.flush()

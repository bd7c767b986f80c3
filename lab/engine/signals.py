"""Hold back the signals that would end us, for the few instructions that must not be torn apart."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def deferred() -> Iterator[None]:
    """Deliver signals that come within the block at its end.

    A Ctrl-C between starting a program and remembering it would leave it running without anybody to end it.
    Python delivers signals to the main thread alone, so other threads need nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[tuple[int, FrameType | None]] = []
    before = {number: signal.signal(number, lambda n, frame: came.append((n, frame))) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    for came_number, frame in came:
        handler = before[signal.Signals(came_number)]
        if callable(handler):
            handler(came_number, frame)

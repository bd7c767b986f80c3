"""How long a client's query takes beside another at the same time: a ratio, as machines differ and stall."""

import time
from collections.abc import Callable

MUCH = 10
LOOKS = 7


def much_slower(query: Callable[[], object], than: Callable[[], object]) -> bool:
    """Whether one takes many times as long as the other, each at its quickest of several, in turn."""
    took_s: tuple[list[float], list[float]] = ([], [])
    for _ in range(LOOKS):
        for times, run in zip(took_s, (query, than), strict=True):
            began = time.monotonic()
            run()
            times.append(time.monotonic() - began)
    slow, quick = map(min, took_s)
    return slow > MUCH * quick

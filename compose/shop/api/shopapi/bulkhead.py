"""A wall between the event loop and calls that may hang."""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from shopapi.errors import Busy

T = TypeVar("T")

_WAIT_S = 0.1


class Bulkhead:
    """So many threads and no queue: who finds none free within a tenth of a second is told at once."""

    def __init__(self, *, threads: int) -> None:
        self._threads = threads
        self._free = asyncio.Semaphore(threads)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="db")
        self.busy = 0

    async def run(self, work: Callable[[], T]) -> T:
        """Run *work* in a thread, with the caller's context; Busy where none comes free."""
        try:
            async with asyncio.timeout(_WAIT_S):
                await self._free.acquire()
        except TimeoutError:
            raise Busy(f"all {self._threads} database threads are busy") from None
        self.busy += 1
        loop = asyncio.get_running_loop()
        future = self._pool.submit(contextvars.copy_context().run, work)
        # The place is free when the thread is, even if the caller has gone away by then.
        future.add_done_callback(lambda _: loop.call_soon_threadsafe(self._release))
        return await asyncio.wrap_future(future)

    def _release(self) -> None:
        self.busy -= 1
        self._free.release()

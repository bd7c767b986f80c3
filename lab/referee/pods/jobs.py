"""What is being done to pods right now, each in a thread: the engine takes its time."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

AT_ONCE = 4


class Jobs:
    """At most one piece of work for a pod; begun and collected by one thread."""

    def __init__(self) -> None:
        self._workers = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="pods")
        self._futures: dict[str, Future[None]] = {}

    def __contains__(self, pod: object) -> bool:
        return pod in self._futures

    def __len__(self) -> int:
        return len(self._futures)

    def begin(self, pod: str, work: Callable[[], None]) -> None:
        """Do *work* for *pod* in the background."""
        self._futures[pod] = self._workers.submit(work)

    def ended(self) -> Iterator[tuple[str, BaseException | None]]:
        """The pods whose work has ended since the last time, and what it raised."""
        for name in [name for name, job in self._futures.items() if job.done()]:
            yield name, self._futures.pop(name).exception()

    def close(self) -> None:
        """Begin nothing more; what runs goes on."""
        self._workers.shutdown(wait=False, cancel_futures=True)

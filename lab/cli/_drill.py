"""Start a drill, and clean up after a start that was cut off."""

import contextlib
import signal
from collections.abc import Iterator

from lab.cli._host import Host
from lab.stack import lock, state
from lab.stack.launch import Order
from lab.stack.state import LabState
from lab.stack.waiting import Watch


@contextlib.contextmanager
def undone_on_failure(host: Host, name: str) -> Iterator[None]:
    """Remove what was made of lab *name* if the block is cut off or fails, whatever signals come then."""
    try:
        yield
    except BaseException as reason:
        with uninterrupted():
            host.runner.resume()
            word = "interrupted" if isinstance(reason, KeyboardInterrupt) else "failed"
            with host.progress.step(f"{word}: cleaning up"):
                keep_logs(host, name)
                host.launcher.demolition.clear(name, host.progress.say)
        raise


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Ignore the signals that would end us, for as long as cleaning up takes."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, signal.SIG_IGN) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def keep_logs(host: Host, name: str) -> None:
    """Keep the last words of a lab's containers beside its journal; they go with the containers otherwise."""
    known = state.load(name)
    if known is None or not known.run_dir.is_dir():
        return
    with (known.run_dir / "stack.log").open("w") as file:
        for thing in host.labelled.containers(name):
            logs = host.runner.run(["docker", "logs", "--tail", "200", thing.id], timeout_s=10)
            file.write(f"==> {thing.name}\n{logs.text}{logs.error_text}\n")


def start(host: Host, order: Order, *, wait: bool) -> LabState:
    """Bring a lab up; with *wait*, return when the page has fired."""
    with lock.held(order.name):
        engine = host.launcher.engine()
        host.launcher.refuse_second(order.name)
        with undone_on_failure(host, order.name):
            up = host.launcher.start(order, engine)
            if wait:
                Watch(runner=host.runner, state=up, progress=host.progress).until_page()
    return up


def again(host: Host, known: LabState, order: Order, *, wait: bool) -> LabState:
    """Begin a drill anew on a lab that is there."""
    with lock.held(order.name), undone_on_failure(host, order.name):
        up = host.launcher.again(known, order)
        if wait:
            Watch(runner=host.runner, state=up, progress=host.progress).until_page()
    return up

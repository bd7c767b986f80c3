"""One thread for each thing that is done at a node, so that a server that hangs holds no other."""

import logging
import threading
import time
from dataclasses import dataclass

from heartbeat.config import Node
from heartbeat.servers import ERRORS, Session, session

FRESH_S = 2.0
log = logging.getLogger("heartbeat")


@dataclass(kw_only=True)
class Pulse:
    """What is known of one node; *written_t* is the newest time seen there, *ok_t* when it last answered."""

    node: Node
    writes: bool
    written_t: float | None = None
    ok_t: float | None = None

    def age_s(self, now: float) -> float:
        """How old the newest time seen is; it grows while nothing is heard."""
        return float("inf") if self.written_t is None else max(0.0, now - self.written_t)

    def up(self, now: float) -> bool:
        """Whether it answered lately."""
        return self.ok_t is not None and now - self.ok_t < FRESH_S


def _write(pulse: Pulse, opened: Session) -> None:
    t = time.time()
    opened.write(t)
    pulse.written_t = t


def _read(pulse: Pulse, opened: Session) -> None:
    pulse.written_t = opened.read()


def beat(pulse: Pulse, *, password: str, interval_s: float) -> None:
    """Write to, or read from, a node for ever; any trouble ends the session and a new one is opened."""
    act = _write if pulse.writes else _read
    said = ""
    while True:
        try:
            with session(pulse.node, password) as opened:
                while True:
                    act(pulse, opened)
                    pulse.ok_t = time.time()
                    said = ""
                    time.sleep(interval_s)
        except ERRORS as error:
            trouble = f"{type(error).__name__}: {error}".strip()
            if trouble != said:
                log.warning("%s %s: %s", pulse.node.name, "write" if pulse.writes else "read", trouble)
            said = trouble
        time.sleep(interval_s)


def start(pulse: Pulse, *, password: str, interval_s: float) -> None:
    """Start the thread of a pulse."""
    threading.Thread(
        target=beat, args=(pulse,), kwargs={"password": password, "interval_s": interval_s}, daemon=True
    ).start()

"""The loop: one message at a time, in the order they came, each until it is done or given up."""

import logging
import time
from threading import Event

from shopworker import metrics
from shopworker.errors import Away, Refused, WorkerError
from shopworker.settings import Settings
from shopworker.shipping import AT_ONCE, Shipping
from shopworker.stream import Message, OrderStream

_log = logging.getLogger(__name__)

_WAIT_S = 1.0

_PUT_OFF = 4
"""How many searches who is behind may leave out: one that stays behind would never look."""


class Worker:
    """Handles until *stop* is set; the message in hand is finished, or found again after the next start."""

    def __init__(self, settings: Settings, stream: OrderStream, shipping: Shipping, stop: Event) -> None:
        self._settings = settings
        self._stream = stream
        self._shipping = shipping
        self._stop = stop
        self._search_t = time.monotonic() + settings.lost_after_s

    def run(self) -> None:
        """Work; where the stream is away it tries again, and goes on looking for what was never told."""
        joined, failures = False, 0
        while not self._stop.is_set():
            try:
                if not joined:
                    self._stream.join()
                    joined = True
                self._step()
                failures = 0
            except Away as error:
                joined, failures = False, failures + 1
                _log.warning("waiting: %s", error)
                self._look_for_lost()
                self._stop.wait(self._settings.backoff_after_s(failures))

    def _step(self) -> None:
        message = self._stream.next(wait_s=_WAIT_S)
        if message is None:
            self._stream.tidy()
            self._look_for_lost()
            return
        try:
            shipped = not message.fields or self._shipped(message)
        except Refused as error:
            self._give_up_or_wait(message, str(error))
            return
        if shipped:
            self._stream.done(message)
            metrics.HANDLED.inc()
            # Where messages keep coming there is never nothing to do. Who is behind looks later: what only
            # waits for its turn would be taken for lost.
            every_s = self._settings.lost_after_s
            self._look_for_lost(put_off_s=0 if message.age_s < every_s / 2 else _PUT_OFF * every_s)

    def _shipped(self, message: Message) -> bool:
        """Ship it, however long a database is away: no message is at fault then. False when told to stop."""
        failures = 0
        while True:
            try:
                self._shipping.ship_told(message.fields)
            except Away as error:
                failures += 1
                metrics.RETRIES.labels("away").inc()
                _log.warning("message %s waits: %s", message.id, error)
                if self._stop.wait(self._settings.backoff_after_s(failures)):
                    return False
            else:
                return True

    def _give_up_or_wait(self, message: Message, error: str) -> None:
        """Bury what was refused often enough. What may be tried again stays the next to be read."""
        attempts, most = self._stream.attempts(message), self._settings.max_attempts
        if most and attempts >= most:
            self._stream.bury(message, attempts=attempts, error=error)
            metrics.DEAD_LETTERS.inc()
            _log.error("message %s given up after %d attempts: %s", message.id, attempts, error)
            return
        metrics.RETRIES.labels("refused").inc()
        _log.warning("message %s refused, attempt %d: %s", message.id, attempts, error)
        self._stop.wait(self._settings.backoff_after_s(attempts))

    def _look_for_lost(self, *, put_off_s: float = 0) -> None:
        """Now and then look for orders that were never told; at once again where there may be more."""
        every_s = self._settings.lost_after_s
        if not every_s or time.monotonic() < self._search_t + put_off_s:
            return
        found, shipped, wait_s = 0, 0, every_s
        try:
            for done in self._shipping.ship_lost(after_s=every_s):
                found, shipped = found + 1, shipped + done
                if self._stop.is_set():
                    break
            # Where not one was shipped the next search would find the same ones.
            wait_s = 0 if found >= AT_ONCE and shipped else every_s
        except WorkerError as error:
            _log.error("the search for orders that were never told ended early: %s", error)
        finally:
            metrics.FOUND.inc(shipped)
            self._search_t = time.monotonic() + wait_s

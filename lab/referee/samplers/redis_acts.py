"""Follows Redis by MONITOR in a thread and hands out what came from the toolbox.

The server shows a monitor every command but those it counts as administration (CONFIG, CLIENT KILL):
what they changed is looked for in `redis_settings`.
"""

import queue
import threading
from collections.abc import Sequence
from contextlib import suppress

from lab.referee.samplers.redis_line import Act, act
from lab.referee.samplers.redis_server import RedisServer

RETRY_S = 0.5
# A loop of thousands is one act of a person: the journal gets its beginning and how many more there were.
AT_ONCE = 20


class RedisActs:
    """Commands from *toolbox*, the address that the trainee's connections come from."""

    def __init__(self, server: RedisServer) -> None:
        self._server = server
        self._found: queue.SimpleQueue[Act] = queue.SimpleQueue()
        self.toolbox = ""
        self.following = threading.Event()

    def acts(self) -> Sequence[Act]:
        """What came since the last call, a flood of it cut short."""
        found: list[Act] = []
        while not self._found.empty():
            found.append(self._found.get_nowait())
        if len(found) <= AT_ONCE:
            return found
        more = Act(t=found[-1].t, text=f"… and {len(found) - AT_ONCE} more, the last: {found[-1].text}")
        return [*found[:AT_ONCE], more]

    def run(self, stop: threading.Event) -> None:
        """Follow until *stop*; the server may restart under it, or the trainee may end its connection."""
        while not stop.is_set():
            with suppress(OSError):
                for line in self._server.monitor():
                    self.following.set()
                    self._take(line)
                    if stop.is_set():
                        break
            self.following.clear()
            stop.wait(RETRY_S)

    def _take(self, line: bytes) -> None:
        # Nearly all lines are the shop's: looked at no closer than this.
        if self.toolbox and f" {self.toolbox}:".encode() in line:
            found = act(line.decode(errors="replace"), toolbox=self.toolbox)
            if found is not None:
                self._found.put(found)

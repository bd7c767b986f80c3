"""Copies of keys come back, whatever becomes of the keys meanwhile."""

from collections.abc import Sequence
from typing import Any, cast

from faults.redis import _copies
from faults.redis._copies import Copy


class Ending:
    """A server whose keys end between two looks, but for those whose time was put off."""

    def __init__(self, *keys: str) -> None:
        self.keys = dict.fromkeys(keys, "soon")

    def replies(self, lines: Sequence[str]) -> list[str]:
        """Obey, and then let time pass."""
        said = [self._obey(*line.split()[:2]) for line in lines]
        self.keys = {key: end for key, end in self.keys.items() if end == "late"}
        return said

    def _obey(self, verb: str, key: str) -> str:
        if (verb == "RESTORE") is (key in self.keys):
            return "BUSYKEY" if verb == "RESTORE" else "0"
        self.keys[key] = "late"
        return "OK"


def test_a_key_that_ends_in_the_middle_of_it_comes_back() -> None:
    server = Ending("there")
    copies = [Copy(key=key, left_ms=1000, dump='"x"') for key in ("there", "gone")]
    _copies.put_back(cast("Any", server), copies)
    assert set(server.keys) == {"there", "gone"}

"""Faults that end without anybody's doing tell it from what a person did, by what the victim says."""

from typing import Any

import pytest

from faults.core import Receipt
from faults.redis.mass_expiry import MassExpiry
from faults.redis.paused_writes import PausedWrites
from faults.release.poison_message import PoisonMessage

MINUTE_US = 60_000_000
BEGAN = {"server_time_usec": "0", "run_id": "first", "cmdstat_client|unpause": "calls=2,usec=9"}


class Saying:
    """A server of which all is known already."""

    def __init__(self, *, info: dict[str, str] | None = None, value: object = None, now_ms: int = 0) -> None:
        self._info, self._value, self._now_ms = info or {}, value, now_ms

    def info(self, _: str) -> dict[str, str]:
        return self._info

    def value(self, *_: str) -> Any:
        return self._value

    def now_ms(self) -> int:
        return self._now_ms


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ({"server_time_usec": str(61 * MINUTE_US)}, "after 60 min"),
        ({"server_time_usec": str(59 * MINUTE_US)}, ""),
        ({"server_time_usec": str(61 * MINUTE_US), "cmdstat_client|unpause": "calls=3,usec=9"}, ""),
        ({"server_time_usec": str(61 * MINUTE_US), "run_id": "second"}, ""),
    ],
    ids=["time is over", "time is not over", "somebody ended it", "the server was restarted"],
)
def test_a_pause_ends_when_its_time_is_over_and_nobody_ended_one(now: dict[str, str], said: str) -> None:
    fault: Any = PausedWrites(minutes=60)
    receipt = fault.prepare(Saying(info=BEGAN))
    assert fault.ended_itself(Saying(info=BEGAN | now), receipt) == said


@pytest.mark.parametrize(("now_ms", "said"), [(1001, "the keys were written anew"), (999, "")])
def test_keys_that_had_expired_were_written_anew(now_ms: int, said: str) -> None:
    fault: Any = MassExpiry()
    assert fault.ended_itself(Saying(now_ms=now_ms), {"over_ms": 1000}) == said


POISON: Receipt = {"stream": "orders:placed", "group": "shipping", "mark": "web-1f2e"}


@pytest.mark.parametrize(
    ("dead", "said"),
    [
        (
            [["1-0", ["idempotency_key", "web-1f2e-1", "attempts", "5"]]],
            "buried after 5 attempts",
        ),
        ([["1-0", ["idempotency_key", "web-3a4b-1", "attempts", "5"]]], ""),
        ([], ""),
    ],
    ids=["ours is buried", "another one is buried", "nothing is buried"],
)
def test_a_message_that_the_worker_put_aside_was_buried(dead: object, said: str) -> None:
    fault: Any = PoisonMessage()
    assert fault.ended_itself(Saying(value=dead), POISON) == said

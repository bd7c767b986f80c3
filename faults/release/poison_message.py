"""A release writes a message that no worker can handle, and the worker tries it again and again."""

import secrets
from dataclasses import dataclass
from typing import Any, ClassVar

from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import ForeignState, NotInEffect
from faults.parameters import name, number
from faults.redis.server import RedisServer
from faults.wait import until


@dataclass(frozen=True, kw_only=True)
class PoisonMessage(Checked):
    """Orders without a usable number stand in the stream: who handles it in order gets no further."""

    about: ClassVar[About] = About(
        id="release.poison_message",
        kind=Kind.REDIS,
        undo=Undo.INVERSE,
        touches=("key:{stream}",),
        see="XLEN grows and XPENDING shows one entry that was delivered ever more often; the worker's log and"
        " its metrics of retries, depth and the oldest message's age",
        fix="XACK and XDEL that entry (keep its fields for whoever wrote them), and let the worker put aside"
        " what was refused a few times; the writer's release is rolled back",
        settle_s=30.0,
        ends="when the worker gives the message up and puts it aside; the shop's does after 5 attempts, some"
        " seconds for each message",
    )

    stream: str = name("orders:placed", means="stream of the messages")
    group: str = name("shipping", means="group of the workers")
    messages: int = number(
        1, low=1, high=1000, unit="messages", mild=1, severe=100, means="how many of them, one after another"
    )

    def prepare(self, target: RedisServer) -> Receipt:
        """Choose what they are known by; ForeignState where no group reads such a stream."""
        groups = target.answer("XINFO", "GROUPS", self.stream, flag="--json", reads=True)
        if f'"{self.group}"' not in groups.text:
            raise ForeignState(f"{target.name} has no stream {self.stream} that a group {self.group} reads")
        return {"stream": self.stream, "group": self.group, "mark": f"web-{secrets.token_hex(6)}"}

    def inject(self, target: RedisServer, receipt: Receipt) -> None:
        """Write them, and wait until the first was tried twice."""
        for place in range(1, self.messages + 1):
            key = f"{receipt['mark']}-{place}"
            target.run("XADD", self.stream, "*", "order_id", "None", "idempotency_key", key)
        until(
            lambda: self._tried_again(target, receipt) or None,
            what="a worker tries a message again",
            timeout_s=self.about.settle_s,
        )

    def active(self, target: RedisServer, receipt: Receipt) -> bool:
        """Whether one of them still stands in the stream."""
        return bool(_ours(target, str(receipt["stream"]), receipt))

    def ended_itself(self, target: RedisServer, receipt: Receipt) -> str:
        """The worker put it aside, and wrote down how often it had tried."""
        buried: Any = target.value("XRANGE", f"{receipt['stream']}:dead", "-", "+")
        tries = [_field(fields, "attempts") for _, fields in buried if _marked(fields, receipt)]
        return f"buried after {tries[-1] or 'some'} attempts" if tries else ""

    def revert(self, target: RedisServer, receipt: Receipt) -> None:
        """Take ours out, from the stream and from where the worker puts what it gave up."""
        stream = str(receipt["stream"])
        for key in (stream, f"{stream}:dead"):
            for entry in _ours(target, key, receipt):
                target.run("XACK", key, str(receipt["group"]), entry)
                target.run("XDEL", key, entry)

    def _tried_again(self, target: RedisServer, receipt: Receipt) -> bool:
        """Whether one was; NotInEffect where the worker has no patience with them."""
        if how := self.ended_itself(target, receipt):
            raise NotInEffect(
                f"{target.name}: the worker gave it up at once ({how}): what it wrote was removed",
                hint="it has to try a message more often: WORKER_MAX_ATTEMPTS of the shop's worker",
            )
        return self._tried(target, receipt) > 1

    def _tried(self, target: RedisServer, receipt: Receipt) -> int:
        """How often the one that was tried most was handed out."""
        ours = set(_ours(target, self.stream, receipt))
        pending: Any = target.value("XPENDING", self.stream, self.group, "-", "+", "1000")
        return max((int(times) for entry, _, _, times in pending if entry in ours), default=0)


def _ours(target: RedisServer, stream: str, receipt: Receipt) -> list[str]:
    """Entries that carry our mark, the oldest first."""
    entries: Any = target.value("XRANGE", stream, "-", "+")
    return [str(entry) for entry, fields in entries if _marked(fields, receipt)]


def _marked(fields: list[str], receipt: Receipt) -> bool:
    """Whether an entry carries our mark."""
    return any(str(receipt["mark"]) in str(one) for one in fields)


def _field(fields: list[str], name: str) -> str:
    """One of an entry's fields, which come as names and values in turn; empty where it has none."""
    return dict(zip(fields[::2], fields[1::2], strict=True)).get(name, "")

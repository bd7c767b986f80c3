"""Settings that a fault changes at run time: all in one command, none without the others."""

from faults.core import Receipt
from faults.redis.server import RedisServer

WAS, OURS = "was:", "set:"


def remember(target: RedisServer, wanted: dict[str, str]) -> dict[str, str]:
    """For the receipt: what the settings are, and what they shall be, as CONFIG GET writes them."""
    was = target.settings(*wanted)
    return {WAS + name: was[name] for name in wanted} | {OURS + name: wanted[name] for name in wanted}


def apply(target: RedisServer, receipt: Receipt) -> None:
    """Set them."""
    _write(target, _of(receipt, OURS))


def hold(target: RedisServer, receipt: Receipt) -> bool:
    """Whether every one still has the value that we gave it."""
    ours = _of(receipt, OURS)
    return target.settings(*ours) == ours


def restore(target: RedisServer, receipt: Receipt) -> None:
    """Give back the old value of each that still has ours; what a person changed stays."""
    was, ours = _of(receipt, WAS), _of(receipt, OURS)
    now = target.settings(*ours)
    _write(target, {name: was[name] for name in ours if now[name] == ours[name] != was[name]})


def write_file(target: RedisServer) -> None:
    """Let the server write its own file anew, with what it is set to now."""
    target.run("CONFIG", "REWRITE")


def _of(receipt: Receipt, prefix: str) -> dict[str, str]:
    return {key.removeprefix(prefix): str(value) for key, value in receipt.items() if key.startswith(prefix)}


def _write(target: RedisServer, values: dict[str, str]) -> None:
    words = [word for pair in values.items() for word in pair]
    if words:
        target.run("CONFIG", "SET", *words)

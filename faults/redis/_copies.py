"""Copies of keys, small enough for a receipt, in the quoting that redis-cli writes and reads."""

import base64
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from faults.redis.server import CHUNK_BYTES, RedisServer

MISSING, FOR_EVER = -2, -1
MOST_BYTES = CHUNK_BYTES // 2
"""Of one key, as quoted."""
TAKE = r"""
redis-cli --user admin --scan --pattern "$1" | sort -u |
sed 's/[\\"]/\\&/g; s/.*/ECHO "&"\nPTTL "&"\nDUMP "&"/' |
redis-cli --user admin --no-raw
"""


@dataclass(frozen=True, kw_only=True)
class Copy:
    """One key, quoted; the milliseconds that it has left; what DUMP says of it, quoted."""

    key: str
    left_ms: int
    dump: str


def take(target: RedisServer, pattern: str) -> list[Copy]:
    """A copy of every key of the pattern."""
    said = [line for line in target.script(TAKE, pattern).splitlines() if line]
    threes = zip(said[::3], said[1::3], said[2::3], strict=True)
    found = [Copy(key=key, left_ms=int(ttl.split()[-1]), dump=dump) for key, ttl, dump in threes]
    return [one for one in found if one.left_ms != MISSING and one.dump != "(nil)"]


def put_back(target: RedisServer, copies: Sequence[Copy]) -> None:
    """Restore what is missing; what is there keeps its value, and the later of both ends.

    The ends first: what is about to end could otherwise be there still for the one, and gone for the other.
    """
    target.replies(
        [
            f"PERSIST {one.key}" if one.left_ms == FOR_EVER else f"PEXPIRE {one.key} {one.left_ms} GT"
            for one in copies
        ]
    )
    target.replies([f"RESTORE {one.key} {max(one.left_ms, 0)} {one.dump}" for one in copies])


def packed(copies: Sequence[Copy]) -> str:
    """As one text."""
    lines = "\n".join(f"{one.key}\t{one.left_ms}\t{one.dump}" for one in copies)
    return base64.b64encode(zlib.compress(lines.encode())).decode()


def unpacked(text: str) -> list[Copy]:
    """The copies again."""
    lines = zlib.decompress(base64.b64decode(text)).decode().split("\n")
    threes = [line.split("\t") for line in lines]
    return [Copy(key=key, left_ms=int(left_ms), dump=dump) for key, left_ms, dump in threes]

"""The stream of placed orders, as one consumer of its group sees it."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from redis import Redis
from redis.exceptions import RedisError, ResponseError

from shopworker.errors import Away
from shopworker.settings import Settings

P = ParamSpec("P")
R = TypeVar("R")

_TIMEOUT_S = 5.0


@dataclass(frozen=True, kw_only=True)
class Message:
    """One entry; *fields* is empty where somebody has deleted it from the stream."""

    id: str
    fields: Mapping[str, str]

    @property
    def age_s(self) -> float:
        """Seconds since Redis took it, by the time in its id."""
        return time.time() - int(self.id.partition("-")[0]) / 1000


def connect(url: str, *, timeout_s: float = _TIMEOUT_S) -> Redis:
    """A client; each call is tried once."""
    return Redis.from_url(
        url,
        decode_responses=True,
        protocol=2,
        socket_timeout=timeout_s,
        socket_connect_timeout=timeout_s,
        client_name="shop-worker",
    )


def redis_calls(function: Callable[P, R]) -> Callable[P, R]:
    """Turn what the client raises into Away."""

    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except RedisError as error:
            raise Away(f"redis: {error}") from error

    return wrapped


class OrderStream:
    """Entries in the order they came. What is done or given up is deleted: what is there is still to do."""

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._redis = redis
        self._stream = settings.stream
        self._group = settings.group
        self._name = settings.name
        self._dead = settings.dead_letters

    @redis_calls
    def join(self) -> None:
        """See to it that the group exists, from the stream's beginning on."""
        try:
            self._redis.xgroup_create(self._stream, self._group, id="0", mkstream=True)
        except ResponseError as error:
            if not str(error).startswith("BUSYGROUP"):
                raise

    @redis_calls
    def next(self, *, wait_s: float) -> Message | None:
        """The oldest that is in hand already, else the next new one; None where none comes in time."""
        return self._read("0") or self._read(">", block_ms=max(1, int(wait_s * 1000)))

    @redis_calls
    def attempts(self, message: Message) -> int:
        """How often it has been read; kept by the server, so restarts count."""
        found = self._redis.xpending_range(self._stream, self._group, min=message.id, max=message.id, count=1)
        return int(found[0]["times_delivered"]) if found else 1

    @redis_calls
    def done(self, message: Message) -> None:
        """Acknowledge and forget it."""
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.xack(self._stream, self._group, message.id)
            pipe.xdel(self._stream, message.id)
            pipe.execute()

    @redis_calls
    def bury(self, message: Message, *, attempts: int, error: str) -> None:
        """Move it to the dead letters, in one step."""
        fields: Any = dict(message.fields) | {
            "message_id": message.id,
            "attempts": str(attempts),
            "error": error,
        }
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.xadd(self._dead, fields)
            pipe.xack(self._stream, self._group, message.id)
            pipe.xdel(self._stream, message.id)
            pipe.execute()

    @redis_calls
    def tidy(self) -> None:
        """Delete what was acknowledged by hand, where nothing is in anybody's hand."""
        for group in self._redis.xinfo_groups(self._stream):
            if group["name"] == self._group and group["pending"] == 0:
                ms, _, number = str(group["last-delivered-id"]).partition("-")
                self._redis.xtrim(self._stream, minid=f"{ms}-{int(number) + 1}", approximate=False)

    def _read(self, start: str, *, block_ms: int | None = None) -> Message | None:
        answer: Any = self._redis.xreadgroup(
            self._group, self._name, {self._stream: start}, count=1, block=block_ms
        )
        for _, entries in answer or ():
            for entry_id, fields in entries:
                return Message(id=entry_id, fields=fields or {})
        return None

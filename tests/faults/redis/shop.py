"""What the shop does with Redis: a cache that it can fill again, sessions that it cannot."""

from faults.wait import until
from tests.faults.redis.server import Redis

PRODUCTS = 500
COUNTED: dict[str, tuple[int, int]] = {}
"""By server: how many keys had expired and been evicted when the cache was filled."""
ROW = "x" * 1000


def warm(server: Redis) -> None:
    """The cache holds every product."""
    with server.client() as client, client.pipeline(transaction=False) as pipe:
        for number in range(1, PRODUCTS + 1):
            pipe.set(f"product:{number}", ROW, ex=24 * 3600)
        pipe.execute()
    COUNTED[server.name] = lost(server)


def lost(server: Redis) -> tuple[int, int]:
    """How many keys have expired, and how many were evicted, since it started."""
    with server.client("referee") as watcher:
        stats = watcher.info("stats")
    assert isinstance(stats, dict)
    return int(stats["expired_keys"]), int(stats["evicted_keys"])


def misses(server: Redis) -> str:
    """Products that the cache should hold are not there; what became of them since it was filled."""
    missed = PRODUCTS - server.run("EXISTS", *(f"product:{number}" for number in range(1, PRODUCTS + 1)))
    if not missed:
        return ""
    expired, evicted = (now - then for now, then in zip(lost(server), COUNTED[server.name], strict=True))
    how = [word for word, count in (("expired", expired), ("evicted", evicted)) if count >= missed]
    return f"{'all' if missed == PRODUCTS else 'some'} missed: {' and '.join(how) or 'not there'}"


def signs_in(server: Redis) -> str:
    """A customer signs in."""
    return server.error("SET", "session:felt", "1", "EX", 60)


def write_hangs(server: Redis) -> str:
    """A customer signs in, and is not answered."""
    with server.client() as writer, server.client("oncall") as watcher:
        ident = writer.client_id()
        connection = writer.connection
        assert connection is not None
        connection.send_command("SET", "session:felt", "1", "EX", "60")  # type: ignore[no-untyped-call]

        def answered() -> str | None:
            if connection.can_read(timeout=0):
                return "" if connection.read_response() == "OK" else "refused"
            flags = str(watcher.client_list(client_id=[ident])[0]["flags"])
            return "held" if "b" in flags else None

        return until(answered, what="the write is answered or held", timeout_s=20, every_s=0.05)

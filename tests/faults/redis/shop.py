"""What the shop does with Redis: a cache that it can fill again, sessions that it cannot."""

from faults.wait import until
from tests.faults.redis.server import Redis

PRODUCTS = 500
ROW = "x" * 1000


def warm(server: Redis) -> None:
    """The cache holds every product."""
    with server.client() as client, client.pipeline(transaction=False) as pipe:
        for number in range(1, PRODUCTS + 1):
            pipe.set(f"product:{number}", ROW, ex=24 * 3600)
        pipe.execute()


def misses(server: Redis) -> str:
    """A product that the cache should hold is not there."""
    found = server.run("EXISTS", *(f"product:{number}" for number in range(1, PRODUCTS + 1)))
    return "" if found == PRODUCTS else f"{PRODUCTS - found} misses"


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

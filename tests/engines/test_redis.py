"""A Redis replica comes up in step by itself, and outlives restarts of either side."""

import pytest
import redis

from tests.engines.servers import Server, Yard, soon

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def replica(yard: Yard, redis_primary: Server) -> Server:
    """A replica started after some writes."""
    redis_primary.redis().set("cart:before", "1")
    server = yard.replica("redis")
    soon(lambda: server.redis().get("cart:before") == "1", "what was written before is there")
    return server


def test_a_write_on_the_primary_is_read_on_the_replica(redis_primary: Server, replica: Server) -> None:
    redis_primary.redis("shop").set("cart:x", "1")
    soon(lambda: replica.redis("shop").get("cart:x") == "1", "the cart is there")
    with pytest.raises(redis.exceptions.ReadOnlyError):
        replica.redis("shop").set("cart:x", "2")


def test_either_restarts_and_the_replica_goes_on(redis_primary: Server, replica: Server) -> None:
    redis_primary.redis().set("cart:kept", "1")
    soon(lambda: replica.redis().get("cart:kept") == "1", "the cart is there")
    replica.container.restart(timeout=10)
    soon(lambda: replica.redis().get("cart:kept") == "1", "it is there after the replica's restart")
    redis_primary.container.restart(timeout=10)
    soon(lambda: redis_primary.redis().get("cart:kept") == "1", "and after the primary's")
    redis_primary.redis().set("cart:later", "1")
    soon(lambda: replica.redis().get("cart:later") == "1", "and the replica follows")


def test_the_person_on_call_cannot_touch_the_administrator(redis_primary: Server) -> None:
    oncall = redis_primary.redis("oncall")
    for command in ("ACL DELUSER admin", "ACL SETUSER admin off", "ACL GETUSER admin"):
        with pytest.raises(redis.exceptions.NoPermissionError):
            oncall.execute_command(*command.split())  # type: ignore[no-untyped-call]

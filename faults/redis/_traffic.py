"""Clients of a server that are too much for it: known by name, removed by container."""

from faults import actors
from faults.actors import Work
from faults.core import Receipt
from faults.errors import ForeignState
from faults.redis.server import RedisServer
from faults.wait import until


def named(target: RedisServer, program: str) -> dict[str, str]:
    """For the receipt: what they are called here and there; ForeignState where others have that name."""
    if target.sessions_of(program):
        raise ForeignState(f"{target.name} has clients named {program} already: they could not be told apart")
    return {"actor": actors.actor_name(target.container, program), "program": program}


def begin(target: RedisServer, receipt: Receipt, user: str, work: Work) -> None:
    """Start them, signed in as *user*."""
    actors.start(target.container, str(receipt["actor"]), target.login(user), work)


def arrived(target: RedisServer, receipt: Receipt, sessions: int = 1) -> None:
    """Wait until so many have signed in."""
    until(
        lambda: target.sessions_of(str(receipt["program"])) >= sessions or None,
        what=f"{receipt['program']} signs in on {target.name}",
        timeout_s=60,
    )


def come_back(target: RedisServer, receipt: Receipt) -> bool:
    """Whether there are such as sign in again when they are sent away."""
    return actors.running(target.container, str(receipt["actor"]))


def here(target: RedisServer, receipt: Receipt) -> bool:
    """Whether the server knows them."""
    return target.sessions_of(str(receipt["program"])) > 0


def end(target: RedisServer, receipt: Receipt) -> None:
    """Remove them."""
    actors.stop(target.container, str(receipt["actor"]))

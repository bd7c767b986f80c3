"""Clients of a server that are too much for it: known by name, removed by container."""

import contextlib

from faults import actors, peers
from faults.actors import Work
from faults.core import Receipt
from faults.errors import ForeignState, NotReached
from faults.redis.server import RedisServer
from faults.wait import until

BACK_WITHIN_S = 1.5


def named(target: RedisServer, program: str) -> dict[str, str]:
    """For the receipt: what they are called here and there; ForeignState where others have that name."""
    if target.addresses_of(program):
        raise ForeignState(f"{target.name} has clients named {program} already: they could not be told apart")
    return {"actor": actors.actor_name(target.container, program), "program": program}


def begin(target: RedisServer, receipt: Receipt, user: str, work: Work) -> None:
    """Start them, signed in as *user*."""
    actors.start(target.container, str(receipt["actor"]), target.login(user), work)


def arrived(target: RedisServer, receipt: Receipt, sessions: int = 1) -> None:
    """Wait until so many have signed in."""
    until(
        lambda: _sessions(target, receipt) >= sessions or None,
        what=f"{receipt['program']} signs in on {target.name}",
        timeout_s=60,
    )


def here(target: RedisServer, receipt: Receipt) -> bool:
    """Whether the server knows them, now or in a moment: who was sent away may be about to sign in again.

    Not where their container does not run: nobody comes from there.
    """
    if _sessions(target, receipt):
        return True
    if not actors.running(target.container, str(receipt["actor"])):
        return False
    with contextlib.suppress(NotReached):
        until(
            lambda: _sessions(target, receipt) or None,
            what=f"{receipt['program']} is on {target.name}",
            timeout_s=BACK_WITHIN_S,
        )
        return True
    return False


def _sessions(target: RedisServer, receipt: Receipt) -> int:
    """How many sessions they have; others of the same name come from elsewhere."""
    found = target.addresses_of(str(receipt["program"]))
    if not found:
        return 0
    near = peers.around(target.container, str(receipt["actor"]))
    return sum(map(near.ours, found))


def end(target: RedisServer, receipt: Receipt) -> None:
    """Remove them."""
    actors.stop(target.container, str(receipt["actor"]))

"""A worker that gives up, as the lab's does, ends the fault of a message that it cannot handle.

Until then an order that was placed later waits: there the fault bites as it is typed.
"""

import contextlib
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from faults.desk import Desk
from faults.errors import NotInEffect
from faults.lifecycle import inject
from faults.release.poison_message import PoisonMessage
from faults.store import Store
from faults.wait import until
from lab.stack.places import checkout
from tests.faults.postgres import server as postgres
from tests.faults.postgres.server import Postgres
from tests.faults.redis.server import PASSWORDS, Redis, primary
from tests.faults.release.cases_worker import PLACE, WORKER, Worker
from tests.faults.servers import Yard

pytestmark = pytest.mark.docker

STREAM = "orders:given-up"
"""Of its own: another worker reads the usual one, and never gives up."""


def attempts_in_the_lab() -> str:
    """After how many the shop's worker gives a message up."""
    compose = (checkout() / "compose" / "lab.yml").read_text(encoding="utf-8")
    found = re.search(r'WORKER_MAX_ATTEMPTS: "(\d+)"', compose)
    assert found is not None
    return found[1]


@contextlib.contextmanager
def giving_up_after(attempts: str, yard: Yard) -> Iterator[Redis]:
    """Redis, with a worker behind it that gives up, and waits between its attempts as the lab's does."""
    postgres.primary(yard)
    server = primary(yard)
    limits = {"WORKER_MAX_ATTEMPTS": attempts, "WORKER_LOST_AFTER_S": "0", "ORDER_STREAM": STREAM}
    environment = {key: value for key, value in WORKER.environment.items() if "BACKOFF" not in key} | limits
    worker = yard.get(Worker, replace(WORKER, name="worker-given-up", environment=environment))
    try:
        until(lambda: server.error("XINFO", "GROUPS", STREAM) == "" or None, what="it reads", timeout_s=60)
        yield server
    finally:
        yard.engine.containers.get(worker.name).remove(force=True)
        server.run("DEL", STREAM, f"{STREAM}:dead", user="admin")


def an_order(database: Postgres, redis: Redis) -> Callable[[], bool]:
    """A customer places an order; whether it is shipped."""
    key = f"web-{uuid.uuid4().hex}"
    order = database.query(PLACE.format(key=key))[0][0]
    redis.run("XADD", STREAM, "*", "order_id", order, "idempotency_key", key)
    shipped = f"SELECT 1 FROM orders WHERE id = {order} AND status = 'shipped'"
    return lambda: bool(database.query(shipped))


def test_a_message_that_the_labs_worker_gave_up_ended_by_itself(yard: Yard, store: Store) -> None:
    attempts = attempts_in_the_lab()
    with giving_up_after(attempts, yard) as redis:
        inject(PoisonMessage(stream=STREAM), redis.target, store)
        shipped = an_order(postgres.primary(yard), redis)
        desk = Desk(engine=redis.engine, store=store, known=lambda _: PASSWORDS)
        meanwhile: list[bool] = []

        def ended() -> str | None:
            done = shipped()
            (standing,) = desk.standings()
            if standing.word != "active":
                return standing.word
            meanwhile.append(done)
            return None

        word = until(ended, what="the worker gives up", timeout_s=60)
        assert word == f"ended by itself (buried after {attempts} attempts)"
        assert meanwhile, "the fault was there when the order came"
        assert not any(meanwhile), "an order that came later waits for as long"
        until(lambda: shipped() or None, what="the order is shipped", timeout_s=60)
        assert list(desk.revert(store.open()).values()) == ["reverted"]
        assert redis.run("XLEN", f"{STREAM}:dead", user="admin") == 0


def test_a_worker_that_tries_nothing_again_is_not_poisoned(yard: Yard, store: Store) -> None:
    with giving_up_after("1", yard) as redis:
        with pytest.raises(NotInEffect, match=r"gave it up at once \(buried after 1 attempts\)"):
            inject(PoisonMessage(stream=STREAM), redis.target, store)
        assert store.open() == ()
        assert redis.run("XLEN", f"{STREAM}:dead", user="admin") == 0

"""Redis has one thread, and somebody takes it; or all its places."""

import contextlib
import statistics
import time

import redis
from redis.exceptions import ResponseError

from faults.redis.big_key import BigKey
from faults.redis.blocking_script import BlockingScript
from faults.redis.clients_exhausted import ClientsExhausted
from faults.redis.hot_key import HotKey
from faults.redis.keys_traffic import KeysTraffic
from faults.wait import until
from tests.faults.laws import Case
from tests.faults.redis.server import Redis, primary
from tests.faults.strengths import End

SLOW_MS = 3.0
ASKED = 7
EVERY_S = 0.03
BUSY_RATIO = 0.4
MUCH_RATIO = 0.1
LOOK_S = 1.0
ON_CALL: dict[str, redis.Redis] = {}


def look_ups_wait(server: Redis) -> str:
    """Looking products up: slow in the median, for the server is busy, not the machine; and with what."""
    took_ms = []
    with server.client() as client, server.client("referee") as watcher:
        began, before = time.monotonic(), work_s(watcher)
        for _ in range(ASKED):
            time.sleep(EVERY_S)  # a client that asks at once would ask often in the short pauses between
            asked = time.monotonic()
            client.get("product:1")
            took_ms.append((time.monotonic() - asked) * 1000)
        done = since(before, watcher)
        busy_ratio = sum(done.values()) / (time.monotonic() - began)
    if statistics.median(took_ms) <= SLOW_MS or busy_ratio <= BUSY_RATIO:
        return ""
    return f"waits behind {max(done, key=lambda name: done[name])}"


def takes_much(server: Redis) -> str:
    """One client seldom has to wait; but a command takes a tenth of the server's time, or more: which."""
    with server.client("referee") as watcher:
        began, before = time.monotonic(), work_s(watcher)
        time.sleep(LOOK_S)
        done = since(before, watcher)
        most = max(done, key=lambda name: done[name])
        return f"busy with {most}" if done[most] > MUCH_RATIO * (time.monotonic() - began) else ""


def work_s(watcher: redis.Redis) -> dict[str, float]:
    """The seconds that the server has spent so far, by command."""
    stats = watcher.info("commandstats")
    assert isinstance(stats, dict)
    return {name.removeprefix("cmdstat_"): float(one["usec"]) / 1e6 for name, one in stats.items()}


def since(before: dict[str, float], watcher: redis.Redis) -> dict[str, float]:
    """What it has spent on each more than before."""
    return {name: spent_s - before.get(name, 0.0) for name, spent_s in work_s(watcher).items()}


def busy(server: Redis) -> str:
    """Looking products up for longer than the job pauses."""
    for _ in range(6):
        if said := server.error("GET", "product:1"):
            return said
        time.sleep(0.5)
    return ""


def kill_clients(server: Redis, program: str) -> int:
    """On call ends a program's sessions; how many there were."""
    with server.client("oncall") as client:
        found = [one["id"] for one in client.client_list() if one["name"] == program]
        return sum(int(client.client_kill_filter(_id=ident)) for ident in found)


def kill_report(server: Redis) -> None:
    """On call ends whoever lists all keys."""
    assert kill_clients(server, "visit-report")


def kill_script_and_job(server: Redis) -> None:
    """On call ends the script, and then whoever runs it."""

    def ended() -> int | None:
        with contextlib.suppress(ResponseError):  # nothing runs just now
            server.run("SCRIPT", "KILL", user="oncall")
        return kill_clients(server, "score-products") or None

    until(ended, what="the job is killed between two scripts", timeout_s=60, ignore=(ResponseError,))


def be_connected(server: Redis) -> None:
    """On call has a connection open before it begins."""
    if old := ON_CALL.pop(server.name, None):
        old.close()
    ON_CALL[server.name] = redis.Redis(
        port=server.port, username="oncall", password="oncall-secret", single_connection_client=True
    )
    ON_CALL[server.name].ping()


def raise_limit(server: Redis) -> None:
    """On call gives the server more places, on the connection that is there."""
    with ON_CALL.pop(server.name) as client:
        client.config_set("maxclients", 1000)


CASES = [
    Case(
        fault=BigKey(),
        server=primary,
        felt=look_ups_wait,
        expects="^waits behind sort_ro$",
        mild=End(felt=takes_much, expects="^busy with sort_ro$"),
        by_hand=lambda server: server.run("UNLINK", "newsletter:subscribers", user="oncall"),
        restart_ends=False,
    ),
    Case(
        fault=HotKey(),
        server=primary,
        felt=look_ups_wait,
        expects="^waits behind bitcount$",
        mild=End(felt=takes_much, expects="^busy with bitcount$"),
        by_hand=lambda server: server.run("UNLINK", "page:visitors", user="oncall"),
        restart_ends=False,
    ),
    Case(
        fault=KeysTraffic(),
        server=primary,
        felt=look_ups_wait,
        expects="^waits behind keys$",
        mild=End(felt=takes_much, expects="^busy with keys$"),
        by_hand=kill_report,
        restart_ends=True,
    ),
    Case(
        fault=BlockingScript(),
        server=primary,
        before=lambda server: server.run("CONFIG", "SET", "busy-reply-threshold", 500, user="oncall"),
        felt=busy,
        expects="BUSY",
        by_hand=kill_script_and_job,
        after=lambda server: server.run("CONFIG", "SET", "busy-reply-threshold", 5000, user="oncall"),
        restart_ends=True,
    ),
    Case(
        fault=ClientsExhausted(),
        server=primary,
        before=be_connected,
        felt=lambda server: server.error("PING"),
        expects="max number of clients",
        by_hand=raise_limit,
        restart_ends=True,
        every_run=True,
    ),
]

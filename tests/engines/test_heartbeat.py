"""The heartbeat tells how far behind a node is, also where the servers' own figures do not."""

import contextlib
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from tests.engines.servers import TOO_MANY_CONNECTIONS, Server, Yard, soon, take_every_connection

pytestmark = pytest.mark.docker
NODES = (
    "postgres=postgres+source://postgres postgres-replica=postgres+replica://postgres-replica"
    " mysql=mysql+source://mysql:33062 mysql-replica=mysql+replica://mysql-replica:33062"
    " redis=redis+source://redis redis-replica=redis+replica://redis-replica"
)
NAMES = ("postgres", "postgres-replica", "mysql", "mysql-replica", "redis", "redis-replica")
BEHIND_S = 6.0
IN_STEP_S = 3.0
LINE = re.compile(r'^(heartbeat_\w+)\{.*node="([\w-]+)".*\} (\S+)$', re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Heart:
    """The service's numbers."""

    server: Server

    def reading(self, name: str, node: str) -> float:
        """One of its series; NaN where there is none."""
        url = f"http://127.0.0.1:{self.server.port(9188)}/metrics"
        found = {(m[1], m[2]): float(m[3]) for m in LINE.finditer(httpx.get(url, timeout=5).text)}
        return found.get((f"heartbeat_{name}", node), math.nan)

    def in_step(self, node: str) -> bool:
        """Whether a node answers and its heartbeat is fresh."""
        return self.reading("up", node) == 1 and self.reading("age_seconds", node) < IN_STEP_S

    def behind(self, node: str) -> bool:
        """Whether a node's heartbeat is old by more than the machine's own hiccups."""
        return self.reading("age_seconds", node) > BEHIND_S

    def wait_in_step(self, *nodes: str) -> None:
        """Wait until the nodes are in step."""
        for node in nodes:
            soon(lambda node=node: self.in_step(node), f"{node} is in step")  # type: ignore[misc]

    def others_in_step(self, node: str) -> None:
        """Nothing of what happens at one node is seen at another."""
        self.wait_in_step(*(name for name in NAMES if name != node))


@pytest.fixture(scope="module")
def replicas(yard: Yard, postgres: Server, mysql: Server, redis_primary: Server) -> dict[str, Server]:
    """A replica of each source."""
    assert postgres
    assert mysql
    assert redis_primary
    return {engine: yard.replica(engine) for engine in ("postgres", "mysql", "redis")}


@pytest.fixture(scope="module")
def heart(yard: Yard, replicas: dict[str, Server]) -> Heart:
    """The service, with every node in step."""
    assert replicas
    server = yard.start("heartbeat", name="heartbeat", ports=(9188,), environment={"HEARTBEAT_NODES": NODES})
    heart = Heart(server=server)
    soon(lambda: heart.reading("up", "postgres") >= 0, "the service answers")
    heart.wait_in_step(*NAMES)
    return heart


@contextlib.contextmanager
def paused(server: Server) -> Iterator[None]:
    server.container.pause()
    try:
        yield
    finally:
        server.container.unpause()


def test_every_source_takes_it(heart: Heart) -> None:
    assert [heart.reading("write_up", node) for node in ("postgres", "mysql", "redis")] == [1, 1, 1]
    assert math.isnan(heart.reading("write_up", "mysql-replica"))


def test_a_paused_replay_is_seen_where_the_flush_is_not_behind(
    heart: Heart, replicas: dict[str, Server]
) -> None:
    replicas["postgres"].inside("psql", "-c", "SELECT pg_wal_replay_pause()")
    soon(lambda: heart.behind("postgres-replica"), "the replica falls behind")
    assert heart.reading("up", "postgres-replica") == 1
    heart.others_in_step("postgres-replica")
    replicas["postgres"].inside("psql", "-c", "SELECT pg_wal_replay_resume()")
    heart.wait_in_step("postgres-replica")


def test_a_standby_that_is_cut_off_is_seen_where_the_server_says_0(
    heart: Heart, postgres: Server, replicas: dict[str, Server]
) -> None:
    query = (
        "SELECT CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0"
        " ELSE extract(epoch FROM now() - pg_last_xact_replay_timestamp()) END"
    )
    settings = "ALTER SYSTEM SET primary_conninfo = 'host=nowhere user=replica'"
    standby = replicas["postgres"]
    before = standby.inside("psql", "-Atc", "SHOW primary_conninfo").strip().replace("'", "''")
    standby.inside("psql", "-c", settings, "-c", "SELECT pg_reload_conf()")
    soon(lambda: heart.behind("postgres-replica"), "the replica falls behind")
    assert float(standby.inside("psql", "-Atc", query)) == 0.0
    standby.inside(
        "psql", "-c", f"ALTER SYSTEM SET primary_conninfo = '{before}'", "-c", "SELECT pg_reload_conf()"
    )
    heart.wait_in_step("postgres-replica")
    assert postgres.container.status


def test_a_stopped_applier_is_seen(heart: Heart, replicas: dict[str, Server]) -> None:
    replicas["mysql"].inside("mysql", "-uroot", "-e", "STOP REPLICA SQL_THREAD")
    soon(lambda: heart.behind("mysql-replica"), "the replica falls behind")
    assert heart.reading("up", "mysql-replica") == 1
    replicas["mysql"].inside("mysql", "-uroot", "-e", "START REPLICA SQL_THREAD")
    heart.wait_in_step("mysql-replica")


@pytest.mark.parametrize("kind", ["postgres", "mysql", "redis"])
def test_a_replica_that_stands_still_is_down_and_ages_and_holds_nobody(
    kind: str, heart: Heart, replicas: dict[str, Server]
) -> None:
    node = f"{kind}-replica"
    with paused(replicas[kind]):
        soon(lambda: heart.reading("up", node) == 0, "it is seen to be down")
        soon(lambda: heart.behind(node), "and its heartbeat ages")
        heart.others_in_step(node)
    heart.wait_in_step(node)


def test_a_full_source_still_has_its_heart(heart: Heart, mysql: Server) -> None:
    with contextlib.ExitStack() as sessions:
        assert take_every_connection(mysql, sessions) == TOO_MANY_CONNECTIONS
        heart.server.container.restart(timeout=5)
        heart.wait_in_step("mysql", "mysql-replica")


def test_a_source_that_takes_no_writes_says_so(heart: Heart, mysql: Server) -> None:
    mysql.inside("mysql", "-uroot", "-e", "SET GLOBAL super_read_only = 1")
    soon(lambda: heart.reading("write_up", "mysql") == 0, "its writer fails")
    assert heart.reading("up", "mysql") == 1
    mysql.inside("mysql", "-uroot", "-e", "SET GLOBAL super_read_only = 0, GLOBAL read_only = 0")
    soon(lambda: heart.reading("write_up", "mysql") == 1, "and works again")

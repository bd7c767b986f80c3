"""What Redis holds: keys that end together, snapshots that fail, a replica that falls behind."""

import uuid

from faults.redis.mass_expiry import MassExpiry
from faults.redis.persistence_failing import PersistenceFailing
from faults.redis.replica_link_broken import ReplicaLinkBroken
from faults.wait import until
from tests.faults.laws import Case
from tests.faults.redis.server import PASSWORDS, Redis, primary, replica
from tests.faults.redis.shop import misses, signs_in, warm


def product_ends(server: Redis) -> str:
    """The cache misses products, now or in a moment."""
    if server.run("TTL", "product:1") > 3600:
        return misses(server)
    return until(lambda: misses(server) or None, what="the products end", timeout_s=30)


def open_folder(server: Redis) -> None:
    """An engineer on the machine gives the directory back, and has snapshots made until one succeeds."""
    server.container.exec("chmod", "700", "/data")

    def written() -> bool | None:
        server.error("BGSAVE", user="admin")  # refused while one is being made
        return server.target.info("persistence")["rdb_last_bgsave_status"] == "ok" or None

    until(written, what="a snapshot is written", timeout_s=30)


def link(server: Redis) -> str:
    """What the replica says of its link."""
    return server.target.info("replication")["master_link_status"]


def stale(server: Redis) -> str:
    """What is written on the primary is read on the replica, as long as it follows."""
    token = f"page:{uuid.uuid4().hex}"
    primary_of(server).run("SET", token, "1", "EX", 60)

    def seen() -> str | None:
        if server.run("EXISTS", token):
            return ""
        return f"stale: {refused_to(server)}" if link(server) == "down" else None

    return until(seen, what="the replica has it, or its link is down", timeout_s=30)


def refused_to(server: Redis) -> str:
    """What the primary refuses to whom, while the replica tries to follow it."""
    with primary_of(server).client("admin") as admin:
        admin.acl_log_reset()

        def noted() -> str | None:
            entries = admin.acl_log()
            assert isinstance(entries, list)
            return f"{entries[0]['reason']} of {entries[0]['username']}" if entries else None

        return until(noted, what="the primary refuses something", timeout_s=30)


def primary_of(server: Redis) -> Redis:
    """The replica's primary."""
    return Redis(server.engine, name=server.name.removesuffix("-2"), port=server.inner_port)


def follows(server: Redis) -> None:
    """Wait until the link is up."""
    until(lambda: link(server) == "up" or None, what=f"{server.name} follows", timeout_s=60)


def right_password(server: Redis) -> None:
    """An engineer gives the replica the password that the primary knows."""
    server.run("CONFIG", "SET", "masterauth", PASSWORDS["replica"], user="oncall")
    follows(server)


CASES = [
    Case(
        fault=MassExpiry(),
        server=primary,
        before=warm,
        felt=product_ends,
        expects="^all missed: expired$",
        by_hand=warm,
        or_itself=True,
        restart_ends=False,
    ),
    Case(
        fault=PersistenceFailing(),
        server=primary,
        felt=signs_in,
        expects="MISCONF",
        by_hand=open_folder,
        restart_ends=True,
        every_run=True,
    ),
    Case(
        fault=ReplicaLinkBroken(),
        server=replica,
        before=follows,
        felt=stale,
        expects="^stale: auth of replica$",
        by_hand=right_password,
        after=follows,
        restart_ends=True,
    ),
]

"""A primary and its streaming replica, and what is read on the one after it was written on the other."""

import time
import uuid

from faults.rebuild import find
from faults.wait import until
from tests.faults.postgres.server import ENVIRONMENT, Postgres
from tests.faults.servers import Spec, Yard

LOOKS, PAUSE_S = 10, 0.3
HOW_IT_STANDS = """
    SELECT coalesce((SELECT status FROM pg_stat_wal_receiver) = 'streaming', false),
           pg_get_wal_replay_pause_state(),
           (SELECT wait_event FROM pg_stat_activity WHERE backend_type = 'startup')
"""
REPLICA_PASSWORD = "replica's own: \\secret"
SHARED = {**ENVIRONMENT, "REPLICA_DB_PASSWORD": REPLICA_PASSWORD}
PRIMARY = Spec(image="postgres", name="leader", port=5432, environment={**SHARED, "WITH_REPLICA": "1"})
REPLICA = Spec(
    image="postgres",
    name="follower",
    port=5432,
    environment={**SHARED, "POSTGRES_ROLE": "replica", "PRIMARY_HOST": PRIMARY.name},
)


class Member(Postgres):
    """One of the two; faults are done to it."""

    @property
    def primary(self) -> Postgres:
        """The one that is written to."""
        return Postgres(self.engine, name=self._named(PRIMARY), port=PRIMARY.port)

    @property
    def replica(self) -> Postgres:
        """The one that follows."""
        return Postgres(self.engine, name=self._named(REPLICA), port=REPLICA.port)

    def _named(self, spec: Spec) -> str:
        return f"{self.name.rpartition('-')[0]}-{spec.name}"

    def rename(self) -> str:
        """A customer changes their name on the primary; to what."""
        name = f"Customer {uuid.uuid4().hex[:8]}"
        with self.primary.connect() as session:
            session.execute("UPDATE customers SET name = %s WHERE id = 1", (name,))
        return name

    def shown(self) -> str:
        """The name that the replica shows."""
        return str(self.replica.query("SELECT name FROM customers WHERE id = 1")[0][0])

    def why(self) -> str:
        """Whether the replica receives, whether it is to replay, and what its replay waits for."""

        def waits() -> str | None:
            receives, replay, event = self.replica.query(HOW_IT_STANDS, role="referee")[0]
            return f"{'receives' if receives else 'receives nothing'}, {replay}, {event}" if event else None

        return until(waits, what="replay waits for something", timeout_s=20, every_s=0.1)

    def in_sync(self) -> None:
        """Wait until what is written now can be read on the replica."""
        name = self.rename()
        until(lambda: self.shown() == name or None, what="the replica has caught up", timeout_s=60)

    def wait(self) -> None:
        """Wait until both serve."""
        for one in (self.primary, self.replica):
            one.wait()


def stale(member: Member) -> str:
    """A client writes on the primary, and looks on the replica again and again; what keeps the replica."""
    name = member.rename()
    for _ in range(LOOKS):
        if member.shown() == name:
            return ""
        time.sleep(PAUSE_S)
    return f"stale: {member.why()}"


def leader(yard: Yard) -> Member:
    """The primary of the pair, in sync."""
    return _pair(yard)[0]


def follower(yard: Yard) -> Member:
    """The replica of the pair, in sync."""
    return _pair(yard)[1]


def _pair(yard: Yard) -> tuple[Member, Member]:
    there = find(yard.engine, f"{yard.label}-{REPLICA.name}") is not None
    for spec in (PRIMARY, REPLICA):
        yard.get(Postgres, spec)
    first, second = (yard.get(Member, spec) for spec in (PRIMARY, REPLICA))
    if not there:
        second.in_sync()
    return first, second

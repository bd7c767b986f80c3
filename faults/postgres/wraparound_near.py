"""Transaction ids run out, and the vacuum that would free them waits for a lock."""

from dataclasses import dataclass
from typing import ClassVar

from faults import actors
from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import ForeignState
from faults.parameters import name, number
from faults.postgres import _offline
from faults.postgres._replication import require_unfollowed
from faults.postgres.server import PostgresServer

LIMIT = 2**31 - 1
RESERVED = 3_000_000
WARNED = 40_000_000
ADVANCE = """
segment=pg_xact/$(printf %04X $(($2 >> 20)))
[ -e "$segment" ] || { umask 077; head -c 262144 /dev/zero > "$segment"; }
pg_resetwal -e "$1" -x "$2" .
"""


@dataclass(frozen=True, kw_only=True)
class WraparoundNear(Checked):
    """The oldest row is two thousand million transactions old, and a job's lock keeps vacuum from it.

    Done by pg_resetwal while the server is stopped: replicas and archived WAL are of no use afterwards.
    """

    about: ClassVar[About] = About(
        id="postgres.wraparound_near",
        kind=Kind.POSTGRES,
        undo=Undo.REBUILD,
        touches=("files", "container"),
        see="max(age(datfrozenxid)) in pg_database; 'database is not accepting commands that assign new "
        "transaction IDs' (54000); pg_blocking_pids() of the autovacuum '(to prevent wraparound)' that waits",
        fix="end the session that holds the table's lock while autovacuum waits for it; no single-user mode, "
        "no VACUUM FULL",
        settle_s=30,
        instant=False,
    )

    left: int = number(
        0,
        low=0,
        high=30_000_000,
        unit="transactions",
        mild=10_000_000,
        severe=0,
        means="how many are left before the server refuses to write",
    )
    program: str = name("etl-nightly", means="application_name of the session that keeps vacuum away")
    role: str = name("shop", means="role that it signs in as")
    table: str = name("orders", means="table that it locks")

    def prepare(self, target: PostgresServer) -> Receipt:
        """Work out the transaction id to jump to."""
        _offline.prepare(target)
        target.login(self.role)
        (now, age), *_ = target.rows(
            "SELECT pg_snapshot_xmax(pg_current_snapshot()), (SELECT max(age(datfrozenxid)) FROM pg_database)"
        )
        wanted = int(now) - int(age) + LIMIT - RESERVED - self.left + 1
        if wanted <= int(now):
            raise ForeignState(f"{target.name} has fewer than {self.left} transactions left already")
        require_unfollowed(target)
        epoch, number = divmod(wanted, 2**32)
        return {
            "actor": actors.actor_name(target.container, self.program),
            "epoch": epoch,
            "xid": max(number, 3),
        }

    def inject(self, target: PostgresServer, receipt: Receipt) -> None:
        """Start the job, which comes back after the restart as its pool would; jump."""
        lock = f"LOCK TABLE {self.table} IN SHARE UPDATE EXCLUSIVE MODE"
        work = actors.Work(
            program=self.program,
            begin=["BEGIN", lock],
            loop=[f"SELECT max(id) FROM {self.table}"],
            pause_ms=1000,
            respawn=True,
        )
        actors.start(target.container, str(receipt["actor"]), target.login(self.role), work)
        _offline.while_stopped(target, ADVANCE, str(receipt["epoch"]), str(receipt["xid"]))

    def active(self, target: PostgresServer, receipt: Receipt) -> bool:
        """Whether some database is so old that the server warns, or refuses."""
        return target.true(f"(SELECT max(age(datfrozenxid)) FROM pg_database) > {LIMIT - RESERVED - WARNED}")

    def revert(self, target: PostgresServer, receipt: Receipt) -> None:
        """End the job; make the server anew, unless it is young again."""
        actors.stop(target.container, str(receipt["actor"]))
        damaged = not _offline.broken_off(target) and self.active(target, receipt)
        _offline.rebuild(target, damaged=damaged)

"""Transactions that look for a row, miss it and insert it lock the same gap and kill one another."""

from dataclasses import dataclass
from typing import ClassVar

from faults.actors import Work
from faults.core import About, Checked, Kind, Receipt, Undo
from faults.mysql import _sessions
from faults.mysql.server import MysqlServer
from faults.parameters import name, number

RECENT_S = 10


@dataclass(frozen=True, kw_only=True)
class GapLockDeadlocks(Checked):
    """`SELECT … FOR UPDATE` of orders not there yet, then `INSERT`: two hold one gap, two wait for it."""

    about: ClassVar[About] = About(
        id="mysql.gap_lock_deadlocks",
        kind=Kind.MYSQL,
        undo=Undo.INVERSE,
        touches=("traffic:stock_movements",),
        see="error 1213 at the clients; LATEST DETECTED DEADLOCK: both hold 'locks gap' or supremum and wait"
        " with 'insert intention'; performance_schema.events_errors_summary_by_user_by_error",
        fix="READ COMMITTED for these transactions (SET GLOBAL transaction_isolation counts for new sessions"
        " only), or insert first and look at the duplicate; a retry with jitter hides it",
    )

    program: str = name("order-import", means="program_name of the traffic")
    role: str = name("shop", means="role that it signs in as")
    sessions: int = number(
        6, low=2, high=64, unit="sessions", mild=4, severe=24, means="sessions that do it at once"
    )
    pause_ms: int = number(
        20, low=0, high=10_000, unit="ms", mild=200, severe=0, means="pause of each between two imports"
    )

    def prepare(self, target: MysqlServer) -> Receipt:
        """Choose the traffic's name; take the orders from beyond the last one."""
        last = target.value("SELECT COALESCE(MAX(order_id), 0) FROM stock_movements")
        actor = _sessions.free_name(target, self.program)
        return {"actor": actor, "program": self.program, "beyond": int(last) + 1_000_000}

    def inject(self, target: MysqlServer, receipt: Receipt) -> None:
        """Start the traffic: a dry run of an import, which leaves no row behind."""
        order = f"{receipt['beyond']} + {{random:0:1000}}"
        insert = (
            "INSERT INTO stock_movements (product_id, delta, order_id, reason)"
            f" VALUES ({{random:1:500}}, -1, {order}, 'sale')"
        )
        work = Work(
            program=self.program,
            sessions=self.sessions,
            loop=[
                "START TRANSACTION",
                f"SELECT id FROM stock_movements WHERE order_id = {order} FOR UPDATE",
                insert,
                "ROLLBACK",
            ],
            within_ms=5,
            pause_ms=self.pause_ms,
            respawn=True,
        )
        _sessions.begin(target, str(receipt["actor"]), self.role, work)

    def active(self, target: MysqlServer, receipt: Receipt) -> bool:
        """Whether one of the traffic's sessions was a deadlock's victim just now."""
        victim = (
            "EXISTS (SELECT * FROM performance_schema.events_errors_summary_by_thread_by_error e"
            " WHERE e.THREAD_ID = s.THREAD_ID AND e.ERROR_NUMBER = 1213"
            f" AND e.LAST_SEEN >= NOW() - INTERVAL {RECENT_S} SECOND)"
        )
        ours = _sessions.of(target, str(receipt["actor"]), str(receipt["program"]), victim)
        return target.true(ours)

    def revert(self, target: MysqlServer, receipt: Receipt) -> None:
        """Remove the traffic."""
        _sessions.end(target, str(receipt["actor"]), str(receipt["program"]))

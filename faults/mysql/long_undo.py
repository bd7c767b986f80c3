"""An old snapshot keeps every old version of every row."""

from dataclasses import dataclass
from typing import ClassVar

from faults.actors import Work
from faults.core import About, Checked, Kind, Receipt, Undo
from faults.mysql import _sessions
from faults.mysql.server import MysqlServer
from faults.parameters import name, number

LENGTH = "(SELECT COUNT FROM information_schema.INNODB_METRICS WHERE NAME = 'trx_rseg_history_len')"


@dataclass(frozen=True, kw_only=True)
class LongUndo(Checked):
    """A snapshot held open while rows come and go: nothing is purged, reads wade through what is deleted."""

    about: ClassVar[About] = About(
        id="mysql.long_undo",
        kind=Kind.MYSQL,
        undo=Undo.INVERSE,
        touches=("snapshot",),
        lasts="no",
        see="information_schema.INNODB_METRICS trx_rseg_history_len ('History list length') grows;"
        " information_schema.innodb_trx: the oldest trx_started, of a session asleep",
        fix="KILL the holder; purge then works the history off by itself. Never the writers: they roll back",
        settle_s=60.0,
        instant=False,
    )

    program: str = name("finance-export", means="program_name of the snapshot's holder")
    traffic: str = name("cart-holds", means="program_name of the sessions that make rows come and go")
    role: str = name("shop", means="role that both sign in as")
    product: int = number(1, low=1, high=500, means="product whose movements come and go")
    rows: int = number(
        1000, low=1, high=5000, unit="rows", mild=100, severe=2000, means="rows that come and go each time"
    )
    pause_ms: int = number(100, low=0, high=60_000, unit="ms", means="pause between two times")
    history: int = number(
        60,
        low=1,
        high=1_000_000,
        unit="transactions",
        means="how much longer the history has to be",
    )

    def prepare(self, target: MysqlServer) -> Receipt:
        """Choose the clients' names, remember how long the history is."""
        return {
            "before": int(target.value(f"SELECT {LENGTH}")),
            "holder": _sessions.free_name(target, self.program),
            "writer": _sessions.free_name(target, self.traffic),
        }

    def inject(self, target: MysqlServer, receipt: Receipt) -> None:
        """Start the holder, and once it has its snapshot, the traffic."""
        snapshot = ["START TRANSACTION WITH CONSISTENT SNAPSHOT", "SELECT COUNT(*) FROM stock"]
        work = Work(program=self.program, begin=snapshot)
        _sessions.begin(target, str(receipt["holder"]), self.role, work)
        target.wait_for(self._holds(target, receipt), what=f"{self.program} has its snapshot")
        come = (
            "INSERT INTO stock_movements (product_id, delta, reason)"
            f" SELECT {self.product}, 0, 'hold' FROM stock_movements LIMIT {self.rows}"
        )
        # By key from the first of them on: a reader's lock on the product's other rows is not wanted.
        go = (
            "DELETE FROM stock_movements WHERE id >= LAST_INSERT_ID()"
            f" AND product_id = {self.product} AND reason = 'hold'"
        )
        work = Work(
            program=self.traffic,
            loop=["START TRANSACTION", come, go, "COMMIT"],
            pause_ms=self.pause_ms,
            respawn=True,
        )
        _sessions.begin(target, str(receipt["writer"]), self.role, work)

    def active(self, target: MysqlServer, receipt: Receipt) -> bool:
        """Whether the snapshot is held, and a long history for it."""
        long = f"{LENGTH} >= {int(receipt['before']) + self.history}"
        return target.true(f"{long} AND {self._holds(target, receipt)}")

    def revert(self, target: MysqlServer, receipt: Receipt) -> None:
        """Remove both; the server purges."""
        _sessions.end(target, str(receipt["writer"]), self.traffic)
        _sessions.end(target, str(receipt["holder"]), self.program)

    def _holds(self, target: MysqlServer, receipt: Receipt) -> str:
        return _sessions.of(target, str(receipt["holder"]), self.program, _sessions.in_transaction())

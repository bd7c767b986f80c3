"""Everybody wants the same row, and whoever has it does other things before the commit."""

from dataclasses import dataclass
from typing import ClassVar

from faults.actors import Work
from faults.core import About, Checked, Kind, Receipt, Undo
from faults.parameters import choice, name, number
from faults.postgres import _sessions
from faults.postgres.server import PostgresServer


@dataclass(frozen=True, kw_only=True)
class HotRow(Checked):
    """Sessions lock one row in turn and keep the lock while they wait for something else: a queue forms."""

    about: ClassVar[About] = About(
        id="postgres.hot_row",
        kind=Kind.POSTGRES,
        undo=Undo.INVERSE,
        touches=("rows:{table}",),
        lasts="{comes_back}",
        see="wait events Lock/tuple and Lock/transactionid; pg_blocking_pids() names another one each time",
        fix="nothing slow between lock and commit; until then end the program's sessions. More workers only "
        "lengthen the queue",
    )

    program: str = name("inventory-sync", means="application_name of the sessions")
    role: str = name("dba", means="role that they sign in as; has to be allowed to write the table")
    table: str = name("products", means="table of the row")
    row: int = number(1, low=1, high=1_000_000, means="the row's id")
    sessions: int = number(
        16, low=3, high=80, unit="sessions", mild=4, severe=40, means="how many take turns"
    )
    hold_ms: int = number(
        300, low=5, high=60_000, unit="ms", mild=50, severe=2000, means="from the lock to the commit"
    )
    comes_back: str = choice("no", "no", "yes", means="whether a session that was ended is opened again")

    def prepare(self, target: PostgresServer) -> Receipt:
        """Choose the client's name."""
        return {"actor": _sessions.free_name(target, self.program)}

    def inject(self, target: PostgresServer, receipt: Receipt) -> None:
        """Start the client."""
        work = Work(
            program=self.program,
            sessions=self.sessions,
            loop=[f"SELECT * FROM {self.table} WHERE id = {self.row} FOR UPDATE"],
            within_ms=self.hold_ms,
            transaction=True,
            respawn=self.comes_back == "yes",
        )
        _sessions.begin(target, str(receipt["actor"]), self.role, work)
        target.wait_for(self._queue(target, receipt), what=f"sessions of {self.program} wait for each other")

    def active(self, target: PostgresServer, receipt: Receipt) -> bool:
        """Whether the program's sessions queue up."""
        return _sessions.seen(target, str(receipt["actor"]), self._queue(target, receipt))

    def revert(self, target: PostgresServer, receipt: Receipt) -> None:
        """Remove the client and its sessions."""
        _sessions.end(target, str(receipt["actor"]), self.program)

    def _queue(self, target: PostgresServer, receipt: Receipt) -> str:
        return _sessions.of(target, str(receipt["actor"]), self.program, "a.wait_event_type = 'Lock'")

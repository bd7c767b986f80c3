"""A client opens sessions and never gives them back."""

from dataclasses import dataclass
from typing import ClassVar

from faults.actors import Work
from faults.core import About, Checked, Kind, Receipt, Undo
from faults.parameters import choice, name, number
from faults.postgres import _sessions
from faults.postgres.server import PostgresServer

ORDINARY = (
    "current_setting('max_connections')::int - current_setting('reserved_connections')::int"
    " - current_setting('superuser_reserved_connections')::int"
)
USED = "(SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')"
SPARE = 4


@dataclass(frozen=True, kw_only=True)
class ConnectionsExhausted(Checked):
    """Sessions that do nothing take the server's slots until only the reserve is left."""

    about: ClassVar[About] = About(
        id="postgres.connections_exhausted",
        kind=Kind.POSTGRES,
        undo=Undo.INVERSE,
        touches=("connections",),
        lasts="{comes_back}",
        see="53300 at the client; pg_stat_activity by application_name, state and state_change",
        fix="pg_terminate_backend() of the program's sessions, its leak mended; a CONNECTION LIMIT for its "
        "role; idle_session_timeout. max_connections needs a restart, and a replica's first",
        settle_s=30.0,
    )

    program: str = name("report-export", means="application_name of the sessions")
    role: str = name("shop", means="role that they sign in as")
    state: str = choice("idle", "idle", "idle in transaction", means="what they are left in")
    sessions: int = number(
        0, low=0, high=500, unit="sessions", mild=40, severe=0, means="how many; 0: all that are not reserved"
    )
    comes_back: str = choice("no", "no", "yes", means="whether a session that was ended is opened again")

    def prepare(self, target: PostgresServer) -> Receipt:
        """Count the slots that are free and not reserved; a few more are asked for, as others come and go."""
        free = int(target.value(f"SELECT {ORDINARY} - {USED}"))
        return {"actor": _sessions.free_name(target, self.program), "wanted": self.sessions or free + SPARE}

    def inject(self, target: PostgresServer, receipt: Receipt) -> None:
        """Open them, and see the slots gone."""
        wanted = int(receipt["wanted"])
        work = Work(
            program=self.program,
            sessions=wanted,
            begin=["SELECT count(*) FROM products"],
            transaction=self.state == "idle in transaction",
            respawn=self.comes_back == "yes",
        )
        _sessions.begin(target, str(receipt["actor"]), self.role, work)
        target.wait_for(
            f"{USED} >= {ORDINARY} OR {self._held(target, receipt)} >= {wanted}",
            what=f"{wanted} sessions of {self.program}",
        )

    def active(self, target: PostgresServer, receipt: Receipt) -> bool:
        """Whether the slots are short, and the program holds many: more than a third of what it wanted.

        The application has others, some of which may come and go. Where a number was asked for, the leak is
        the damage, be there slots left or not.
        """
        held = f"{self._held(target, receipt)} * 3 > {int(receipt['wanted'])}"
        short = "true" if self.sessions else f"{USED} >= {ORDINARY} - {SPARE}"
        return _sessions.seen(target, str(receipt["actor"]), f"{held} AND {short}")

    def revert(self, target: PostgresServer, receipt: Receipt) -> None:
        """Remove the client and its sessions."""
        _sessions.end(target, str(receipt["actor"]), self.program)

    def _held(self, target: PostgresServer, receipt: Receipt) -> str:
        return _sessions.count(target, str(receipt["actor"]), self.program)

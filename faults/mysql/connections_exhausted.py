"""No connection is left for the application."""

from dataclasses import dataclass
from typing import ClassVar

from faults.actors import Work
from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import NotReached
from faults.mysql import _sessions
from faults.mysql import _variables as variables
from faults.mysql.server import MysqlServer
from faults.parameters import choice, name, number

LIMIT = "max_connections"
TAKEN = (
    "(SELECT VARIABLE_VALUE FROM performance_schema.global_status WHERE VARIABLE_NAME = 'Threads_connected')"
)
SPARE = 4


@dataclass(frozen=True, kw_only=True)
class ConnectionsExhausted(Checked):
    """Sessions that do nothing take every slot (a leak), or the number of slots is set too low (a limit)."""

    about: ClassVar[About] = About(
        id="mysql.connections_exhausted",
        kind=Kind.MYSQL,
        undo=Undo.INVERSE,
        touches=("connections",),
        lasts="perhaps",
        see="error 1040; Threads_connected beside max_connections, Connection_errors_max_connections;"
        " the process list by program and time asleep",
        fix="KILL the program's sessions and mend its leak; max_connections can be raised online. One slot is"
        " kept for CONNECTION_ADMIN, the port 33062 for those with SERVICE_CONNECTION_ADMIN",
        settle_s=40.0,
    )

    cause: str = choice("leak", "leak", "limit", means="sessions take all slots, or there are few slots")
    program: str = name("report-export", means="program_name of the leaked sessions")
    role: str = name("shop", means="role that they sign in as")
    sessions: int = number(
        0, low=0, high=2000, unit="sessions", mild=100, severe=0, means="leaked sessions; 0: every slot"
    )
    comes_back: str = choice("no", "no", "yes", means="whether a session that was ended is opened again")
    limit: int = number(
        10, low=1, high=1000, unit="slots", means="number of slots where the limit is the cause"
    )
    persist: str = variables.persist("no")

    def prepare(self, target: MysqlServer) -> Receipt:
        """Count the slots, or remember their number."""
        if self.cause == "limit":
            return {"cause": self.cause, **variables.remember(target, {LIMIT: str(self.limit)})}
        wanted = self.sessions or int(variables.now(target, LIMIT))
        actor = _sessions.free_name(target, self.program)
        return {"cause": self.cause, "actor": actor, "program": self.program, "wanted": wanted}

    def inject(self, target: MysqlServer, receipt: Receipt) -> None:
        """Open the sessions, or lower the limit."""
        if self.cause == "limit":
            variables.put(target, LIMIT, str(receipt[LIMIT]), self.persist)
            return
        back = self.comes_back == "yes"
        work = Work(
            program=self.program,
            sessions=int(receipt["wanted"]),
            begin=["SELECT COUNT(*) FROM products"],
            loop=["DO 1"] if back else [],  # an idle client would not see its session end
            pause_ms=2000,
            respawn=back,
        )
        _sessions.begin(target, str(receipt["actor"]), self.role, work)
        target.wait_for(
            f"{TAKEN} > @@GLOBAL.{LIMIT} OR {_held(target, receipt)} >= {int(receipt['wanted'])}",
            what=f"sessions of {self.program} take the slots",
            timeout_s=90,
        )

    def active(self, target: MysqlServer, receipt: Receipt) -> bool:
        """Whether the slots are short and the program holds many, or the limit is as low as it was set.

        Many are a third of what it wanted: the application has others, some of which may come and go. Where
        a number was asked for, the leak is the damage, be there slots left or not.
        """
        if receipt["cause"] == "limit":
            return variables.held(target, receipt, LIMIT)
        try:
            short = "TRUE" if self.sessions else f"{TAKEN} + {SPARE} > @@GLOBAL.{LIMIT}"
            held = f"{_held(target, receipt)} * 3 > {int(receipt['wanted'])}"
            return _sessions.seen(target, str(receipt["actor"]), f"{held} AND {short}")
        except NotReached:  # even the superuser's slot is taken
            return True

    def revert(self, target: MysqlServer, receipt: Receipt) -> None:
        """Remove the client and its sessions, or give the limit back."""
        if receipt["cause"] == "limit":
            variables.give_back(target, receipt, LIMIT)
        else:
            _sessions.end(target, str(receipt["actor"]), str(receipt["program"]))


def _held(target: MysqlServer, receipt: Receipt) -> str:
    return _sessions.count(target, str(receipt["actor"]), str(receipt["program"]))

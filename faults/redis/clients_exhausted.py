"""A program opens connections and keeps them, until there are no more."""

from dataclasses import dataclass
from typing import ClassVar

from faults.actors import Work
from faults.core import About, Checked, Kind, Receipt, Undo
from faults.parameters import name, number
from faults.redis import _settings, _traffic
from faults.redis.server import RedisServer
from faults.wait import until

REFUSED = "max number of clients reached"


@dataclass(frozen=True, kw_only=True)
class ClientsExhausted(Checked):
    """Idle connections up to `maxclients`: who comes now is refused, the administrator as well.

    Redis keeps no slot for those on call: whoever is connected already can still act.
    """

    about: ClassVar[About] = About(
        id="redis.clients_exhausted",
        kind=Kind.REDIS,
        undo=Undo.INVERSE,
        touches=("setting:maxclients", "answers"),
        lasts="no",
        see="INFO: connected_clients at maxclients, rejected_connections; CLIENT LIST by name",
        fix="roll the leaking program back; from an open connection CONFIG SET maxclients, CLIENT KILL",
        settle_s=60.0,
    )

    limit: int = number(
        60, low=10, high=1000, unit="clients", mild=300, severe=20, means="what maxclients is lowered to"
    )
    program: str = name("cart-sync", means="name of the connections")
    user: str = name("shop", means="user that they sign in as")

    def prepare(self, target: RedisServer) -> Receipt:
        """Remember the limit; it is never raised."""
        limit = min(self.limit, int(target.settings("maxclients")["maxclients"]))
        return {
            **_settings.remember(target, {"maxclients": str(limit)}),
            **_traffic.named(target, self.program),
        }

    def inject(self, target: RedisServer, receipt: Receipt) -> None:
        """Lower the limit, then let them come."""
        _settings.apply(target, receipt)
        sessions = int(receipt[_settings.OURS + "maxclients"])
        work = Work(program=self.program, sessions=sessions, loop=["PING"], pause_ms=1000, respawn=True)
        _traffic.begin(target, receipt, self.user, work)

    def active(self, target: RedisServer, receipt: Receipt) -> bool:
        """Whether we are refused, or have just taken the last place."""
        said = target.answer("INFO", "clients")
        if said.exit_code:
            return REFUSED in said.text
        info = dict(line.split(":", 1) for line in said.text.split() if ":" in line)
        return int(info["connected_clients"]) >= int(info["maxclients"])

    def revert(self, target: RedisServer, receipt: Receipt) -> None:
        """Remove them first, for we are refused as well, then give the limit back."""
        _traffic.end(target, receipt)
        until(
            lambda: None if REFUSED in target.answer("PING").text else True,
            what=f"{target.name} lets clients in",
            timeout_s=20,
        )
        _settings.restore(target, receipt)

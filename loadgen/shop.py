"""What every journey needs at hand."""

from collections.abc import Callable
from dataclasses import dataclass, field

from loadgen.answers import Client
from loadgen.ledger import Ledger
from loadgen.schedule import Arrival
from loadgen.sessions import Sessions
from loadgen.shelves import Shelves
from loadgen.words import Outcome


@dataclass(frozen=True, kw_only=True)
class Shop:
    """The shop as a visitor sees it, and the visitors' own memory.

    *boot* tells this start of the load from others: emails and idempotency keys must never come twice.
    """

    client: Client
    sessions: Sessions
    ledger: Ledger
    customers: int
    boot: str
    shelves: Shelves = field(default_factory=Shelves)

    def name(self, arrival: Arrival) -> str:
        """A name that no other arrival has, in this start of the load or another."""
        stream = f"{arrival.stream}-" if arrival.stream else ""
        return f"{self.boot}-{stream}{arrival.n}"


Journey = Callable[[Shop, Arrival], Outcome]

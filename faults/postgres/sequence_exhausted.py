"""The numbers of a table's rows come to an end."""

from dataclasses import dataclass
from typing import ClassVar

from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import NoTarget
from faults.parameters import name, number
from faults.postgres.server import PostgresServer, quoted

UNDER_WAY = 10_000
"""So many rows may be written between prepare and inject."""


@dataclass(frozen=True, kw_only=True)
class SequenceExhausted(Checked):
    """`ALTER SEQUENCE … MAXVALUE` where the sequence stands: the next insert gets no number."""

    about: ClassVar[About] = About(
        id="postgres.sequence_exhausted",
        kind=Kind.POSTGRES,
        undo=Undo.INVERSE,
        touches=("sequence:{table}.{column}",),
        see="2200H at the client; pg_sequences: last_value and max_value",
        fix="ALTER SEQUENCE … NO MAXVALUE (the column's type has to hold it). Neither CYCLE nor a lower "
        "setval(): they give numbers twice",
    )

    table: str = name("orders", means="table of the identity column")
    column: str = name("id", means="the column")
    left: int = number(
        0, low=0, high=1_000_000, unit="numbers", mild=500, severe=0, means="how many are left"
    )

    def prepare(self, target: PostgresServer) -> Receipt:
        """Remember the sequence, its limit and where it stands."""
        found = target.rows(
            "SELECT seqrelid::regclass::text, seqmax FROM pg_sequence WHERE seqrelid ="
            f" pg_get_serial_sequence({quoted(self.table)}, {quoted(self.column)})::regclass"
        )
        if not found:
            raise NoTarget(f"{self.table}.{self.column} on {target.name} has no sequence")
        sequence, limit = found[0]
        last = target.value(f"SELECT last_value FROM {sequence}")
        return {"sequence": sequence, "limit": int(limit), "last": int(last)}

    def inject(self, target: PostgresServer, receipt: Receipt) -> None:
        """Set the limit to where it stands now; a sequence that gave no number yet gives its first away."""
        sequence = str(receipt["sequence"])
        target.run(
            f"DO $$ BEGIN IF NOT (SELECT is_called FROM {sequence}) THEN"
            f" PERFORM nextval('{sequence}'); END IF;"
            f" EXECUTE format('ALTER SEQUENCE {sequence} MAXVALUE %s',"
            f" (SELECT last_value + {self.left} FROM {sequence})); END $$"
        )

    def active(self, target: PostgresServer, receipt: Receipt) -> bool:
        """Whether our limit is there and no more numbers than we left come before it."""
        sequence = str(receipt["sequence"])
        return target.true(
            f"{self._ours(receipt)} AND (SELECT last_value + {self.left} FROM {sequence})"
            f" >= (SELECT seqmax FROM pg_sequence WHERE seqrelid = '{sequence}'::regclass)"
        )

    def revert(self, target: PostgresServer, receipt: Receipt) -> None:
        """Set the old limit again, unless a person has set another."""
        if target.true(self._ours(receipt)):
            target.run(f"ALTER SEQUENCE {receipt['sequence']} MAXVALUE {receipt['limit']}")

    def _ours(self, receipt: Receipt) -> str:
        lowest = int(receipt["last"]) + self.left
        return (
            f"EXISTS (SELECT FROM pg_sequence WHERE seqrelid = '{receipt['sequence']}'::regclass"
            f" AND seqmax BETWEEN {lowest} AND {lowest + UNDER_WAY} AND seqmax < {receipt['limit']})"
        )

"""A replication slot keeps WAL for a consumer that never comes."""

from dataclasses import dataclass
from typing import ClassVar

from faults import tags
from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import ForeignState, MissingCapability
from faults.parameters import name, number
from faults.postgres._replication import require_primary
from faults.postgres.server import PostgresServer, quoted


@dataclass(frozen=True, kw_only=True)
class AbandonedSlot(Checked):
    """A physical slot without a consumer: no checkpoint removes WAL any more."""

    about: ClassVar[About] = About(
        id="postgres.abandoned_slot",
        kind=Kind.POSTGRES,
        undo=Undo.INVERSE,
        touches=("slot:{slot}",),
        see="pg_replication_slots: active = f, inactive_since, restart_lsn far behind; pg_ls_waldir() grows",
        fix="pg_drop_replication_slot of this one (not of the replica's), CHECKPOINT; then "
        "max_slot_wal_keep_size as a guard",
    )

    slot: str = name("barman", means="what the slot's name begins with", pattern=r"[a-z0-9_]{1,54}")
    segments: int = number(
        4, low=0, high=64, unit="segments", mild=1, severe=40, means="WAL that it holds back at once"
    )

    def prepare(self, target: PostgresServer) -> Receipt:
        """Look for room for one more slot."""
        require_primary(target)
        if target.true(f"EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = {quoted(self.slot)})"):
            raise ForeignState(f"{target.name} has a replication slot {self.slot} already")
        if target.true(
            "current_setting('wal_level') = 'minimal' OR (SELECT count(*) FROM pg_replication_slots)"
            " >= current_setting('max_replication_slots')::int"
        ):
            raise MissingCapability(f"{target.name} has no replication slot to spare")
        return {"slot": f"{self.slot}_{tags.random_part()}"}

    def inject(self, target: PostgresServer, receipt: Receipt) -> None:
        """Create it, and move the WAL on."""
        target.run(
            "DO $$ BEGIN"
            f" PERFORM pg_create_physical_replication_slot({quoted(str(receipt['slot']))}, true);"
            f" FOR i IN 1..{self.segments} LOOP"
            "  PERFORM pg_logical_emit_message(false, '', ''), pg_switch_wal();"
            " END LOOP; END $$"
        )

    def active(self, target: PostgresServer, receipt: Receipt) -> bool:
        """Whether it holds WAL back, and nobody consumes it."""
        return target.true(
            f"EXISTS (SELECT FROM pg_replication_slots WHERE {_is_it(receipt)}"
            " AND NOT active AND restart_lsn IS NOT NULL AND wal_status <> 'lost')"
        )

    def revert(self, target: PostgresServer, receipt: Receipt) -> str:
        """Drop it, unless somebody has begun to consume it."""
        found = target.rows(
            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
            f" WHERE {_is_it(receipt)} AND NOT active",
            f"SELECT active_pid FROM pg_replication_slots WHERE {_is_it(receipt)}",
        )
        consumed = [row for row in found if row[0]]
        if not consumed:
            return ""
        return f"left alone, as process {consumed[0][0]} consumes it: slot {receipt['slot']}"


def _is_it(receipt: Receipt) -> str:
    return f"slot_name = {quoted(str(receipt['slot']))}"

"""A page of a table is damaged on disk."""

from dataclasses import dataclass
from typing import ClassVar

from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import ExecFailed, ForeignState, MissingCapability, NoTarget
from faults.parameters import name, number
from faults.postgres import _offline
from faults.postgres._replication import require_unfollowed
from faults.postgres.server import PostgresServer, quoted

PAGE_BYTES = 8192
PAGES_OF_A_FILE = 131072
BAD_PAGE = "invalid page in block"
# Into the page's last rows, away from its header.
OVERWRITE = r"printf '\336\255\276\357' | dd of=./$1 bs=1 seek=$2 conv=notrunc status=none"


@dataclass(frozen=True, kw_only=True)
class PageCorrupted(Checked):
    """Four bytes of one page are overwritten while the server is stopped: who reads the page gets XX001."""

    about: ClassVar[About] = About(
        id="postgres.page_corrupted",
        kind=Kind.POSTGRES,
        undo=Undo.REBUILD,
        touches=("files", "container"),
        see="the log: page verification failed, invalid page in block … (XX001); "
        "pg_stat_database.checksum_failures; pg_checksums --check while stopped",
        fix="rebuild the table without the page and put its rows back from a backup or the replica; "
        "zero_damaged_pages alone drops them without a word",
        settle_s=30,
        instant=False,
        one_strength="one page is as unreadable as another; the number is where it lies",
    )

    table: str = name("orders", means="table that is damaged")
    block: int = number(3, low=0, high=PAGES_OF_A_FILE - 1, means="number of the page")

    def prepare(self, target: PostgresServer) -> Receipt:
        """Find the page's file, and rows in it."""
        _offline.prepare(target)
        if not target.true("current_setting('data_checksums') = 'on'"):
            raise MissingCapability(f"{target.name} has no data checksums: it would not see the damage")
        file = target.value(f"SELECT pg_relation_filepath(to_regclass({quoted(self.table)}))")
        if not file:
            raise NoTarget(f"{target.name} has no table {self.table}")
        rows = int(target.value(self._rows))
        if not rows:
            raise ForeignState(f"{target.name}: page {self.block} of {self.table} holds no rows")
        require_unfollowed(target)
        return {"file": file, "rows": rows}

    def inject(self, target: PostgresServer, receipt: Receipt) -> None:
        """Stop the server, overwrite, start it."""
        offset = (self.block + 1) * PAGE_BYTES - 16
        _offline.while_stopped(target, OVERWRITE, str(receipt["file"]), str(offset))

    def active(self, target: PostgresServer, receipt: Receipt) -> bool:
        """Whether the page cannot be read."""
        try:
            target.value(self._rows)
        except ExecFailed as error:
            if BAD_PAGE in str(error):
                return True
            raise
        return False

    def revert(self, target: PostgresServer, receipt: Receipt) -> None:
        """Make the server anew, unless the page can be read and nothing was broken off."""
        damaged = not _offline.broken_off(target) and self.active(target, receipt)
        _offline.rebuild(target, damaged=damaged)

    @property
    def _rows(self) -> str:
        first, past = quoted(f"({self.block},0)"), quoted(f"({self.block + 1},0)")
        return f"SELECT count(*) FROM {self.table} WHERE ctid >= {first} AND ctid < {past}"

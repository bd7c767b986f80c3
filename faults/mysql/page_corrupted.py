"""The disk gave back other bytes than it was given."""

import base64
import contextlib
import struct
from dataclasses import dataclass
from typing import ClassVar

from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import ExecFailed, ForeignState, NoTarget
from faults.mysql._replication import require_unfollowed
from faults.mysql.server import MysqlServer, quoted
from faults.parameters import name, number

INDEX_PAGE = 0x45BF
BROKEN_AT = 8000
"""Where in the page: amid its records."""
EXTENT_PAGES = 64


@dataclass(frozen=True, kw_only=True)
class PageCorrupted(Checked):
    """Four bytes of a table's file are inverted: the server aborts when it reads that page."""

    about: ClassVar[About] = About(
        id="mysql.page_corrupted",
        kind=Kind.MYSQL,
        undo=Undo.REBUILD,
        touches=("file:{table}", "container"),
        see="[FATAL] … Unable to read page, or an assertion, as the last lines of the log; each start goes"
        " well until the page is read; innochecksum of the .ibd names the page",
        fix="fail over to a healthy server and make this one anew from it (CLONE, a backup and the binary"
        " logs); else the table from a backup. innodb_force_recovery only to read what is left",
        settle_s=60.0,
        instant=False,
        takes_down=True,
        one_strength="one page is as unreadable as another; the number is where it lies",
    )

    table: str = name("stock_movements", means="table whose page it is")
    part: float = number(
        0.2, low=0.0, high=0.9, unit="of the file", means="where in the file the page is looked for"
    )

    def prepare(self, target: MysqlServer) -> Receipt:
        """Choose a leaf of the clustered index, and remember its four bytes."""
        folder, size, bytes_all = self._file(target)
        path = f"{folder}{target.database}/{self.table}.ibd"
        primary = int(
            target.value(
                "SELECT i.INDEX_ID FROM information_schema.INNODB_INDEXES i"
                " JOIN information_schema.INNODB_TABLES t USING (TABLE_ID)"
                f" WHERE t.NAME = CONCAT(DATABASE(), '/', {quoted(self.table)}) AND i.NAME = 'PRIMARY'"
            )
        )
        pages = bytes_all // size
        first = int(pages * self.part)
        # An extent belongs to one index, and the next ones may belong to others: look on, and around the end.
        for begin in (*range(first, pages, EXTENT_PAGES), *range(0, first, EXTENT_PAGES)):
            raw = _read(target, path, begin * size, EXTENT_PAGES * size)
            for n in range(len(raw) // size):
                page = raw[n * size : (n + 1) * size]
                if _is_leaf(page, primary):
                    require_unfollowed(target)
                    return _receipt(path, (begin + n) * size + BROKEN_AT, page[BROKEN_AT : BROKEN_AT + 4])
        raise ForeignState(f"{target.name}: no page of {path} is a leaf of the table")

    def inject(self, target: MysqlServer, receipt: Receipt) -> None:
        """Write the bytes; restart the server, which has the page in memory still."""
        octal = "".join(f"\\{byte:03o}" for byte in bytes.fromhex(str(receipt["now"])))
        write = f"dd of='{receipt['path']}' bs=1 seek={receipt['at']} conv=notrunc,fsync"
        target.container.exec("sh", "-c", f"printf '{octal}' | {write}", user="mysql")
        target.container.act("restart", timeout=60)

    def active(self, target: MysqlServer, receipt: Receipt) -> bool:
        """Whether the bytes are there, on the disk of a server that they may have brought down."""
        path, at = str(receipt["path"]), int(receipt["at"])
        if target.container.running:
            with contextlib.suppress(ExecFailed):  # the file is gone, or the server goes down at this moment
                return _read(target, path, at, 4).hex() == receipt["now"]
        try:
            found = target.container.read_file(path, at=at, length=4).content
        except NoTarget:
            return False
        return found.hex() == receipt["now"]

    def revert(self, target: MysqlServer, receipt: Receipt) -> None:
        """Make the server anew from its image, unless the table is whole again."""
        if self.active(target, receipt):
            target.container.rebuild()
        elif not target.container.running:
            target.container.act("start")

    def _file(self, target: MysqlServer) -> tuple[str, int, int]:
        found = target.rows(
            "SELECT @@datadir, PAGE_SIZE, FILE_SIZE FROM information_schema.INNODB_TABLESPACES"
            f" WHERE NAME = CONCAT(DATABASE(), '/', {quoted(self.table)})"
        )
        if not found:
            raise ForeignState(f"{target.name} has no table {self.table} with a file of its own")
        return found[0][0], int(found[0][1]), int(found[0][2])


def _is_leaf(page: bytes, index_id: int) -> bool:
    kind, (level, index) = struct.unpack_from(">H", page, 24)[0], struct.unpack_from(">HQ", page, 64)
    return (kind, level, index) == (INDEX_PAGE, 0, index_id)


def _receipt(path: str, at: int, was: bytes) -> Receipt:
    return {"path": path, "at": at, "was": was.hex(), "now": bytes(byte ^ 0xFF for byte in was).hex()}


def _read(target: MysqlServer, path: str, at: int, length: int) -> bytes:
    """Bytes of a file inside the container."""
    script = f"tail -c +{at + 1} '{path}' | head -c {length} | base64 -w 0"
    said = target.container.exec("sh", "-c", f"test -e '{path}' && {script}", user="mysql", reads=True)
    return base64.b64decode(said.text)

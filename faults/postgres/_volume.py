"""A volume of the server that is full of a file that is none of the server's."""

from faults import ballast
from faults.core import Receipt
from faults.errors import ExecFailed
from faults.postgres.server import PostgresServer
from faults.wait import until

SHORT_BYTES = 16 * 1024**2
"""One WAL segment: with less than this the server cannot go on writing for long."""


def prepare(target: PostgresServer, folder: str, file: str) -> dict[str, str | int | float]:
    """Look at the volume that *folder* (of the data directory) lies on; MissingCapability if not capped."""
    path = f"{target.value('SHOW data_directory')}/{folder}"
    return ballast.prepared(target.container, path, file)


def full(target: PostgresServer, receipt: Receipt) -> bool:
    """Whether the volume of a server that runs is short of room with the file on it."""
    if not ballast.present(target.container, receipt):
        return False
    return ballast.room(target.container, str(receipt["file"])).free_bytes < SHORT_BYTES


def clear(target: PostgresServer, receipt: Receipt) -> str:
    """Remove the file if it is ours, and see the server serve: where it is down, or going down, start it."""
    left = ballast.remove(target.container, receipt)
    until(lambda: _serves(target) or None, what=f"{target.name} serves", timeout_s=60, ignore=(ExecFailed,))
    return left


def _serves(target: PostgresServer) -> bool:
    if not target.container.running:
        target.container.act("start")
    return target.true("true")

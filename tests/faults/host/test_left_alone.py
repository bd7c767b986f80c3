"""What somebody else made under the same name survives an undo, which says so; who is down is not damaged."""

import pytest

from faults.beside import run_beside
from faults.errors import ForeignState
from faults.host.disk_filled import DiskFilled
from faults.lifecycle import inject, revert
from faults.store import Store
from tests.faults.host.box import box
from tests.faults.host.cases_host import serves
from tests.faults.servers import Yard

pytestmark = pytest.mark.docker

FILE = "/data/export-old.tar"


def test_a_file(yard: Yard, store: Store) -> None:
    server = box(yard)
    serves(server)
    target, fault = server.container, DiskFilled()
    record = inject(fault, target, store)
    target.exec("sh", "-c", f"rm {FILE}; echo precious > {FILE}")
    try:
        assert not fault.active(target, record.receipt)
        left = revert(fault, target, store, record).left
        assert left == f"left alone, as somebody else's: file {FILE} of {server.name}"
        assert target.exec("cat", FILE).text == "precious\n"
        with pytest.raises(ForeignState, match=f"{FILE} is there already"):
            inject(fault, target, store)
    finally:
        target.exec("rm", "-f", FILE)


def test_a_container_that_is_merely_down_has_no_full_disk(yard: Yard, store: Store) -> None:
    server = box(yard)
    serves(server)
    target, fault = server.container, DiskFilled()
    record = inject(fault, target, store)
    try:
        target.act("kill")
        assert fault.active(target, record.receipt), "what is down has not got rid of it"
        run_beside(target, "rm", FILE)
        assert not fault.active(target, record.receipt)
        assert not target.running
    finally:
        revert(fault, target, store, record)
    serves(server)

"""Who only stops a server imitates none of the faults that stop none, or that leave traces on its disk."""

import contextlib
from collections.abc import Callable
from typing import Any

import pytest

from faults.errors import FaultError
from faults.mysql import page_corrupted as mysql_page
from faults.postgres.data_volume_filled import DataVolumeFilled
from faults.postgres.page_corrupted import PageCorrupted
from faults.postgres.wraparound_near import WraparoundNear
from tests.faults.mysql.server import lone
from tests.faults.postgres.volumes import capped, spare
from tests.faults.servers import Server, Yard

pytestmark = pytest.mark.docker

FAULTS: list[tuple[Callable[[Yard], Server], Any]] = [
    (capped, DataVolumeFilled()),
    (spare, PageCorrupted()),
    (spare, WraparoundNear()),
    (lone, mysql_page.PageCorrupted()),
]


@pytest.mark.parametrize(("get", "fault"), FAULTS, ids=[fault.about.id for _, fault in FAULTS])
def test_a_server_that_is_down_is_not_taken_for(
    yard: Yard, get: Callable[[Yard], Server], fault: Any
) -> None:
    """What cannot be asked is unknown: an error of ours, as of any fault."""
    server = get(yard)
    receipt = fault.prepare(server.target)
    container = server.engine.containers.get(server.name)
    container.stop(timeout=30)
    try:
        with contextlib.suppress(FaultError):
            assert not fault.active(server.target, receipt)
    finally:
        container.start()
        server.wait()

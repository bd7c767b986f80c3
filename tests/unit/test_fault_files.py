"""A part of a file inside a container, of one that is down too."""

import io
import tarfile
from collections.abc import Iterator
from typing import Any

import pytest

from faults.container import Container

CONTENT = bytes(range(256)) * 40_000
PIECE = 1_000_003


class Engine:
    """One container with one file, which it gives away in pieces."""

    name = id = "db"

    def __init__(self) -> None:
        self.containers = self
        self.given = 0
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as tar:
            entry = tarfile.TarInfo("table.ibd")
            entry.size, entry.mode, entry.uid = len(CONTENT), 0o640, 999
            tar.addfile(entry, io.BytesIO(CONTENT))
        self.packed = packed.getvalue()

    def get(self, _: str) -> "Engine":
        return self

    def get_archive(self, _: str) -> tuple[Iterator[bytes], dict[str, Any]]:
        return self.pieces(), {}

    def pieces(self) -> Iterator[bytes]:
        for at in range(0, len(self.packed), PIECE):
            self.given += 1
            yield self.packed[at : at + PIECE]


@pytest.mark.parametrize("at", [0, 7, PIECE - 514, 3_000_123, len(CONTENT) - 2, len(CONTENT) + 9])
def test_a_part_is_what_lies_there(at: int) -> None:
    engine: Any = Engine()
    assert Container(engine, "db").read_file("/table.ibd", at=at, length=4).content == CONTENT[at : at + 4]


def test_what_comes_after_it_is_not_asked_for() -> None:
    engine: Any = Engine()
    Container(engine, "db").read_file("/table.ibd", at=PIECE, length=4)
    assert engine.given == 2


def test_all_of_it_with_whose_it_is() -> None:
    engine: Any = Engine()
    found = Container(engine, "db").read_file("/table.ibd")
    assert (found.content, found.mode, found.uid) == (CONTENT, 0o640, 999)

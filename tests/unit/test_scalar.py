"""A query is a reading where it answers one number and nothing else."""

import socket
from collections.abc import Sequence
from decimal import Decimal

import pytest

from lab.referee.database import Database, number_in
from lab.referee.errors import SampleError


@pytest.mark.parametrize(
    ("rows", "value"), [([(3,)], 3.0), ([(Decimal("0.5"),)], 0.5), ([(True,)], 1.0), ([(2.5,)], 2.5)]
)
def test_one_number_is_read(rows: Sequence[Sequence[object]], value: float) -> None:
    assert number_in(rows) == value


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([], "answered no row, wanted one number"),
        ([(1,), (2,)], "2 rows of 1 columns, wanted one number"),
        ([(1, 2)], "1 rows of 2 columns, wanted one number"),
        ([(None,)], "answered NULL, wanted a number"),
        ([("many",)], "answered str, wanted a number"),
    ],
)
def test_anything_else_is_missing_and_says_why(rows: Sequence[Sequence[object]], why: str) -> None:
    with pytest.raises(SampleError, match=why):
        number_in(rows)


def test_a_server_that_does_not_answer_leaves_it_missing() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # bound and not listening: nobody else gets the port, and nobody answers
        database = Database(f"host=127.0.0.1 port={held.getsockname()[1]} user=referee connect_timeout=3")
        with pytest.raises(SampleError, match="PostgreSQL, as role referee"):
            database.scalar("select 1")

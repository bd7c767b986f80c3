"""What a fault needs of a server and does not find is said, and nothing but questions was put to it."""

from collections.abc import Mapping
from typing import Any, cast

import pytest

from faults.container import Output
from faults.core import Fault
from faults.errors import MissingCapability
from faults.postgres.abandoned_slot import AbandonedSlot
from faults.postgres.archive_failing import ArchiveFailing
from faults.postgres.page_corrupted import PageCorrupted
from faults.postgres.prepared_transaction import PreparedTransaction
from faults.postgres.replay_blocked_by_query import ReplayBlockedByQuery
from faults.postgres.server import SEPARATOR, PostgresServer
from faults.postgres.wraparound_near import WraparoundNear

ASKS = ("SELECT ", "SHOW ")
FIRST = "/proc/1/comm"
INIT = {FIRST: "tini\n"}


class Asked:
    """A container that answers by what a command has in it, and writes down the statements."""

    name = "db"

    def __init__(self, answers: Mapping[str, str]) -> None:
        self.answers = answers
        self.words: list[str] = []

    def exec(self, *argv: str, **_: object) -> Output:
        self.words.append(argv[-1])
        said = next((text for part, text in self.answers.items() if part in argv[-1]), "")
        return Output(exit_code=0, text=said)


def row(*values: str) -> str:
    return SEPARATOR.join(values) + "\n"


LACKING: list[tuple[Fault, Mapping[str, str], str]] = [
    (PreparedTransaction(), {"max_prepared_transactions": "0\n"}, "has max_prepared_transactions = 0"),
    (ArchiveFailing(), {"archive_mode": "off\n"}, "has archive_mode = off, which only a restart changes"),
    (AbandonedSlot(), {"max_replication_slots": "1\n"}, "has no replication slot to spare"),
    (PageCorrupted(), INIT | {"data_checksums": "0\n"}, "has no data checksums"),
    (PageCorrupted(), {FIRST: "postgres\n"}, "the server is its container's first process"),
    (WraparoundNear(), {FIRST: "postgres\n"}, "the server is its container's first process"),
    (
        ReplayBlockedByQuery(),
        {"pg_is_in_recovery": "1\n", "hot_standby_feedback": row("primary", "5432", "on")},
        "has hot_standby_feedback",
    ),
]


@pytest.mark.parametrize(
    ("fault", "answers", "said"), LACKING, ids=[f"{one.about.id}: {said}" for one, _, said in LACKING]
)
def test_what_a_server_lacks_is_said_before_anything_is_touched(
    fault: Fault, answers: Mapping[str, str], said: str
) -> None:
    container = Asked(answers)
    passwords = {"shop": "x", "admin": "x", "report": "x", "reporting": "x"}
    target = PostgresServer(cast("Any", container), passwords=passwords, host="db")
    with pytest.raises(MissingCapability, match=said):
        fault.prepare(target)
    assert container.words
    assert all(words == FIRST or words.startswith(ASKS) for words in container.words)

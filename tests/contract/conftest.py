"""One lab for all contract tests, driven by its command line; each test says in which state it wants it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from lab.proof.hands import Hands, NotBegun, Said
from lab.proof.matrix import UNMEASURED_AT_MOST

SCENARIO = "max-connections"
SPEED = 3.0


@dataclass
class Drill:
    """A lab that is reset between tests.

    *up* is what `lab start --json` last said; *healthy*: since a calm start nothing has been done to it that
    still tells; *unhurt*: nor were its users ever hurt, which a grade would tell of.
    """

    hands: Hands
    up: dict[str, Any] = field(default_factory=dict)
    healthy: bool = False
    unhurt: bool = False

    def begin(self, *, calm: bool = False) -> dict[str, Any]:
        """Bring the lab to its page, or with *calm* to the end of a healthy baseline."""
        options = ["--speed", f"{SPEED:g}", "--json", *(["--calm"] if calm else [])]
        self.up = json.loads(self._begun(*options).out)
        self.healthy = self.unhurt = calm
        return self.up

    def _begun(self, *options: str) -> Said:
        """A lab whose baseline a stalled machine spoilt is begun anew: nothing has been tested yet."""
        for _ in range(UNMEASURED_AT_MOST):
            try:
                return self.hands.begin(SCENARIO, *options)
            except NotBegun:
                self.hands.must("down")
        return self.hands.begin(SCENARIO, *options)

    def users(self) -> dict[str, Any]:
        """What users see: all of them, and by route."""
        seen: dict[str, Any] = json.loads(self.hands.must("status", "--json").out)["users"]
        return seen

    def all_is_well(self) -> bool:
        """Whether every user is served."""
        return bool(self.users()["success_ratio"] == 1.0)

    @property
    def run_dir(self) -> Path:
        """Where the run's journal is."""
        return Path(self.up["run_dir"])

    def toolbox(self, script: str) -> str:
        """What *script* prints in the toolbox; it must end well."""
        said = self.hands.type_in_toolbox(script)
        assert said.exit_code == 0, f"{script}: exit {said.exit_code}: {said.err}{said.out}"
        return said.out


@pytest.fixture(scope="session")
def drill() -> Iterator[Drill]:
    """The lab `contract`, taken down at the end."""
    hands = Hands(name="contract")
    hands.must("down")
    yield Drill(hands=hands)
    hands.must("down")


@pytest.fixture
def calm(drill: Drill) -> Drill:
    """A healthy lab after its baseline: the one that is there, where no test has done anything to it."""
    if not drill.healthy:
        drill.begin(calm=True)
    return drill


@pytest.fixture
def live_prometheus_url(calm: Drill) -> str:
    """The Prometheus of a healthy lab."""
    return str(calm.up["addresses"]["prometheus"])

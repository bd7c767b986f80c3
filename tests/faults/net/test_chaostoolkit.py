"""The example experiment, run by the Chaos Toolkit itself; and its rollback, when the run is cut off."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from faults import chaostoolkit
from faults.errors import NoTarget
from faults.store import Store
from lab.stack.places import checkout
from tests.faults.net.server import Pair, called
from tests.faults.servers import Yard

pytestmark = pytest.mark.docker

EXAMPLE = checkout() / "docs" / "examples" / "cut-off-cache.json"


@pytest.fixture
def pair(yard: Yard) -> Pair:
    """The server and its caller."""
    server = called(yard)
    server.wait()
    return server


def chaos(experiment: Path, pair: Pair, folder: Path) -> tuple[int, dict[str, Any]]:
    """Runs an experiment: how the command ended, and its journal."""
    known = {
        "VICTIM": pair.name,
        "CALLER": str(pair.caller.name),
        "RECEIPTS": str(folder / "receipts"),
        "PYTHONPATH": str(checkout()),
    }
    journal = folder / "journal.json"
    command = [str(Path(sys.executable).with_name("chaos")), "--no-version-check"]
    run = subprocess.run(
        [*command, "run", "--rollback-strategy=always", f"--journal-path={journal}", str(experiment)],
        env={**os.environ, **known},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert journal.is_file(), run.stdout + run.stderr
    return run.returncode, json.loads(journal.read_text())


def test_the_example_runs_as_it_stands(pair: Pair, tmp_path: Path) -> None:
    code, journal = chaos(EXAMPLE, pair, tmp_path)
    assert code == 0, journal
    assert journal["status"] == "completed"
    assert not journal["deviated"]
    assert [one["status"] for one in (*journal["run"], *journal["rollbacks"])] == ["succeeded"] * 5
    cut, waited, wrong, back, rest = (one["output"] for one in (*journal["run"], *journal["rollbacks"]))
    assert cut["in_effect"]
    assert waited["status"] != 0
    assert [one["fault"] for one in wrong] == ["net.partition"]
    assert list(back.values()) == ["reverted"]
    assert rest == {}
    assert Store(folder=tmp_path / "receipts").open() == ()
    assert pair.probe("attempts", 1)["errors"] == []


def test_a_rollback_undoes_what_the_method_left(pair: Pair, tmp_path: Path) -> None:
    experiment = json.loads(EXAMPLE.read_text())
    experiment["method"] = experiment["method"][:1]
    left = tmp_path / "left.json"
    left.write_text(json.dumps(experiment))
    code, journal = chaos(left, pair, tmp_path)
    assert code == 1, "the hypothesis does not hold after the method"
    assert journal["deviated"]
    assert list(journal["rollbacks"][0]["output"].values()) == ["reverted"]
    assert pair.probe("attempts", 1)["errors"] == []


def test_an_error_tells_its_hint(tmp_path: Path) -> None:
    with pytest.raises(NoTarget, match=r"no container nobody-is-this \(docker ps shows what runs\)"):
        chaostoolkit.inject("net.loss", "nobody-is-this", receipts=str(tmp_path))
    assert chaostoolkit.active(receipts=str(tmp_path)) == []
    assert chaostoolkit.revert_all(receipts=str(tmp_path)) == {}

"""`lab fault` against a running lab: the victim shows it, users feel it, all is well once it is undone."""

import json
import subprocess
import sys

import pytest

from faults.wait import until
from lab.stack.places import faults_dir
from tests.contract.conftest import Drill

pytestmark = [pytest.mark.docker, pytest.mark.lab]

READ_ONLY = (
    "postgres.role_setting",
    *("--param", "setting=default_transaction_read_only", "--param", "value=on"),
)
STORED = (
    'psql -Atc "select count(*) from pg_db_role_setting'
    " where setrole = 'shop'::regrole and setconfig::text ~ 'read_only=on'\""
)
CUT_OFF = ("net.partition", "--target", "pay", "--param", "answer=refusal")
REFUSED = "curl -so /dev/null --max-time 5 http://pay:8081/ && echo 0 || echo 1"


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        pytest.param(READ_ONLY, STORED, marks=pytest.mark.turn("by hand"), id="nobody may write"),
        pytest.param(CUT_OFF, REFUSED, marks=pytest.mark.turn("by hand"), id="payments are cut off"),
    ],
)
def test_a_fault_is_done_to_a_live_lab_felt_and_undone(
    calm: Drill, words: tuple[str, ...], shown: str
) -> None:
    """Nobody can check out, everybody can browse; the lab is healthy again afterwards."""

    def fault(verb: str, *more: str) -> str:
        command = [sys.executable, "-m", "lab", "fault", verb, "--name", calm.hands.name, *more]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def checkouts_fail() -> bool | None:
        ratio = calm.users()["routes"]["checkout"]["success_ratio"]
        return bool(ratio is not None and ratio < 0.5) or None

    assert calm.toolbox(shown).strip() == "0"
    calm.healthy = calm.unhurt = False
    try:
        record = json.loads(fault("inject", *words, "--json"))
        assert calm.toolbox(shown).strip() == "1"
        (standing,) = json.loads(fault("active", "--json"))
        assert (standing["id"], standing["stands"]) == (record["id"], "active")
        until(checkouts_fail, what="checkouts fail", timeout_s=60, every_s=1)
        assert calm.users()["routes"]["browse"]["success_ratio"] > 0.9
    finally:
        reverted = fault("revert", "--all")
    assert reverted == f"{record['id']}: reverted\n"
    assert calm.toolbox(shown).strip() == "0"
    until(lambda: calm.all_is_well() or None, what="all is well again", timeout_s=90, every_s=1)
    assert fault("active") == "no fault is open\n"
    assert list(faults_dir(calm.hands.name).glob("*.json")), "its receipt is kept"
    calm.healthy = True

"""A shop in which nothing is wrong."""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from lab.history.journal import read_history
from lab.history.records import LoadSecond, Reading
from lab.proof.engine import container_of, docker
from lab.stack.places import checkout
from tests.contract.conftest import Drill
from tests.stalls import LATE_MS

pytestmark = [pytest.mark.docker, pytest.mark.lab]

ASLEEP_S = 8.0
NETWORKS = {"shop": "true", "watch": "true", "edge": "false"}


def containers(drill: Drill) -> list[str]:
    return docker("ps", "-q", "--filter", f"label=dev.sev0.lab={drill.hands.name}").split()


def test_status_shows_what_users_see_and_nothing_of_the_cause(calm: Drill) -> None:
    status = json.loads(calm.hands.must("status", "--json").out)
    assert status["users"]["success_ratio"] >= 0.99
    assert {"browse", "login", "cart", "checkout", "history", "register"} <= set(status["users"]["routes"])
    assert "connections" not in json.dumps(status["holds"])


def test_a_second_lab_of_the_same_name_is_refused_with_what_to_type(calm: Drill) -> None:
    said = calm.hands.lab("start", "max-connections")
    assert said.exit_code == 2
    assert "contract" in said.err
    assert "lab down --name contract" in said.err


def test_the_toolbox_reaches_its_tools_and_not_the_referees_side(calm: Drill) -> None:
    """No engine, no load, no exporter, no scenario, no runbook, no operator, no superuser."""
    assert calm.toolbox("psql -Atc 'select current_user' && redis-cli ping").split() == ["dba", "PONG"]
    forbidden = (
        "test -e /var/run/docker.sock",
        # A name that the lab knows is told at once; without it, who else knows names may never answer.
        "timeout 3 getent hosts load",
        "timeout 3 getent hosts postgres-exporter",
        "find / -name '*max?connections*' -not -path '/proc/*' 2>/dev/null | grep .",
        "env | grep -iE 'operator|exporter'",
        "psql -Atc 'select pg_read_file($$/etc/passwd$$)'",
        "PGUSER=postgres psql -Atc 'select 1'",
        'curl -sfk -XPOST -H "Authorization: Bearer $LAB_TOKEN" $LAB_URL/v1/end',
        "nc -z -w 1 lb 9999",
    )
    with ThreadPoolExecutor() as pool:
        said = dict(zip(forbidden, pool.map(calm.hands.type_in_toolbox, forbidden), strict=True))
    assert {words: one.out for words, one in said.items() if one.exit_code == 0} == {}


def test_make_passes_a_command_to_the_toolbox_as_it_was_typed(calm: Drill) -> None:
    """Quotes, spaces and dollars; and its exit code, of which make can only say 2."""
    script = """printf '%s|' "it's" '$HOME' "$(id -un)" && psql -Atc 'select $$a  b$$, current_user'"""
    assert made(calm, script).stdout == "it's|$HOME|trainee|a  b|dba\n"
    ill = made(calm, "lab status >/dev/null && exit 3")
    assert ill.returncode == 2
    assert "Error 3" in ill.stderr


def made(drill: Drill, script: str) -> "subprocess.CompletedProcess[str]":
    """Type make shell CMD=… for the lab; what a make above this test was given is not its business."""
    outer = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS"))}
    lab = f"LAB={sys.executable} -m lab"
    return subprocess.run(
        ["make", "--old-file=.venv/.done", "shell", lab, f"NAME={drill.hands.name}", f"CMD={script}"],
        cwd=checkout(),
        env=outer,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_only_what_is_published_has_a_way_out(calm: Drill) -> None:
    """The toolbox, pods and databases are on networks without one."""
    name = f"sev0-{calm.hands.name}"
    internal = {net: docker("network", "inspect", "-f", "{{.Internal}}", f"{name}_{net}") for net in NETWORKS}
    assert internal == NETWORKS
    published = docker("ps", "--filter", f"label=dev.sev0.lab={calm.hands.name}", "--format", "{{.Ports}}")
    assert published.count("->") == published.count("127.0.0.1:") == 3


def test_the_history_has_every_second(calm: Drill) -> None:
    """The load's by its own clock, and the referee's readings in step with it, where the machine let them."""
    history = read_history(calm.run_dir / "journal.jsonl")
    samples = [one for one in history if isinstance(one, LoadSecond)]
    begun = [round(one.t - samples[0].t) for one in samples]
    assert begun == list(range(len(samples)))
    read = Counter(
        one.name for one in read_history(calm.run_dir / "journal.jsonl") if isinstance(one, Reading)
    )
    sound = sum(one.late_ms < LATE_MS for one in samples)
    assert read["connections"] >= 0.9 * sound


@pytest.mark.parametrize(
    "asleep_s",
    [
        pytest.param(ASLEEP_S, marks=pytest.mark.turn("blind")),
        pytest.param(60.0, marks=pytest.mark.matrix),
    ],
)
def test_a_machine_that_slept_is_a_gap_and_not_an_outage(calm: Drill, asleep_s: float) -> None:
    """The last test of the healthy lab: it is graded here, and passes because the hold came after the gap."""
    if not calm.unhurt:
        calm.begin(calm=True)
    calm.healthy = False
    # A machine falls asleep at once. Here the referee goes first and wakes last: it would see others stand.
    referee = container_of(calm.hands.name, "referee")
    others = [one for one in containers(calm) if one != referee]
    docker("pause", referee, *others)
    time.sleep(asleep_s)  # the machine sleeps: nothing to wait for
    docker("unpause", *others, referee)
    report = calm.hands.grade()
    assert report["outages"] == []
    assert report["verdict"] != "fail", report["because"]
    load = next(grade for grade in report["grades"] if grade["objective"] == "load-untouched")
    if float(load["evidence"]["stalled_s"]) <= 2 * asleep_s:
        # The machine beneath may have stood still besides, and later: then nobody can say.
        assert report["verdict"] == "pass", report["because"]

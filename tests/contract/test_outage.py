"""The outage itself: who gets in, what the trainee may do, and what a blind watcher means."""

import json
import time
from collections import Counter
from pathlib import Path

import httpx
import pytest

from faults.wait import until
from lab.catalog import find
from lab.history.journal import read_history
from lab.history.records import LoadSecond
from lab.proof.tamper import container_of, docker
from lab.scenario import hastened
from tests.contract.conftest import SCENARIO, SPEED, Drill

pytestmark = [pytest.mark.docker, pytest.mark.lab]

TIMES = 50
ORDINARY_SLOTS = 85


def nobody_signs_in(drill: Drill) -> bool:
    users = json.loads(drill.hands.must("status", "--json").out)["users"]
    return bool(users["routes"]["login"]["success_ratio"] == 0)


@pytest.fixture(scope="module")
def outage(drill: Drill) -> Drill:
    drill.begin()
    drill.healthy = False
    until(lambda: nobody_signs_in(drill) or None, what="sign-ins fail", timeout_s=120, every_s=1)
    return drill


def course_of(drill: Drill, series: str) -> dict[float, float]:
    """The sum of a series, second by second, since the run began."""
    url, now = f"{drill.up['addresses']['prometheus']}/api/v1/query_range", int(time.time())
    asked: dict[str, str | int] = {"query": f"sum({series})", "start": now - 180, "end": now, "step": 1}
    (course,) = httpx.get(url, params=asked, timeout=30).json()["data"]["result"]
    return {t: float(value) for t, value in course["values"]}


def sign_ins_ratio(run_dir: Path) -> float:
    """How many of the load's arrivals come to sign in."""
    seconds = [r for r in read_history(run_dir / "journal.jsonl") if isinstance(r, LoadSecond)]
    routes = Counter[str]()
    for second in seconds:
        for route, seen in second.routes.items():
            routes[route] += seen.ok + seen.expected + sum(seen.bad.values())
    return routes["login"] / routes.total()


def test_half_a_minute_after_the_roll_out_there_is_no_slot_left(outage: Drill) -> None:
    """25 to 35 s at the drill's own pace, told by counts: a clock would measure the machine too.

    Each sign-in of a gold customer that 2.4.0 served keeps a slot, no other does; so many come in a second.
    """
    load, proof = find(SCENARIO).load, hastened(find(SCENARIO), SPEED).load
    kept = course_of(outage, 'shop_db_pool_checked_out{release="2.4.0"}')
    served = course_of(outage, 'shop_requests_total{release="2.4.0",route="login",status="200"}')
    # Where slots are short, those who still try for one are counted as well.
    t = max(t for t in kept.keys() & served.keys() if kept[t] <= 0.8 * ORDINARY_SLOTS)
    kept_ratio = kept[t] / (served[t] * proof.options["gold_ratio"])
    assert 0.8 <= kept_ratio <= 1.25, (kept[t], served[t])
    per_s = load.rate_per_s * sign_ins_ratio(outage.run_dir) * load.options["gold_ratio"] * kept_ratio
    assert 25 <= ORDINARY_SLOTS / per_s <= 42, per_s


def test_ordinary_roles_are_refused_and_reserved_ones_are_not(outage: Drill) -> None:
    """Fifty bare psql sessions of the DBA; tests/monitoring has the exporter's fifty scrapes."""
    psql = f"for i in $(seq {TIMES}); do psql -Atc 'select 1'; done | grep -c '^1$'"
    assert outage.toolbox(psql).strip() == str(TIMES)
    assert "remaining connection slots are reserved" in outage.toolbox("lab logs postgres --tail 50")
    address = outage.up["addresses"]["prometheus"]
    answer = httpx.get(f"{address}/api/v1/query", params={"query": "lab:connections"}, timeout=30).json()
    assert [float(series["value"][1]) > 80 for series in answer["data"]["result"]] == [True]


def test_users_feel_it_and_those_who_only_browse_do_not(outage: Drill) -> None:
    users = json.loads(outage.hands.must("status", "--json").out)["users"]
    assert users["routes"]["login"]["success_ratio"] < 0.5
    assert users["routes"]["checkout"]["success_ratio"] < 0.5
    assert users["routes"]["browse"]["success_ratio"] > 0.95
    assert 0.3 < 1 - users["success_ratio"] < 0.6


def test_the_drill_is_run_with_its_verbs(outage: Drill) -> None:
    outage.toolbox('lab ack && lab status-update "Sign-ins fail; we are on it." && lab hint --yes')
    status = json.loads(outage.toolbox("lab status --json"))
    assert status["milestones"]["ack"] is not None
    assert status["milestones"]["status_update"] is not None
    assert status["hints_taken"] == 1
    assert "2.4.0" in outage.toolbox("lab changes")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("lab restart apo", "api"),
        ("lab scale api 99", "0 to"),
        ("lab set-env api SECRET=1", "DB_POOL_PRE_PING"),
        ("lab rollback api --revision 40", "revision"),
        ("lab logs nobody", "postgres"),
    ],
)
def test_bad_input_is_refused_with_what_would_do(outage: Drill, typed: str, said: str) -> None:
    refused = outage.hands.type_in_toolbox(typed)
    assert refused.exit_code == 2, refused.err
    assert said in refused.err


def test_a_watcher_that_died_leaves_the_verdict_unknown(outage: Drill) -> None:
    """Service comes back, but nobody can say how many sessions there are: no pass, and no fail either."""
    docker("stop", "-t", "1", container_of(outage.hands.name, "prometheus"))
    outage.toolbox(
        'lab rollback api --wait; psql -qc "select count(pg_terminate_backend(pid)) from pg_stat_activity'
        " where usename = 'shop' and state = 'idle' and state_change < now() - interval '5 seconds'\""
    )
    report = outage.hands.grade()
    verdicts = {grade["objective"]: grade["verdict"] for grade in report["grades"]}
    assert verdicts["connections"] == "unknown"
    assert verdicts["login-success"] == "pass"
    assert report["verdict"] == "unknown"

"""The outage itself: who gets in, what the trainee may do, and what a blind watcher means."""

import json
import statistics
import time
from collections import Counter
from pathlib import Path

import httpx
import pytest

from faults.wait import until
from lab.catalog import find
from lab.history.journal import read_history
from lab.history.records import LoadSecond
from lab.proof.engine import container_of, docker
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
    drill.up["dark_t"] = time.time()
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
    held = course_of(outage, 'pg_stat_activity_count{usename="shop"}')
    # Where slots are short, those who still try for one are counted as well.
    t = max(t for t in kept.keys() & served.keys() if kept[t] <= 0.8 * ORDINARY_SLOTS)
    kept_ratio = kept[t] / (served[t] * proof.options["gold_ratio"])
    assert 0.8 <= kept_ratio <= 1.25, (kept[t], served[t])
    per_s = load.rate_per_s * sign_ins_ratio(outage.run_dir) * load.options["gold_ratio"] * kept_ratio
    before = statistics.median(count for at, count in held.items() if at < min(served))
    assert 25 <= (ORDINARY_SLOTS - before) / per_s <= 35, (before, per_s)


def test_ordinary_roles_are_refused_and_reserved_ones_are_not(outage: Drill) -> None:
    """Fifty bare psql sessions of the DBA; tests/monitoring has the exporter's fifty scrapes."""
    psql = f"for i in $(seq {TIMES}); do psql -Atc 'select 1'; done | grep -c '^1$'"
    assert outage.toolbox(psql).strip() == str(TIMES)
    assert "remaining connection slots are reserved" in outage.toolbox("kubectl logs postgres-0 --tail 50")
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
    assert "2.4.0: personal offers" in outage.toolbox("kubectl rollout history deployment/api")
    assert "minor version upgrade" in outage.toolbox("kubectl get events")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("kubectl rollout restart deployment/apo", "not found"),
        ("kubectl scale deployment/api --replicas=99", "room for 6 pods"),
        ("kubectl set env deployment/api SECRET=1", "DB_POOL_PRE_PING"),
        ("kubectl rollout undo deployment/api --to-revision=40", "revision"),
        ("kubectl scale statefulset/postgres --replicas=2", "a set of one"),
    ],
)
def test_bad_input_is_refused_with_what_would_do(outage: Drill, typed: str, said: str) -> None:
    refused = outage.hands.type_in_toolbox(typed)
    assert refused.exit_code == 1, refused.err
    assert said in refused.err


EVERYWHERE = r"""
(timeout 3 getent hosts load && echo reached load)
for port in 2375 2376; do timeout 2 bash -c "</dev/tcp/referee/$port" 2>/dev/null && echo reached $port; done
timeout 2 bash -c "</dev/tcp/load/9646" 2>/dev/null && echo reached the load
timeout 2 bash -c "</dev/tcp/postgres-exporter/9187" 2>/dev/null && echo reached the exporter
ls /run/lab /run/load /var/run/docker.sock 2>/dev/null
env | grep -E "EXPORTER|REFEREE|OPERATOR|ledger"
true
"""


@pytest.mark.parametrize("where", ["bash -s", "kubectl exec -i deploy/api -- bash -s"])
def test_the_watchers_are_out_of_reach(outage: Drill, where: str) -> None:
    """From the toolbox and from a pod: no load, no ledger, no exporter, no engine, none of their secrets."""
    assert outage.toolbox(f"{where} <<'EOF'\n{EVERYWHERE}\nEOF").strip() == ""


def test_nobody_becomes_superuser(outage: Drill) -> None:
    """Inside a database's container the trainee is the trainee."""
    psql = 'kubectl exec postgres-0 -- psql -Atc "select rolsuper from pg_roles where rolname = current_user"'
    assert outage.toolbox(psql).strip() == "f"
    refused = outage.hands.type_in_toolbox(
        "kubectl exec postgres-0 -- psql -U postgres -h /var/run/postgresql"
    )
    assert refused.exit_code != 0
    shown = outage.toolbox("kubectl exec postgres-0 -- env; kubectl exec redis-0 -- env")
    assert "EXPORTER_PASSWORD=\n" in shown
    assert "REFEREE_DB_PASSWORD=\n" in shown


def test_the_exporter_gets_in_fifty_times_too(outage: Drill) -> None:
    """Since no ordinary role does; a scrape that a stall of the machine cut off has no answer at all."""
    url = f"{outage.up['addresses']['prometheus']}/api/v1/query"

    def answers() -> list[str] | None:
        query = f'pg_up{{job="postgres"}}[{time.time() - outage.up["dark_t"]:.0f}s]'
        (series,) = httpx.get(url, params={"query": query}, timeout=30).json()["data"]["result"]
        return [up for _, up in series["values"]] if len(series["values"]) >= TIMES else None

    got = until(answers, what=f"{TIMES} answers of the exporter", timeout_s=150, every_s=1)
    assert nobody_signs_in(outage)
    assert set(got) == {"1"}


@pytest.mark.turn("blind")
def test_a_watcher_that_died_leaves_the_verdict_unknown(outage: Drill) -> None:
    """Service comes back, but nobody can say how many sessions there are: no pass, and no fail either."""
    docker("stop", "-t", "1", container_of(outage.hands.name, "prometheus"))
    outage.toolbox(
        "kubectl rollout undo deployment/api; kubectl rollout status deployment/api;"
        ' psql -qc "select count(pg_terminate_backend(pid)) from pg_stat_activity'
        " where usename = 'shop' and state = 'idle' and state_change < now() - interval '5 seconds'\""
    )
    report = outage.hands.grade()
    verdicts = {grade["objective"]: grade["verdict"] for grade in report["grades"]}
    assert verdicts["connections"] == "unknown"
    assert verdicts["login-success"] != "fail"
    assert report["verdict"] == "unknown"

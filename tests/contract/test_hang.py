"""The database hangs: those who do not need it must not notice."""

import csv
import itertools
import statistics
import time
from pathlib import Path

import httpx
import pytest

from faults.wait import until
from lab.catalog import find
from lab.proof.engine import container_of, docker
from tests.contract.conftest import SCENARIO, Drill
from tests.stalls import LATE_MS, apart_from_stalls, calm_for, ticks

pytestmark = [pytest.mark.docker, pytest.mark.lab]

HANG_S, PAUSE_S = 20.0, 10.0
CALM_S, ENOUGH = 5, 50


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def results(load_dir: Path, route: str, since_t: float, until_t: float) -> list[str]:
    known = apart_from_stalls(load_dir)
    return [
        r["result"]
        for r in rows(load_dir / "requests.csv")
        if r["route"] == route and since_t <= float(r["scheduled"]) < until_t and known(r)
    ]


def test_a_pause_of_the_balancer_changes_no_arrival(calm: Drill) -> None:
    """Ten seconds in which nobody is answered: what is offered keeps its slope within 2%."""
    balancer = container_of(calm.hands.name, "lb")
    log = calm.run_dir / "load"
    calm.healthy = calm.unhurt = False
    docker("pause", balancer)
    since_t = time.time()
    try:
        time.sleep(PAUSE_S)
        calm_for(log, CALM_S)
        until_t = time.time()
    finally:
        docker("unpause", balancer)
    assert set(results(log, "browse", since_t + 0.5, until_t - 3)) == {"timeout"}
    inside = [tick for tick in ticks(log) if since_t <= tick["t"] <= until_t]
    steady = [
        (b["scheduled_total"] - a["scheduled_total"]) / (b["t"] - a["t"])
        for a, b in itertools.pairwise(inside)
        if max(a["late_ms"], b["late_ms"]) <= LATE_MS
    ]
    rate_per_s = find(SCENARIO).load.rate_per_s
    assert statistics.mean(steady) == pytest.approx(rate_per_s, rel=0.02), steady
    until(lambda: calm.all_is_well() or None, what="all is well again", timeout_s=90, every_s=1)
    calm.healthy = True


def test_browsing_goes_on_while_the_database_hangs_and_both_pods_stay(calm: Drill) -> None:
    """Twenty seconds of a paused PostgreSQL under full load: a bulkhead keeps it from taking every thread.

    It hangs on where the machine stalls too much to tell. The lab is healthy again afterwards, which is the
    last thing asked of it.
    """
    postgres = container_of(calm.hands.name, "postgres")
    log = calm.run_dir / "load"
    calm.healthy = calm.unhurt = False
    docker("pause", postgres)
    since_t = time.time()
    try:
        time.sleep(HANG_S)  # the hang itself: it must last, whatever happens
        if len(results(log, "browse", since_t, time.time() - 2)) <= ENOUGH:
            calm_for(log, CALM_S)
        until_t = time.time()
    finally:
        docker("unpause", postgres)
    browsed = results(log, "browse", since_t, until_t - 2)
    assert len(browsed) > ENOUGH
    assert browsed.count("ok") / len(browsed) >= 0.99
    signed_in = results(log, "login", since_t + 1, until_t - 3)
    assert signed_in.count("ok") == 0, "the database answered while it was paused"
    span = f"{time.time() - since_t:.0f}s"
    query = f"min_over_time(haproxy_backend_active_servers{{proxy='api'}}[{span}])"
    answer = httpx.get(
        f"{calm.up['addresses']['prometheus']}/api/v1/query", params={"query": query}, timeout=30
    )
    assert [series["value"][1] for series in answer.json()["data"]["result"]] == ["2"]
    until(lambda: calm.all_is_well() or None, what="all is well again", timeout_s=90, every_s=1)
    calm.healthy = True

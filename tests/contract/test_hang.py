"""The database hangs: those who do not need it must not notice."""

import csv
import time
from pathlib import Path

import httpx
import pytest

from lab.proof.tamper import container_of, docker
from tests.contract.conftest import Drill

pytestmark = [pytest.mark.docker, pytest.mark.lab]

HANG_S = 20.0


def results(load_log: Path, route: str, since_t: float, until_t: float) -> list[str]:
    with load_log.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [r["result"] for r in rows if r["route"] == route and since_t <= float(r["scheduled"]) < until_t]


def test_browsing_goes_on_while_the_database_hangs_and_both_pods_stay(drill: Drill) -> None:
    """Twenty seconds of a paused PostgreSQL under full load: a bulkhead keeps it from taking every thread."""
    drill.begin(calm=True)
    drill.healthy = False
    postgres = container_of(drill.hands.name, "postgres")
    docker("pause", postgres)
    since_t = time.time()
    try:
        time.sleep(HANG_S)  # the hang itself: it must last, whatever happens
    finally:
        docker("unpause", postgres)
    log = drill.run_dir / "load" / "requests.csv"
    browsed = results(log, "browse", since_t, since_t + HANG_S - 2)
    assert len(browsed) > 300
    assert browsed.count("ok") / len(browsed) >= 0.99
    signed_in = results(log, "login", since_t + 1, since_t + HANG_S - 3)
    assert signed_in.count("ok") == 0, "the database answered while it was paused"
    query = "min_over_time(haproxy_backend_active_servers{proxy='api'}[25s])"
    answer = httpx.get(
        f"{drill.up['addresses']['prometheus']}/api/v1/query", params={"query": query}, timeout=5
    )
    assert [series["value"][1] for series in answer.json()["data"]["result"]] == ["2"]

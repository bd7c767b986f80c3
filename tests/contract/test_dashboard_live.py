"""Every query of the dashboard finds series in a running lab."""

import json
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]
DASHBOARD = json.loads((ROOT / "grafana" / "dashboards" / "service.json").read_text(encoding="utf-8"))

# Queries that show nothing in a healthy lab; name the scenario that makes each appear. None yet: the shop
# creates its counters at 0.
ONLY_UNDER_FAULT: frozenset[str] = frozenset()

# Numbers of services that this lab does not have.
ONLY_WITH_EXTRAS = frozenset(
    {
        "lab:replica_age_seconds",
        "lab:mysql_connections",
        "lab:mysql_threads_running",
        "lab:mysql_connections_limit",
        "lab:mysql_replication_running",
    }
)

pytestmark = [pytest.mark.docker, pytest.mark.lab]


def expressions() -> list[str]:
    panels = (panel for panel in DASHBOARD["panels"] if panel["type"] != "row")
    return sorted({target["expr"] for panel in panels for target in panel["targets"]})


def series_found(prometheus_url: str, expr: str) -> int:
    answer = httpx.get(
        f"{prometheus_url}/api/v1/query",
        params={"query": expr.replace("$__rate_interval", "10s")},
        timeout=30,
    )
    body = answer.json()
    assert body["status"] == "success", f"{expr}: {body.get('error')}"
    return len(body["data"]["result"])


@pytest.mark.parametrize("expr", expressions())
def test_a_query_finds_series_in_a_healthy_lab(expr: str, live_prometheus_url: str) -> None:
    found = series_found(live_prometheus_url, expr)
    if expr not in ONLY_UNDER_FAULT | ONLY_WITH_EXTRAS:
        assert found >= 1, f"no series for {expr}"


def test_what_is_excused_is_still_asked_for() -> None:
    assert set(expressions()) >= ONLY_UNDER_FAULT | ONLY_WITH_EXTRAS

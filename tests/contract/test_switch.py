"""Traffic goes from one deployment to another and back under the lab's standard load, and nobody notices."""

import time
from collections import Counter
from itertools import count

import httpx
import pytest

from faults.wait import until
from lab.catalog import find
from lab.grade.load_view import LoadView, Second, load_view
from lab.history.journal import read_history
from tests.contract.conftest import SCENARIO, Drill
from tests.contract.green import GREEN

pytestmark = [pytest.mark.docker, pytest.mark.lab, pytest.mark.matrix]

# Round trips in whose every second the machine kept up: only there can a failure be the switch's.
SEEN_ROUNDS = 4
ROUNDS_AT_MOST = 30
BETWEEN_S = 3.0
SELECT = """kubectl patch service api -p '{"spec":{"selector":{"track":%s}}}'"""


def load_until(drill: Drill, t: float) -> LoadView:
    """What users saw, once the journal has every request that was scheduled before unix time *t*."""

    def seen() -> LoadView | None:
        view = load_view(
            read_history(drill.run_dir / "journal.jsonl"), rate_per_s=find(SCENARIO).load.rate_per_s
        )
        return view if view.t0 + view.n > t else None

    return until(seen, what="the load's log in the journal", timeout_s=60, every_s=1)


def served_by(drill: Drill) -> Counter[str]:
    """Requests answered so far, by the deployment of the pod."""
    url = f"{drill.up['addresses']['prometheus']}/api/v1/query"
    answer = httpx.get(url, params={"query": "sum by (pod) (shop_requests_total)"}, timeout=30)
    served = Counter[str]()
    for series in answer.json()["data"]["result"]:
        deployment, _hash, _id = series["metric"]["pod"].rsplit("-", 2)
        served[deployment] += int(float(series["value"][1]))
    return served


def switch(drill: Drill, track: str) -> None:
    drill.toolbox(SELECT % track)
    time.sleep(BETWEEN_S)


def round_trip(drill: Drill) -> tuple[float, float]:
    """To green and back; unix seconds of its begin and of its end."""
    since_t = time.time()
    switch(drill, '"green"')
    switch(drill, "null")
    return since_t, time.time()


def well_known(view: LoadView, since_t: float, until_t: float) -> bool:
    return set(view.status[view.index(since_t) : view.index(until_t) + 1]) == {Second.KNOWN}


def test_a_service_is_switched_under_full_load_and_no_request_fails(drill: Drill) -> None:
    drill.begin(calm=True)
    drill.healthy = False
    drill.toolbox(f"kubectl apply -f - <<'EOF'\n{GREEN}\nEOF\nkubectl rollout status deployment/api-green")
    before = served_by(drill)["api-green"]
    rounds: list[tuple[float, float]] = []
    for tried in count(1):
        rounds.append(round_trip(drill))
        view = load_until(drill, rounds[-1][1])
        seen = [span for span in rounds if well_known(view, *span)]
        if len(seen) >= SEEN_ROUNDS:
            break
        assert tried < ROUNDS_AT_MOST, f"the machine stalled in {tried - len(seen)} of {tried} rounds"
    for since_t, until_t in seen:
        lo, hi = view.index(since_t), view.index(until_t) + 1
        assert sum(view.overall.bad[lo:hi]) == 0, f"failed from {since_t:.1f} to {until_t:.1f}"
        assert sum(view.overall.ok[lo:hi]) > 0
    assert served_by(drill)["api-green"] > before, "green was never asked"

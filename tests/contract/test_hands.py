"""An acknowledged order survives every verb that the trainee has."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from faults.wait import until
from lab.history.journal import read_history
from lab.history.records import Event
from tests.contract.conftest import Drill
from tests.contract.green import GREEN

pytestmark = [pytest.mark.docker, pytest.mark.lab, pytest.mark.matrix]

# Orders that are acknowledged before a verb, and again after it.
ORDERS = 15
STATUS = "kubectl rollout status deployment/api --timeout=120s"
FIRST_POD = "$(kubectl get pods -l app=api -o jsonpath='{.items[0].metadata.name}')"
VERBS = {
    "rollout restart": f"kubectl rollout restart deployment/api; {STATUS}",
    "scale up": f"kubectl scale deployment/api --replicas=4; {STATUS}",
    "scale to nothing and back": (
        "kubectl scale deployment/api --replicas=0; kubectl wait --for=delete pod -l app=api --timeout=60s;"
        f" kubectl scale deployment/api --replicas=2; {STATUS}"
    ),
    "delete a pod": f"kubectl delete pod {FIRST_POD}; {STATUS}",
    "delete all pods at once": f"kubectl delete pods -l app=api --wait=false; {STATUS}",
    "delete postgres-0": "kubectl delete pod postgres-0",
    "delete redis-0": "kubectl delete pod redis-0",
    "restart the databases": "kubectl rollout restart statefulset/postgres statefulset/redis",
    "set env": f"kubectl set env deployment/api DB_THREADS=7; {STATUS}",
    "set resources": f"kubectl set resources deployment/api --limits=memory=256Mi,cpu=1; {STATUS}",
    "set a config map": (
        """kubectl patch configmap api -p '{"data":{"DB_POOL_SIZE":"9"}}';"""
        f" kubectl rollout restart deployment/api; {STATUS}"
    ),
    "set image": f"kubectl set image deployment/api api=shop/api:2.4.0; {STATUS}",
    "rollout undo": f"kubectl rollout undo deployment/api; {STATUS}",
    "an image that is not there": (
        "kubectl set image deployment/api api=shop/api:9.9; sleep 3;"
        f" kubectl rollout undo deployment/api; {STATUS}"
    ),
    "pause and resume": (
        "kubectl rollout pause deployment/api; kubectl set env deployment/api DB_THREADS=8;"
        f" kubectl rollout resume deployment/api; {STATUS}"
    ),
    "switch to another deployment and back": (
        f"kubectl apply -f - <<'EOF'\n{GREEN}\nEOF\n"
        "kubectl rollout status deployment/api-green --timeout=120s;"
        """kubectl patch service api -p '{"spec":{"selector":{"track":"green"}}}'; sleep 3;"""
        """kubectl patch service api -p '{"spec":{"selector":{"track":null}}}';"""
        "kubectl delete deployment api-green"
    ),
    "kill the program in a pod": f"kubectl exec {FIRST_POD} -- bash -c 'kill -9 -1' || true; {STATUS}",
    "end every session": (
        "psql -qc \"select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = 'shop'\""
    ),
}
DONE = {
    "restart",
    "scale",
    "restart-database",
    "set-env",
    "set-resources",
    "set-config",
    "set-image",
    "rollback",
    "pause",
    "resume",
    "create",
    "select",
    "delete",
}


def orders(drill: Drill) -> int:
    """How many orders were acknowledged to the load so far."""
    ledger = (drill.run_dir / "load" / "ledger.jsonl").read_text(encoding="utf-8")
    return sum(json.loads(line)["kind"] == "order" for line in ledger.splitlines()[:-1])


def more_orders(drill: Drill, *, when: str) -> None:
    """Wait until users can order."""
    goal = orders(drill) + ORDERS
    until(lambda: orders(drill) >= goal or None, what=f"orders {when}", timeout_s=180, every_s=0.5)


def acts(drill: Drill) -> Iterator[dict[str, Any]]:
    """What the trainee did, as the journal has it."""
    for record in read_history(drill.run_dir / "journal.jsonl"):
        if isinstance(record, Event) and record.kind == "act":
            yield dict(record.detail)


def test_an_acknowledged_order_survives_every_verb(drill: Drill) -> None:
    """One verb after the other on one lab under its standard load; then the ledger against the database."""
    drill.begin(calm=True)
    drill.healthy = False
    more_orders(drill, when="before anything is done")
    for name, script in VERBS.items():
        said = drill.hands.type_in_toolbox(script)
        assert said.exit_code == 0, f"{name}: {said.err}{said.out}"
        more_orders(drill, when=f"after: {name}")
    assert {act["verb"] for act in acts(drill) if act["result"] == "ok"} >= DONE
    report = drill.hands.grade()
    (kept,) = [grade for grade in report["grades"] if grade["objective"] == "nothing-lost"]
    assert kept["verdict"] == "pass", kept["because"]
    assert kept["evidence"]["acknowledged"] >= ORDERS * (1 + len(VERBS)), kept["because"]

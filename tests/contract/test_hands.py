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
SETTLED = "kubectl rollout status deployment/api --timeout=120s"
POD = "pod=$(kubectl get pods -l app=api -o jsonpath='{.items[0].metadata.name}')"
REPLICAS = "test $(kubectl get deployment api -o jsonpath='{.spec.replicas}') = "
RESTARTS = "{.status.containerStatuses[0].restartCount}"
PULLED_IN_VAIN = "timeout 60 bash -c 'until kubectl get pods | grep ImagePullBackOff; do sleep 1; done'"
EARLIER = (
    "earlier=$(kubectl rollout history deployment/api"
    " | awk '/^[0-9]/ {earlier = last; last = $1} END {print earlier}')"
)
SESSIONS = "select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = 'shop'"
VERBS: dict[str, tuple[str, ...]] = {
    "rollout restart": ("kubectl rollout restart deployment/api", SETTLED),
    "scale up": ("kubectl scale deployment/api --replicas=4", SETTLED),
    "scale to nothing and back": (
        "kubectl scale deployment/api --replicas=0",
        "kubectl wait --for=delete pod -l app=api --timeout=60s",
        "kubectl scale deployment/api --replicas=2",
        SETTLED,
    ),
    "replicas by patch": (
        """kubectl patch deployment api -p '{"spec":{"replicas":3}}'""",
        REPLICAS + "3",
        SETTLED,
        """kubectl patch deployment api --type=merge -p '{"spec":{"replicas":2}}'""",
        REPLICAS + "2",
        SETTLED,
    ),
    "edit": (
        """KUBE_EDITOR="sed -i 's/replicas: 2/replicas: 3/'" kubectl edit deployment/api""",
        REPLICAS + "3",
        SETTLED,
        "kubectl scale deployment/api --current-replicas=3 --replicas=2",
        SETTLED,
    ),
    "label and annotate": (
        "kubectl label deployment/api team=web",
        "kubectl annotate deployment/api note=seen",
        "kubectl label deployment/api team-",
        "kubectl annotate deployment/api note-",
        SETTLED,
    ),
    "delete a pod": (POD, 'kubectl delete pod "$pod"', SETTLED),
    "delete all pods at once": ("kubectl delete pods -l app=api --wait=false", SETTLED),
    "delete postgres-0": (
        "kubectl delete pod postgres-0",
        "kubectl wait --for=condition=Ready pod/postgres-0 --timeout=120s",
    ),
    "delete redis-0": (
        "kubectl delete pod redis-0",
        "kubectl wait --for=condition=Ready pod/redis-0 --timeout=120s",
    ),
    "restart redis": (
        "kubectl rollout restart statefulset/redis",
        "kubectl rollout status statefulset/redis --timeout=120s",
    ),
    "restart the databases": (
        "kubectl rollout restart statefulset/postgres statefulset/redis",
        "kubectl rollout status statefulset/postgres --timeout=120s",
        "kubectl rollout status statefulset/redis --timeout=120s",
    ),
    "exec in the databases": (
        "test $(kubectl exec postgres-0 -- psql -Atc 'select exists (select from orders)') = t",
        "test $(kubectl exec redis-0 -- redis-cli --user oncall ping) = PONG",
    ),
    "cp": (
        POD,
        'kubectl cp /etc/motd "$pod":/tmp/motd',
        'kubectl cp "$pod":/tmp/motd /tmp/motd',
        "cmp /etc/motd /tmp/motd",
    ),
    "set env": ("kubectl set env deployment/api DB_THREADS=7", SETTLED),
    "set resources": ("kubectl set resources deployment/api --limits=memory=256Mi,cpu=1", SETTLED),
    "set a config map": (
        """kubectl patch configmap api -p '{"data":{"DB_POOL_SIZE":"9"}}'""",
        "kubectl rollout restart deployment/api",
        SETTLED,
    ),
    "set image": ("kubectl set image deployment/api api=shop/api:2.4.0", SETTLED),
    "rollout undo": ("kubectl rollout undo deployment/api", SETTLED),
    "rollout undo to a revision and back": (
        EARLIER,
        'kubectl rollout undo deployment/api --to-revision="$earlier"',
        SETTLED,
        "kubectl rollout undo deployment/api",
        SETTLED,
    ),
    "an image that is not there": (
        "kubectl set image deployment/api api=shop/api:9.9",
        PULLED_IN_VAIN,
        "kubectl rollout undo deployment/api",
        SETTLED,
    ),
    "pause and resume": (
        "kubectl rollout pause deployment/api",
        "kubectl set env deployment/api DB_THREADS=8",
        "kubectl rollout resume deployment/api",
        SETTLED,
    ),
    "delete the deployment and apply it again": (
        "kubectl get deployment api -o yaml > /tmp/api.yaml",
        "kubectl delete deployment api",
        "kubectl apply -f /tmp/api.yaml",
        SETTLED,
    ),
    "switch to another deployment": (
        f"kubectl apply -f - <<'EOF'\n{GREEN}\nEOF",
        "kubectl rollout status deployment/api-green --timeout=120s",
        """kubectl patch service api -p '{"spec":{"selector":{"track":"green"}}}'""",
    ),
    "switch back, and delete the other deployment": (
        """kubectl patch service api -p '{"spec":{"selector":{"track":null}}}'""",
        "kubectl delete deployment api-green",
        SETTLED,
    ),
    "kill the program in a pod": (
        POD,
        f"""before=$(kubectl get pod "$pod" -o jsonpath='{RESTARTS}')""",
        # It ends with the program that it kills, or just before it.
        """kubectl exec "$pod" -- bash -c 'kill -9 -1' || test $? = 137""",
        f"""kubectl wait --for=jsonpath='{RESTARTS}'=$((before + 1)) "pod/$pod" --timeout=60s""",
        SETTLED,
    ),
    "end every session": (f'psql -qc "{SESSIONS}"',),
}
"""What is typed, line by line; each line must end well."""

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
    "annotate",
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
    for name, lines in VERBS.items():
        # The shell stops at the first line that does not end well, and hands its code on.
        said = drill.hands.type_in_toolbox("\n".join(lines))
        assert said.exit_code == 0, f"{name}: {said.err}{said.out}"
        more_orders(drill, when=f"after: {name}")
    assert {act["verb"] for act in acts(drill) if act["result"] == "ok"} >= DONE
    report = drill.hands.grade()
    (kept,) = [grade for grade in report["grades"] if grade["objective"] == "nothing-lost"]
    assert kept["verdict"] == "pass", kept["because"]
    assert kept["evidence"]["acknowledged"] >= ORDERS * (1 + len(VERBS)), kept["because"]

"""What the API behind kubectl costs: one look, one roll-back, many who watch."""

import contextlib
import ssl
import statistics
import time
from collections.abc import Sequence

import httpx

from bench.stand import Stand, standing
from bench.weigh import share, weigh

SETTLE_S = 5.0
LOOKS = 20
WATCHERS = 50
PODS = "/api/v1/namespaces/default/pods"
TABLE = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"}
TIMED_LOOKS = f"""
kubectl get pods > /dev/null
for i in $(seq {LOOKS}); do
  before=$(date +%s%N); kubectl get pods > /dev/null; after=$(date +%s%N)
  echo $(( (after - before) / 1000 ))
done
"""
CHANGED = "kubectl set env deployment/api DB_THREADS=7; kubectl rollout status deployment/api --timeout=120s"
TIMED_UNDO = """
before=$(date +%s%N)
(kubectl rollout undo deployment/api && kubectl rollout status deployment/api --timeout=120s) >/dev/null
after=$(date +%s%N)
echo $before $after
"""
RESTARTED = "kubectl rollout restart deployment/api; kubectl rollout status deployment/api --timeout=120s"


def kubectl(stand: Stand, *, for_s: float) -> dict[str, float]:
    """One calm lab under its standard load: a look, a roll-back of two pods, watchers over *for_s*."""
    with standing(stand, calm=True), _client(stand) as client:
        time.sleep(SETTLE_S)
        row = {"get pods, in the toolbox": _look_ms(stand), "of which the server": _server_ms(client)}
        overhead_s, ready_s = _undo(stand)
        row |= {"undo, beyond readiness": overhead_s, "readiness of two pods": ready_s}
        alone = _referee(stand, for_s)
        with contextlib.ExitStack() as watching:
            for _ in range(WATCHERS):
                # Nobody reads what comes: a few dozen lines stay in the socket's buffer.
                stream = client.stream("GET", PODS, params={"watch": "true"}, headers=TABLE)
                watching.enter_context(stream).raise_for_status()
            row[f"{WATCHERS} watchers"] = _referee(stand, for_s) - alone
        row["referee without them"] = alone
    return row


def _client(stand: Stand) -> httpx.Client:
    state = stand.state
    return httpx.Client(
        base_url=f"https://127.0.0.1:{state.ports['referee']}",
        headers={"Authorization": f"Bearer {state.secrets['TRAINEE_TOKEN']}"},
        verify=ssl.create_default_context(cafile=state.tls_dir / "cert.pem"),
        limits=httpx.Limits(max_connections=WATCHERS + 1),
        timeout=30,
    )


def _typed(stand: Stand, script: str) -> str:
    said = stand.hands.type_in_toolbox(script)
    if said.exit_code != 0:
        raise RuntimeError(f"{script}: {said.err[-400:]}")
    return said.out


def _look_ms(stand: Stand) -> float:
    """By the toolbox's own clock; the first look, which asks what kinds there are, does not count."""
    return statistics.median(int(us) / 1000 for us in _typed(stand, TIMED_LOOKS).split())


def _server_ms(client: httpx.Client) -> float:
    """The same request on a connection that is open: all that is left is the server, and the way to it."""
    took_ms = []
    for _ in range(LOOKS + 1):
        began = time.perf_counter()
        client.get(PODS, params={"limit": "500"}, headers=TABLE).raise_for_status()
        took_ms.append(1000 * (time.perf_counter() - began))
    return statistics.median(took_ms[1:])


def _undo(stand: Stand) -> tuple[float, float]:
    """How long an undo of two pods takes beyond what the pods themselves need to be ready; and that.

    By the toolbox's own clock, which is the machine's: as whoever types it there waits for it.
    """
    _typed(stand, CHANGED)
    began_t, ended_t = (int(ns) / 1e9 for ns in _typed(stand, TIMED_UNDO).split())
    took_s = ended_t - began_t
    said = [(e.t, e.detail) for e in stand.events() if e.kind == "pod" and e.t >= began_t]
    ready_s = readiness_s([(t, str(one["name"]), str(one["state"])) for t, one in said])
    return took_s - ready_s, ready_s


def readiness_s(told: Sequence[tuple[float, str, str]]) -> float:
    """How long all pods that became ready took for it, from their program's start, one after the other.

    *told*: time, name and state of each change.
    """
    begun: dict[str, float] = {}
    total_s = 0.0
    for t, name, state in told:
        if state == "not ready":
            begun.setdefault(name, t)
        elif state == "ready" and name in begun:
            total_s += t - begun.pop(name)
    return total_s


def _referee(stand: Stand, for_s: float) -> float:
    """The referee's share of a core while all pods are replaced, which every watcher is told of."""
    stand.hands.type_in_toolbox(f"({RESTARTED}) > /dev/null 2>&1 &")
    used = share(weigh(stand.name, for_s=for_s), ("referee",))
    _typed(stand, "kubectl rollout status deployment/api --timeout=120s")
    return used

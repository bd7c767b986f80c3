"""Cheats done from the host, beside the trainee's own; none may pass."""

import json
import re
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from faults.wait import until
from lab.errors import EnvironmentTrouble
from lab.proof.hands import Hands
from lab.stack.state import load

ANSWER_200 = (
    "sed -i '/^frontend shop/a\\    http-request return status 200 content-type application/json "
    'string "{}" if { path_beg /login /checkout /orders /register }\' /etc/haproxy/haproxy.cfg'
)

MAINTENANCE = (
    "sed -i '/^frontend shop/a\\    http-request return status 200 content-type text/html "
    'string "<h1>Back soon</h1>"\' /etc/haproxy/haproxy.cfg'
)


DROP_METRIC = "sed -i 's/stat_activity_(count|max_tx_duration)|//' /etc/prometheus/prometheus.yml"

UNWATCHED_S = 10.0


def docker(*argv: str) -> str:
    """Run the Docker client; EnvironmentTrouble with its words where it fails."""
    done = subprocess.run(["docker", *argv], capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0:
        raise EnvironmentTrouble(f"docker {' '.join(argv[:3])} …: {done.stderr.strip()}")
    return done.stdout.strip()


def container_of(lab: str, service: str) -> str:
    """The id of the container that Compose made for *service* in *lab*."""
    ids = docker(
        "ps", "-q",
        "--filter", f"label=dev.sev0.lab={lab}",
        "--filter", f"label=com.docker.compose.service={service}",
    ).split()  # fmt: skip
    if len(ids) != 1:
        raise EnvironmentTrouble(f"lab {lab}: expected one container of {service}, found {len(ids)}")
    return ids[0]


def stop_load(lab: str) -> None:
    """No users, no errors."""
    docker("stop", "-t", "1", container_of(lab, "load"))


def restart_prometheus(lab: str) -> None:
    """Blind the watcher for a moment, while service must hold."""
    Hands(name=lab).must("grade", "--no-wait")
    docker("restart", "-t", "1", container_of(lab, "prometheus"))


def drop_metric(lab: str) -> None:
    """Let Prometheus throw away what would tell of sessions, while service must hold."""
    Hands(name=lab).must("grade", "--no-wait")
    prometheus = container_of(lab, "prometheus")
    docker("exec", "-u", "0", prometheus, "sh", "-c", DROP_METRIC)
    docker("kill", "-s", "HUP", prometheus)


def kill_referee(lab: str) -> None:
    """Let nobody look for a while."""
    referee = container_of(lab, "referee")
    docker("kill", referee)
    time.sleep(UNWATCHED_S)
    docker("start", referee)
    back = Hands(name=lab)
    until(lambda: back.lab("status").exit_code == 0 or None, what="the referee answers again", timeout_s=60)


def edit_load_log(lab: str) -> None:
    """Write down that every request so far was served."""
    log = _load_dir(lab) / "requests.csv"
    log.write_text(re.sub(r",(?:http_5xx|timeout|conn),", ",ok,", log.read_text()))


def answer_200(lab: str) -> None:
    """Let the balancer say that all is well on the routes that fail."""
    lb = container_of(lab, "lb")
    docker("exec", "-u", "0", lb, "sh", "-c", ANSWER_200)
    docker("kill", "-s", "USR2", lb)


def maintenance_page(lab: str) -> None:
    """Tell every visitor, politely, to come back later."""
    lb = container_of(lab, "lb")
    docker("exec", "-u", "0", lb, "sh", "-c", MAINTENANCE)
    docker("kill", "-s", "USR2", lb)


def slow_load(lab: str) -> None:
    """Let a tenth of the users come."""
    plan = _load_dir(lab) / "plan.json"
    asked = json.loads(plan.read_text())
    plan.write_text(json.dumps({**asked, "rate_per_s": asked["rate_per_s"] / 10}))


def false_ledger_entry(lab: str) -> None:
    """Say that an order was acknowledged which nobody placed."""
    entry = {"kind": "order", "order_id": 999_999_999, "idempotency_key": "nobody", "total_cents": 1}
    with (_load_dir(lab) / "ledger.jsonl").open("a") as ledger:
        ledger.write(json.dumps({"t": time.time(), "customer_id": 1, "payment_id": 1, **entry}) + "\n")


def _run_dir(lab: str) -> Path:
    known = load(lab)
    if known is None:
        raise EnvironmentTrouble(f"lab {lab} is not known here")
    return known.run_dir


def _load_dir(lab: str) -> Path:
    return _run_dir(lab) / "load"


TAMPERS: Mapping[str, Callable[[str], None]] = {
    "stop_load": stop_load,
    "drop_metric": drop_metric,
    "kill_referee": kill_referee,
    "edit_load_log": edit_load_log,
    "restart_prometheus": restart_prometheus,
    "answer_200": answer_200,
    "maintenance_page": maintenance_page,
    "slow_load": slow_load,
    "false_ledger_entry": false_ledger_entry,
}

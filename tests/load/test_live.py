"""The load's image against a small real shop that is paused, broken or made to lie."""

import csv
import itertools
import json
import os
import statistics
import subprocess
import time
import urllib.request
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.stalls import LATE_MS, apart_from_stalls, calm_for, ticks

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
LABEL = "dev.sev0.lab=load-test"
IMAGE = "sev0/load:test"
CA = Path("/etc/ssl/certs/ca-certificates.crt")

pytestmark = pytest.mark.docker

Row = dict[str, str]


def _docker(*argv: str) -> str:
    done = subprocess.run(["docker", *argv], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, f"docker {' '.join(argv)}: {done.stderr[-2000:]}"
    return done.stdout.strip()


@pytest.fixture(scope="session")
def load_image() -> str:
    """The load's image of this checkout."""
    os.environ["DOCKER_BUILDKIT"] = "1"
    secret = ["--secret", f"id=ca,src={CA}"] if CA.exists() else []
    _docker(
        "build", "-q", *secret, "-t", IMAGE, "-f", str(ROOT / "compose/images/load/Dockerfile"), str(ROOT)
    )
    return IMAGE


class Rig:
    """A stub shop and a load on a network of their own."""

    def __init__(self, image: str, out: Path, *, keep_alive_s: float = 3.0, **env: str) -> None:
        name = f"load-test-{uuid.uuid4().hex[:8]}"
        self.out = out
        out.chmod(0o777)  # the load runs as whoever it is told to be
        self.stub, self.load = f"{name}-stub", f"{name}-load"
        common = ["--detach", "--label", LABEL, "--network", name]
        _docker("network", "create", "--label", LABEL, name)
        script = f"{HERE / 'stub_shop.py'}:/stub.py:ro"
        serve = ["--entrypoint", "python3", "-v", script, "-p", "127.0.0.1::8080", image]
        _docker("run", *common, "--name", self.stub, *serve, "/stub.py", "8080", str(keep_alive_s))
        self._url = f"http://{_docker('port', self.stub, '8080/tcp').splitlines()[0]}"
        env = {"TARGET_URL": f"http://{self.stub}:8080", "RANDOM_SEED": "7", **env}
        variables = [word for key, value in env.items() for word in ("-e", f"{key}={value}")]
        volume = ["-v", f"{out}:/run/load", "--user", "12345:12345"]
        _docker("run", *common, "--name", self.load, *volume, *variables, image)
        self.until(lambda: (out / "ticks.csv").exists())

    def plan(self, **plan: Any) -> None:
        """Replace the plan."""
        new = self.out / "plan.new"
        new.write_text(json.dumps(plan), encoding="utf-8")
        new.replace(self.out / "plan.json")

    def start(self, rate_per_s: float) -> None:
        """Set a rate and wait for the first requests that are done."""
        self.plan(rate_per_s=rate_per_s)
        self.until(lambda: len(self.rows()) > 5)

    def mode(self, mode: str) -> None:
        """Change how the shop answers."""
        self._call("/_mode", {"mode": mode})

    def state(self) -> Any:
        """What the shop has taken in."""
        return self._call("/_state", {})

    def _call(self, path: str, body: dict[str, str]) -> Any:
        request = urllib.request.Request(f"{self._url}{path}", json.dumps(body).encode())  # noqa: S310
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own stub
            return json.load(answer)

    def rows(self) -> list[Row]:
        """The per-request log as it is now, without what was near a stall of the machine."""
        return list(filter(apart_from_stalls(self.out), self.all_rows()))

    def all_rows(self) -> list[Row]:
        """The per-request log as it is now."""
        with (self.out / "requests.csv").open(encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def ticks(self) -> list[dict[str, float]]:
        """The ticks as they are now."""
        return ticks(self.out)

    def ledger(self) -> list[dict[str, Any]]:
        """The ledger as it is now."""
        text = (self.out / "ledger.jsonl").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

    def until(self, true: Callable[[], bool], timeout_s: float = 90.0) -> None:
        """Wait for something to become true."""
        deadline = time.monotonic() + timeout_s
        while not true():
            assert time.monotonic() < deadline, "it did not happen in time"
            time.sleep(0.1)


@pytest.fixture
def rig(load_image: str, tmp_path: Path) -> Iterator[Callable[..., Rig]]:
    """Make rigs; remove all of them at the end."""
    yield lambda **env: Rig(load_image, tmp_path, **env)
    for kind, remove in (("container", ["rm", "-f", "-v"]), ("network", ["network", "rm"])):
        listing = ["ps", "-aq"] if kind == "container" else ["network", "ls", "-q"]
        found = _docker(*listing, "--filter", f"label={LABEL}").split()
        if found:
            _docker(*remove, *found)


def _between(rows: list[Row], start: float, end: float) -> Counter[str]:
    return Counter(r["result"] for r in rows if start <= float(r["scheduled"]) < end)


def test_a_pause_of_ten_seconds_changes_no_arrival(rig: Callable[..., Rig]) -> None:
    """The offer keeps its slope, time-outs count when they were due, the ledger has what was answered."""
    one = rig()
    one.start(60)
    time.sleep(2)
    _docker("pause", one.stub)
    paused = time.time()
    calm_for(one.out, 6)  # with those that are waited out, ten seconds
    resumed = time.time()
    _docker("unpause", one.stub)
    time.sleep(3)
    rows, seconds = one.rows(), one.ticks()

    inside = [t for t in seconds if paused <= t["t"] <= resumed]
    on_time = [(a, b) for a, b in itertools.pairwise(inside) if max(a["late_ms"], b["late_ms"]) <= LATE_MS]
    offered = [b["scheduled_total"] - a["scheduled_total"] for a, b in on_time if b["t"] - a["t"] == 1]
    assert set(offered) <= {59, 60, 61}
    assert len(offered) > 3
    assert set(_between(rows, paused + 0.1, resumed - 2.1)) == {"timeout"}
    for row in rows:
        if row["result"] == "timeout":
            assert 1.9 < float(row["end"]) - float(row["sent"]) < 2.5
            assert paused - 0.5 < float(row["scheduled"]) < resumed
    assert not _between(rows, paused - 1.5, paused - 0.5).keys() - {"ok", "expected"}
    assert not _between(rows, resumed + 0.5, resumed + 2.5).keys() - {"ok", "expected"}

    _docker("kill", "-s", "TERM", one.load)
    _docker("wait", one.load)
    # The ledger goes on for as long as there are answers: what came after the log was closed is in it alone.
    closed = max(float(row["end"]) for row in one.all_rows())
    acknowledged = [r["idempotency_key"] for r in one.ledger() if r["kind"] == "order" and r["t"] <= closed]
    placed = one.state()["keys"]
    bought = [r for r in one.all_rows() if r["route"] == "checkout" and r["result"] == "ok"]
    assert len(acknowledged) == len(set(acknowledged)) == len(bought)
    assert set(acknowledged) < set(placed)  # those that timed out were placed all the same


def test_every_way_to_fail_has_its_name(rig: Callable[..., Rig]) -> None:
    """Errors, lies, closed connections and forgotten sessions are told apart, and each heals."""
    one = rig()
    one.start(60)
    seen = {}
    for mode in ("error", "wrong", "close", "ok"):
        one.mode(mode)
        seen[mode] = _next(one, 60)
    assert set(seen["error"]) == {"http_5xx"}
    # a wrong password's refusal has lost its reason too, and then is a 401 like any other
    assert set(seen["wrong"]) <= {"wrong", "http_4xx"}
    assert seen["wrong"]["wrong"] > 0.9 * seen["wrong"].total()
    assert set(seen["close"]) == {"conn"}
    assert not seen["ok"].keys() - {"ok", "expected"}

    one.mode("forget")
    forgot = time.time()
    one.until(lambda: _between(one.rows(), forgot, forgot + 3)["http_4xx"] > 30)
    one.until(lambda: _healed(one))
    assert _between([r for r in one.rows() if r["route"] == "browse"], forgot, time.time()).keys() == {"ok"}


def _next(rig: Rig, requests: int) -> Counter[str]:
    """How the next requests end, and those under way with them."""
    since = time.time() + 0.1
    rig.until(lambda: _between(rig.rows(), since, time.time()).total() >= requests)
    return _between(rig.rows(), since, time.time())


def _healed(rig: Rig) -> bool:
    """Whether nothing of the last second and a half that has ended was bad."""
    ended = time.time() - 0.5
    lately = _between(rig.rows(), ended - 1.5, ended)
    return lately.total() > 60 and not lately.keys() - {"ok", "expected"}


def test_a_shop_that_goes_away_refuses_connections(rig: Callable[..., Rig]) -> None:
    """With the target gone everything is `conn` at once or `timeout`, and service is seen when it is back."""
    one = rig()
    one.start(60)
    _docker("kill", one.stub)
    gone = time.time()
    time.sleep(3)
    _docker("start", one.stub)
    time.sleep(1)
    back = time.time()
    calm_for(one.out, 3)
    rows = one.rows()
    assert not _between(rows, gone + 0.1, gone + 2.5).keys() - {"conn", "timeout", "dropped"}
    browsing = [r for r in rows if r["route"] == "browse"]
    assert _between(browsing, back, time.time() - 1).keys() == {"ok"}


def test_what_cannot_start_is_dropped(rig: Callable[..., Rig]) -> None:
    """With a small bound and a shop that hangs, the bound holds and the rest is dropped."""
    one = rig(INFLIGHT_FACTOR="0.2")
    one.start(50)
    one.mode("hang")
    one.until(lambda: _between(one.rows(), 0, time.time())["dropped"] > 50)
    assert max(t["inflight"] for t in one.ticks()) <= 50 * 2 * 0.2


# Closed well before the next use, or well after the last that the load allows itself. In between, a request
# and the close may cross on their way, and no client can tell.
@pytest.mark.turn("idle")
@pytest.mark.parametrize("keep_alive_s", [0.1, 1.3])
def test_connections_that_the_target_closes_for_idling_are_no_outage(
    rig: Callable[..., Rig], keep_alive_s: float
) -> None:
    """At a rate where connections idle for a third of a second, nothing is lost, whoever closes first."""
    one = rig(keep_alive_s=keep_alive_s)
    one.start(3)
    time.sleep(10)
    assert not Counter(r["result"] for r in one.rows()).keys() - {"ok", "expected"}


def test_a_plan_is_followed_and_a_stop_leaves_whole_files(rig: Callable[..., Rig]) -> None:
    """A faster plan with a burst takes effect; SIGTERM ends with 0 and every finished request in the log."""
    one = rig()
    one.start(20)
    burst = {"id": "replay", "route": "login", "rate_per_s": 10, "start": time.time() + 1, "for_s": 3}
    one.plan(rate_per_s=80, bursts=[{**burst, "options": {"gold_ratio": 1.0}}])
    time.sleep(6)
    golds = one.state()["golds"]
    one.plan(rate_per_s=80)
    _docker("kill", "-s", "TERM", one.load)
    assert _docker("wait", one.load) == "0"
    rows, seconds = one.rows(), one.ticks()
    if max(t["late_ms"] for t in seconds) <= LATE_MS:  # else some were not offered
        assert abs(sum(r["burst"] == "replay" for r in rows) - 30) <= 1
        assert golds > 28
    rates = [b["scheduled_total"] - a["scheduled_total"] for a, b in itertools.pairwise(seconds)]
    assert statistics.median(sorted(rates)[-3:]) == pytest.approx(90, abs=4)
    assert len(one.all_rows()) >= seconds[-1]["done_total"]
    text = (one.out / "requests.csv").read_text(encoding="utf-8")
    assert text.endswith("\n")
    assert {line.count(",") for line in text.splitlines()} == {6}
    assert "Traceback" not in _docker("logs", one.load)

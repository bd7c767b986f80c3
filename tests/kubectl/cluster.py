"""A cluster of small pods with a real API server in this process, and the real kubectl beside it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker

from faults.wait import until
from lab.stack import tls
from tests.images import built, titled
from tests.kubectl.side import TOKEN, Diary, Side, free_port
from tests.podshop import SOUND, Shop

SETTINGS = {"READY_AFTER_S": "0.5"}
DIE = """
import time, urllib.error, urllib.request
for _ in range(100):
    try:
        urllib.request.urlopen("http://127.0.0.1:8080/die", timeout=3)
    except urllib.error.URLError as error:
        if isinstance(error.reason, ConnectionRefusedError):
            time.sleep(0.1)  # it was started again, and does not listen yet
            continue
    except OSError:
        pass
    break
"""
KUBECONFIG = """\
apiVersion: v1
kind: Config
current-context: lab
clusters:
  - name: lab
    cluster: {{server: "https://127.0.0.1:{port}", certificate-authority: /tls/cert.pem}}
contexts: [{{name: lab, context: {{cluster: lab, user: trainee}}}}]
users: [{{name: trainee, user: {{token: "{token}"}}}}]
"""


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a program wrote, and how it ended."""

    code: int
    out: str

    def json(self) -> Any:
        """Its output as JSON."""
        assert self.code == 0, self.out
        return json.loads(self.out)


@dataclass
class Kube:
    """The cluster, its server, and a container to run kubectl in."""

    side: Side
    toolbox: Any

    @property
    def shop(self) -> Shop:
        """Pods and balancer."""
        return self.side.shop

    @property
    def diary(self) -> Diary:
        """What was written down."""
        return self.side.diary

    def __call__(self, *words: str, stdin: str = "") -> Said:
        """Run kubectl."""
        script = ["kubectl", *words]
        if stdin:
            script = ["sh", "-c", 'printf %s "$STDIN" | exec "$@"', "-", *script]
        code, out = self.toolbox.exec_run(script, environment={"STDIN": stdin})
        return Said(code=code, out=out.decode(errors="replace"))

    def ok(self, *words: str, stdin: str = "") -> str:
        """Run kubectl, which must succeed."""
        said = self(*words, stdin=stdin)
        assert said.code == 0, f"kubectl {' '.join(words)}: {said.out}"
        return said.out

    def shell(self, script: str) -> Said:
        """Run a shell script where kubectl is."""
        code, out = self.toolbox.exec_run(["bash", "-c", script])
        return Said(code=code, out=out.decode(errors="replace"))

    def pods(self) -> set[str]:
        """Names of the API's pods that are to stay."""
        found = self("get", "pods", "-l", "app=api", "-o", "json").json()["items"]
        return {p["metadata"]["name"] for p in found if "deletionTimestamp" not in p["metadata"]}

    def of_api(self, path: str) -> str:
        """A value of the deployment api, by its JSON path."""
        return self.ok("get", "deployment", "api", "-o", f"jsonpath={{{path}}}")

    def die(self, name: str) -> None:
        """Have a pod's program end with code 3, and wait until its container was started again."""

        def restarts() -> int:
            pod = self("get", "pod", name, "-o", "json").json()
            return int(pod["status"]["containerStatuses"][0]["restartCount"])

        before = restarts()
        self("exec", name, "--", "python3", "-c", DIE)
        until(lambda: restarts() > before or None, what=f"{name} was started again", timeout_s=60)

    def settled(self) -> None:
        """Wait for the roll-out, as a person does."""
        self.ok("rollout", "status", "deployment/api", "--timeout=60s")


GREEN = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: api-green, labels: {app: api}}
spec:
  replicas: 2
  selector: {matchLabels: {app: api, track: green}}
  template:
    metadata: {labels: {app: api, track: green}}
    spec: {containers: [{name: api, image: "shop/api:2.0"}]}
"""


def _redis(shop: Shop, engine: docker.DockerClient, folder: Path) -> None:
    passwords = {
        f"REDIS_{who}_PASSWORD": f"{who.lower()}-secret"
        for who in ("SHOP", "ONCALL", "EXPORTER", "REFEREE", "ADMIN", "REPLICA", "HEARTBEAT")
    }
    engine.containers.run(
        built(titled("redis"), logs=folder),
        detach=True,
        environment=passwords,
        labels={
            "dev.sev0.lab": shop.lab,
            "com.docker.compose.project": f"sev0-{shop.lab}",
            "com.docker.compose.service": "redis",
        },
        network=f"{shop.lab}-shop",
    )


def running(shop: Shop, engine: docker.DockerClient, folder: Path) -> Iterator[Kube]:
    """Two pods of the sound release behind the balancer, a redis, the API, and kubectl."""
    _redis(shop, engine, folder)
    shared = folder / "tls"
    shared.mkdir()
    tls.make(shared)
    side = Side(shop, shared, free_port())
    (shared / "config").write_text(KUBECONFIG.format(port=side.port, token=TOKEN))
    for path in (shared, shared / "config"):
        path.chmod(0o755)
    toolbox = engine.containers.run(
        built(titled("toolbox"), logs=folder),
        detach=True,
        init=True,
        labels={"dev.sev0.lab": shop.lab},
        network_mode="host",
        environment={"KUBECONFIG": "/tls/config"},
        volumes={str(shared): {"bind": "/tls", "mode": "ro"}},
    )
    shop.wanted.ensure("api", release=SOUND, replicas=2, config=SETTINGS)
    shop.run()
    side.begin()
    shop.settle()
    made = Kube(side, toolbox)
    made.settled()
    yield made
    side.halt()

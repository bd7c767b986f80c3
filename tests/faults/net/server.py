"""A server and its caller, each in a container, and what passes between them."""

import json
from pathlib import Path
from typing import Any

from faults.wait import until
from tests.faults.redis.server import ENVIRONMENT, PASSWORDS
from tests.faults.servers import Server, Spec, Yard

PROBE = Path(__file__).with_name("probe.py")
CACHE = Spec(image="redis", name="cache", port=6379, environment=ENVIRONMENT, options={"mem_limit": "256m"})
CALLER = Spec(
    image="actor",
    name="caller",
    port=7,
    environment={},
    options={"entrypoint": ["sh", "-c", "exec sleep infinity"], "init": True, "mem_limit": "256m"},
)


class Pair(Server):
    """One of the two, to which faults are done."""

    @property
    def caller(self) -> Any:
        """The container that calls."""
        return self.engine.containers.get(self._other(CALLER.name))

    def _other(self, name: str) -> str:
        return f"{self.name.rpartition('-')[0]}-{name}"

    def probe(self, doing: str, count: int = 0) -> dict[str, Any]:
        """What the caller meets: see probe.py."""
        words = [doing, CACHE.name, str(CACHE.port), str(count), "shop", PASSWORDS["shop"]]
        code, said = self.caller.exec_run(["python3", "-c", PROBE.read_text(), *words])
        if code:
            return {"error": said.decode().strip().splitlines()[-1]}
        told: dict[str, Any] = json.loads(said)
        return told

    def shell(self, script: str) -> None:
        """What an engineer types with the network's tools, in the victim's network."""
        said = self.engine.containers.run(
            self.caller.image,
            ["sh", "-euxc", script],
            network_mode=f"container:{self.container.id}",
            user="0",
            cap_drop=["ALL"],
            cap_add=["NET_ADMIN", "NET_RAW"],
            labels=self.container.labels,
            remove=True,
            stderr=True,
        )
        assert said is not None

    def wait(self) -> None:
        """Wait until the caller is served."""
        until(
            lambda: self.probe("attempts", 1).get("errors") == [] or None,
            what=f"{self.name} serves",
            timeout_s=60,
        )


class Started(Pair):
    """Made, and not waited for: neither serves without the other, nor while a fault is between them."""

    def wait(self) -> None:
        """Wait for nothing."""


def called(yard: Yard) -> Pair:
    """The server of the pair, as the victim."""
    return _one_of_both(yard, CACHE)


def calling(yard: Yard) -> Pair:
    """The caller of the pair, as the victim."""
    return _one_of_both(yard, CALLER)


def _one_of_both(yard: Yard, spec: Spec) -> Pair:
    names = {one.name: yard.get(Started, one).name for one in (CALLER, CACHE)}
    return Pair(yard.engine, name=names[spec.name], port=spec.port)

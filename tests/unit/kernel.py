"""A container's network on a kernel of the test's choice: it writes down what is typed there, and answers."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from docker.errors import NotFound

from faults.container import Container

ADDED = re.compile(
    r"tc qdisc add dev (?P<dev>\S+) root (?:handle (?P<handle>\S+) )?(?P<kind>\S+)(?P<rest>.*)"
)
DELETED = re.compile(r"tc qdisc del dev (?P<dev>\S+) root handle (?P<handle>\S+)")
UNKNOWN_KIND = "Error: Specified qdisc kind is unknown."
UNKNOWN_RULE = "iptables-restore: line 3 failed"
PREFIX = "exec 2>&1; "


@dataclass(frozen=True, kw_only=True)
class Typed:
    """One script, and whether it was typed in an empty network."""

    script: str
    alone: bool
    environment: dict[str, str]


@dataclass
class Helper:
    """A container that runs one script, and goes."""

    code: int
    text: str
    name: str = "helper"

    def start(self) -> None: ...
    def remove(self, *, force: bool) -> None: ...

    def wait(self) -> dict[str, int]:
        return {"StatusCode": self.code}

    def logs(self) -> bytes:
        return self.text.encode()


@dataclass
class Victim:
    """The container that a fault is done to."""

    name: str = "db"
    id: str = "1f2e"
    attrs: dict[str, Any] = field(
        default_factory=lambda: {
            "State": {"Running": True},
            "HostConfig": {"NetworkMode": "shop-net"},
            "Config": {"Labels": {}},
            "NetworkSettings": {"Networks": {"shop-net": {"IPAddress": "10.0.0.2"}}},
        }
    )


class Engine:
    """An engine whose kernel knows these *disciplines*, and packet rules or none.

    *roots* is what stands at the root of each interface of the victim, as `tc -json qdisc show` has it.
    """

    def __init__(self, *disciplines: str, rules: bool = True, devices: Sequence[str] = ("eth0",)) -> None:
        self.disciplines = disciplines
        self.rules = rules
        self.devices = devices
        self.roots: dict[str, dict[str, Any]] = {}
        self.typed: list[Typed] = []
        self.beside: list[list[str]] = []
        self.victim = Victim()

    @property
    def containers(self) -> "Engine":
        return self

    @property
    def target(self) -> Container:
        """The victim, as a fault sees it."""
        return Container(cast("Any", self), self.victim.name)

    def get(self, name: str) -> Victim:
        if name != self.victim.name:
            raise NotFound(f"No such container: {name}")
        return self.victim

    def create(self, _: str, command: Sequence[str], **options: Any) -> Helper:
        script, alone = command[-1].removeprefix(PREFIX), options["network_mode"] == "none"
        self.typed.append(Typed(script=script, alone=alone, environment=options["environment"]))
        for one in script.split("; "):
            code, text = self._answer(one, alone=alone)
            if code:
                return Helper(code, text)
        return Helper(0, text)

    def run(self, _: str, command: Sequence[str], **__: Any) -> None:
        self.beside.append(list(command))

    @property
    def touched(self) -> list[str]:
        """The commands that were typed in the victim's own network and do more than look."""
        own = (command for one in self.typed if not one.alone for command in one.script.split("; "))
        return [command for command in own if not command.startswith(("ls ", "tc -json qdisc show", "echo"))]

    def _answer(self, command: str, *, alone: bool) -> tuple[int, str]:
        if found := ADDED.match(command):
            return self._add(found, alone=alone)
        if found := DELETED.match(command):
            del self.roots[found["dev"]]
        if command == "ls /sys/class/net":
            return 0, "\n".join(["lo", *self.devices])
        if command == "tc -json qdisc show":
            return 0, json.dumps(list(self.roots.values()))
        if "-restore" in command and not self.rules:
            return 1, UNKNOWN_RULE
        return 0, ""

    def _add(self, found: re.Match[str], *, alone: bool) -> tuple[int, str]:
        if found["kind"] not in self.disciplines:
            return 2, UNKNOWN_KIND
        if not alone:
            self.shape(found["dev"], found["kind"], found["handle"])
        return 0, ""

    def shape(self, device: str, kind: str, handle: str) -> None:
        """Put a discipline at the root of an interface."""
        self.roots[device] = {"kind": kind, "handle": handle, "root": True, "dev": device}

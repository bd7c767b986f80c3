"""What the engine holds under a lab's label, and its removal."""

import json
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from lab.engine.runner import Runner
from lab.errors import EnvironmentTrouble
from lab.stack.places import LABEL, project

SERVICE_LABEL = "com.docker.compose.service"
PROJECT_LABEL = "com.docker.compose.project"
POD_LABEL = "dev.sev0.pod"
LASTING_LABEL = "dev.sev0.lasting"

LISTINGS: dict[str, Sequence[str]] = {
    "container": ("ps", "--all", "--no-trunc"),
    "volume": ("volume", "ls"),
    "network": ("network", "ls", "--no-trunc"),
}


@dataclass(frozen=True, kw_only=True)
class Thing:
    """A container, volume or network; *service* is a Compose service or, for a pod, its deployment.

    What is *lasting* keeps nothing of a run, and may go on into the next one.
    """

    kind: str
    id: str
    name: str
    lab: str
    service: str = ""
    pod: bool = False
    running: bool = False
    lasting: bool = False


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """Everything with our label, of one lab or of all."""

    runner: Runner

    def things(
        self, lab: str | None = None, *, kinds: Iterable[str] = LISTINGS, compose_too: bool = False
    ) -> tuple[Thing, ...]:
        """List what is there; *compose_too* also finds what only carries the label of Compose's project."""
        labels = [LABEL if lab is None else f"{LABEL}={lab}"]
        if compose_too and lab is not None:
            labels.append(f"{PROJECT_LABEL}={project(lab)}")
        asked = [(kind, label) for kind in kinds for label in labels]
        with ThreadPoolExecutor(max_workers=len(asked)) as pool:
            found = [thing for listed in pool.map(lambda ask: self._listed(*ask), asked) for thing in listed]
        return tuple({thing.id: thing for thing in found}.values())

    def containers(self, lab: str | None = None) -> tuple[Thing, ...]:
        """Only the containers."""
        return self.things(lab, kinds=("container",))

    def container_of(self, lab: str, service: str) -> Thing | None:
        """The container of a Compose service, None where there is none."""
        found = [thing for thing in self.containers(lab) if thing.service == service and not thing.pod]
        return found[0] if found else None

    def _listed(self, kind: str, label: str) -> Iterable[Thing]:
        argv = ["docker", *LISTINGS[kind], "--filter", f"label={label}", "--format", "{{json .}}"]
        output = self.runner.run(argv)
        if not output.ok:
            raise EnvironmentTrouble(
                f"the engine does not list its {kind}s: {output.last_line()}", hint="lab doctor"
            )
        return (_thing(kind, json.loads(line)) for line in output.text.splitlines() if line.strip())

    def remove(self, things: Iterable[Thing]) -> None:
        """Remove them, containers first.

        What is gone already is no error: Compose, the referee or a person may have been faster.
        """
        wanted = tuple(things)
        for kinds in (("container",), ("network", "volume")):
            with ThreadPoolExecutor(max_workers=len(kinds)) as pool:
                tuple(pool.map(lambda kind: self._remove(kind, wanted), kinds))

    def _remove(self, kind: str, wanted: tuple[Thing, ...]) -> None:
        ids = [thing.id for thing in wanted if thing.kind == kind]
        if ids:
            self.runner.run(["docker", *REMOVALS[kind], *ids], timeout_s=60)


REMOVALS: dict[str, Sequence[str]] = {
    "container": ("rm", "--force", "--volumes"),
    "volume": ("volume", "rm", "--force"),
    "network": ("network", "rm"),
}


@dataclass(frozen=True, kw_only=True)
class _Labels:
    """The labels of a listing, which the docker command prints as one comma-separated line."""

    text: str
    pairs: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        pairs = dict(part.partition("=")[::2] for part in self.text.split(","))
        object.__setattr__(self, "pairs", pairs)

    def __getitem__(self, name: str) -> str:
        return self.pairs.get(name, "")


def _thing(kind: str, row: dict[str, str]) -> Thing:
    labels = _Labels(text=row.get("Labels", ""))
    name = row.get("Names") or row["Name"]
    return Thing(
        kind=kind,
        id=row.get("ID") or name,
        name=name,
        lab=labels[LABEL],
        service=labels[POD_LABEL] or labels[SERVICE_LABEL],
        pod=bool(labels[POD_LABEL]),
        running=row.get("State") == "running",
        lasting=bool(labels[LASTING_LABEL]),
    )

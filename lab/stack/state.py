"""What the host remembers of a lab: one file, readable by its owner alone."""

import dataclasses
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lab.engine.find import DEFAULT_SOCKET
from lab.stack import atomic
from lab.stack.places import home, lab_dir, run_dir
from lab.targets import STANDARD

FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class LabState:
    """One lab and its run. *phase* is `starting` until its services are up, then `up`.

    *limit_s*: seconds from the symptom after which service is waited for no longer; 0 is the scenario's own.
    *targets*: whom the times are meant for. *extras* are its optional services.
    """

    name: str
    run_id: str
    scenario: str
    phase: str
    began_t: float
    speed: float
    calm: bool
    seed: int
    ports: Mapping[str, int]
    images: Mapping[str, str]
    api_images: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)
    facts: Mapping[str, object] = field(default_factory=dict)
    engine_socket: str = DEFAULT_SOCKET
    limit_s: float = 0.0
    targets: str = STANDARD
    extras: Sequence[str] = ()
    format: int = FORMAT

    @property
    def folder(self) -> Path:
        """Where this lab's state and certificates are."""
        return lab_dir(self.name)

    @property
    def tls_dir(self) -> Path:
        """The referee's certificate and key."""
        return self.folder / "tls"

    @property
    def targets_dir(self) -> Path:
        """What Prometheus scrapes besides what every lab has."""
        return self.folder / "targets"

    @property
    def run_dir(self) -> Path:
        """Where the run's journal and reports go."""
        return run_dir(self.run_id)

    @property
    def url(self) -> str:
        """The referee, as the host reaches it."""
        return f"https://127.0.0.1:{self.ports['referee']}"


def _file(lab: str) -> Path:
    return lab_dir(lab) / "lab.json"


def save(state: LabState) -> None:
    """Write the state down; it is on disk when this returns."""
    text = json.dumps(dataclasses.asdict(state), indent=1, sort_keys=True)
    state.folder.mkdir(parents=True, exist_ok=True, mode=0o755)
    atomic.write(_file(state.name), text.encode() + b"\n", mode=0o600)


def load(lab: str) -> LabState | None:
    """The state of a lab, None where there is none that can be read."""
    try:
        fields = json.loads(_file(lab).read_text())
        state = LabState(**{**fields, "extras": tuple(fields.get("extras", ()))})
    except (OSError, ValueError, TypeError):
        return None
    return state if state.format == FORMAT else None


def all_states() -> Iterator[LabState]:
    """The labs that this home knows, by name."""
    for file in sorted((home() / "labs").glob("*/lab.json")):
        state = load(file.parent.name)
        if state is not None:
            yield state


def forget(lab: str) -> None:
    """Remove state, secrets and certificates; the run's journal and reports stay."""
    shutil.rmtree(lab_dir(lab), ignore_errors=True)

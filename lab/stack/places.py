"""Where things are: the checkout, and what the lab keeps on the host."""

import os
import re
from pathlib import Path

from lab.errors import UsageError

LABEL = "dev.sev0.lab"
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,30}")


def checkout() -> Path:
    """The repository's root: build contexts and compose files are below it."""
    return Path(__file__).resolve().parents[2]


def home() -> Path:
    """Where labs and runs are kept: LAB_HOME, else the checkout's `.lab`."""
    chosen = os.environ.get("LAB_HOME")
    return Path(chosen).expanduser().resolve() if chosen else checkout() / ".lab"


def project(lab: str) -> str:
    """The Compose project of a lab."""
    return f"sev0-{lab}"


def checked_name(lab: str) -> str:
    """The name, if a Compose project and a folder can carry it."""
    if not NAME.fullmatch(lab):
        raise UsageError(
            f"{lab!r} cannot be a lab's name: at most 31 of a-z, 0-9, - and _, a letter or digit first",
            hint="lab start max-connections --name team-1",
        )
    return lab


def lab_dir(lab: str) -> Path:
    """What a lab keeps while it is there: state, secrets, TLS."""
    return home() / "labs" / lab


def faults_dir(lab: str | None = None) -> Path:
    """Receipts of faults that were done by hand: to a lab, or without one to containers outside labs."""
    return (home() if lab is None else lab_dir(lab)) / "faults"


def all_faults_dirs() -> tuple[Path, ...]:
    """All folders of receipts that are there, of every lab and of none."""
    return tuple(one for one in (faults_dir(), *sorted(home().glob("labs/*/faults"))) if one.is_dir())


def run_dir(run_id: str) -> Path:
    """What a run leaves: journal, reports, the load's log."""
    return home() / "runs" / run_id


def engine_dir() -> Path:
    """Log and process id of an engine that we started, or the marker that the system's service was."""
    return home() / "engine"


def log_dir() -> Path:
    """Logs of image builds."""
    return home() / "logs"

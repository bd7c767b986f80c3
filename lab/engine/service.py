"""An engine that runs as a service of the system, and whether we are why it runs."""

import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.engine.machine import Machine
from lab.engine.runner import TIMED_OUT, Runner
from lab.errors import EnvironmentTrouble, NoEngine

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
START_WITHIN_S = 60.0
STOP_WITHIN_S = 150.0
"""systemd gives its containers 90 s to end before it kills them."""


@dataclass(frozen=True, kw_only=True)
class Service:
    """How a system starts, sees and stops its service docker, and where to look when that fails."""

    start: Sequence[str]
    active: Sequence[str]
    stop: Sequence[str]
    look: str


SERVICES = {
    "systemd": Service(
        start=("systemctl", "start", "docker"),
        active=("systemctl", "is-active", "--quiet", "docker"),
        # Its socket left open would start it again with the next docker command.
        stop=("systemctl", "stop", "docker", "docker.socket"),
        look="sudo journalctl --no-pager -u docker -n 50",
    ),
    "init script": Service(
        start=("service", "docker", "start"),
        active=("service", "docker", "status"),
        stop=("service", "docker", "stop"),
        look="tail -n 50 /var/log/docker.log",
    ),
}


def kind_of(machine: Machine) -> str:
    """Which of SERVICES this machine has."""
    return "systemd" if machine.systemd else "init script"


@dataclass(frozen=True, kw_only=True)
class Marker:
    """The file that says that the system's service runs because of us; worth nothing after a reboot."""

    path: Path
    boot_id: Path = BOOT_ID

    def write(self, kind: str) -> None:
        """Remember that the service was started on our behalf in this boot."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps({"service": kind, "boot": self._boot()}))

    def read(self) -> str | None:
        """Which of SERVICES was started on our behalf since the machine booted."""
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
            noted = json.loads(self.path.read_text())
            # After a reboot it runs because the machine starts it, as any other service.
            return str(noted["service"]) if noted["boot"] == self._boot() else None
        return None

    def remove(self) -> None:
        """Forget it."""
        self.path.unlink(missing_ok=True)

    def _boot(self) -> str:
        return self.boot_id.read_text().strip() if self.boot_id.is_file() else ""


def running(runner: Runner, marker: Marker) -> str | None:
    """Which of SERVICES runs on our behalf, None where none does."""
    kind = marker.read()
    return kind if kind in SERVICES and runner.run(SERVICES[kind].active).ok else None


def start(runner: Runner, machine: Machine, marker: Marker) -> None:
    """Start the system's service and remember that it was us; NoEngine says where to look if it fails."""
    service = SERVICES[kind_of(machine)]
    # Before it, for we may be ended in the middle of it.
    marker.write(kind_of(machine))
    started = runner.run([*(machine.as_root or ()), *service.start], timeout_s=START_WITHIN_S)
    # A start that takes long goes on without the command that asked for it.
    if not started.ok and started.exit_code != TIMED_OUT:
        marker.remove()
        raise NoEngine(f"{' '.join(service.start)} failed: {started.last_line()}", hint=service.look)


def stop(runner: Runner, machine: Machine, marker: Marker, kind: str) -> None:
    """Stop the service; EnvironmentTrouble where it still runs then."""
    service = SERVICES[kind]
    stopped = runner.run([*(machine.as_root or ()), *service.stop], timeout_s=STOP_WITHIN_S)
    # A machine without the socket's unit says so, with the engine stopped.
    if runner.run(service.active).ok:
        raise EnvironmentTrouble(
            f"the Docker engine still runs after {' '.join(service.stop)}: {stopped.last_line()}",
            hint=f"sudo {' '.join(service.stop)}\n{service.look}",
        )
    marker.remove()

"""Start an engine on a machine that has one installed but not running, and stop what runs because of us."""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from faults.errors import NotReached
from faults.wait import SYSTEM_CLOCK, Clock, until
from lab.engine import service
from lab.engine.find import State, find
from lab.engine.machine import Machine
from lab.engine.runner import Runner
from lab.errors import NoEngine

START_WITHIN_S = 60.0


@dataclass(frozen=True, kw_only=True)
class Ours:
    """The files of an engine that we started: where it logs, its process id while it runs, or a marker that
    the system's service was started for us.
    """

    folder: Path

    @property
    def log(self) -> Path:
        """What the engine wrote."""
        return self.folder / "dockerd.log"

    @property
    def pid_file(self) -> Path:
        """Written by the engine, removed by it when it ends well."""
        return self.folder / "dockerd.pid"

    @property
    def marker(self) -> service.Marker:
        """Written where the engine runs as a service of the system because of us."""
        return service.Marker(path=self.folder / "service.json")

    def pid(self) -> int | None:
        """The process id of an engine that we started and that still runs."""
        with contextlib.suppress(OSError, ValueError):
            pid = int(self.pid_file.read_text())
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
            # The file outlives a machine that lost its power, and the number may be somebody else's by then.
            return pid if b"dockerd" in command and str(self.pid_file).encode() in command else None
        return None


def running(runner: Runner, ours: Ours) -> str | None:
    """What runs because of us, in words; None where no engine does."""
    pid = ours.pid()
    if pid is not None:
        return f"process {pid}"
    kind = service.running(runner, ours.marker)
    return None if kind is None else f"docker of {kind}"


def start(runner: Runner, machine: Machine, ours: Ours, *, clock: Clock = SYSTEM_CLOCK) -> str:
    """Start the engine, wait until it answers, and say how it was started."""
    ours.folder.mkdir(parents=True, exist_ok=True)
    if machine.systemd:
        service.start(runner, machine, ours.marker)
        _wait(runner, clock, look=service.SERVICES[service.kind_of(machine)].look)
        return "the Docker engine was started by systemd"
    runner.detach(dockerd_command(machine, ours), log=ours.log)
    _wait(runner, clock, look=f"look into {ours.log}", log=ours.log)
    return f"the Docker engine was started, logs in {ours.log}"


def dockerd_command(machine: Machine, ours: Ours) -> list[str]:
    """The engine's command line; one that sudo starts lets the group of the user in who asked for it."""
    group = ("--group", str(os.getgid())) if machine.as_root else ()
    return [*(machine.as_root or ()), "dockerd", "--pidfile", str(ours.pid_file), *group]


def _wait(runner: Runner, clock: Clock, *, look: str, log: Path | None = None) -> None:
    def answers() -> bool | None:
        # An engine that refuses us runs; who may ask it is for the caller to say.
        return True if find(runner, timeout_s=5).state in (State.ANSWERS, State.REFUSED) else None

    try:
        until(answers, what="Docker engine", timeout_s=START_WITHIN_S, every_s=0.5, clock=clock)
    except NotReached:
        wrote = "" if log is None else f": {_tail(log)}"
        raise NoEngine(
            f"the Docker engine was started and is silent after {START_WITHIN_S:g} s{wrote}", hint=look
        ) from None


def _tail(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines() if log.is_file() else []
    return lines[-1] if lines else "it wrote nothing"


def stop(runner: Runner, machine: Machine, ours: Ours, *, clock: Clock = SYSTEM_CLOCK) -> bool:
    """Stop the engine if we started it; says whether there was one."""
    pid = ours.pid()
    if pid is None:
        return _stop_service(runner, machine, ours)
    runner.run([*(machine.as_root or ()), "kill", "-TERM", str(pid)])
    until(
        lambda: None if ours.pid() else True, what=f"end of dockerd, process {pid}", timeout_s=30, clock=clock
    )
    return True


def _stop_service(runner: Runner, machine: Machine, ours: Ours) -> bool:
    kind = service.running(runner, ours.marker)
    if kind is not None:
        service.stop(runner, machine, ours.marker, kind)
    return kind is not None

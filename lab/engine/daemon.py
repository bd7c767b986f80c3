"""Start an engine on a machine that has one installed but not running, and stop what we started."""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from faults.errors import NotReached
from faults.wait import SYSTEM_CLOCK, Clock, until
from lab.engine.find import State, find
from lab.engine.machine import Machine
from lab.engine.runner import Runner
from lab.errors import NoEngine

START_WITHIN_S = 60.0


@dataclass(frozen=True, kw_only=True)
class Ours:
    """The files of an engine that we started: where it logs, and its process id while it runs."""

    folder: Path

    @property
    def log(self) -> Path:
        """What the engine wrote."""
        return self.folder / "dockerd.log"

    @property
    def pid_file(self) -> Path:
        """Written by the engine, removed by it when it ends well."""
        return self.folder / "dockerd.pid"

    def pid(self) -> int | None:
        """The process id of an engine that we started and that still runs."""
        with contextlib.suppress(OSError, ValueError):
            pid = int(self.pid_file.read_text())
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
            # The file outlives a machine that lost its power, and the number may be somebody else's by then.
            return pid if b"dockerd" in command and str(self.pid_file).encode() in command else None
        return None


def start(runner: Runner, machine: Machine, ours: Ours, *, clock: Clock = SYSTEM_CLOCK) -> str:
    """Start the engine, wait until it answers, and say how it was started."""
    ours.folder.mkdir(parents=True, exist_ok=True)
    if machine.systemd:
        runner.run([*(machine.as_root or ()), "systemctl", "start", "docker"], timeout_s=START_WITHIN_S)
        said = "started by systemd"
    else:
        runner.detach(dockerd_command(machine, ours), log=ours.log)
        said = f"started by us, logs in {ours.log}"
    _wait(runner, ours, clock)
    return said


def dockerd_command(machine: Machine, ours: Ours) -> list[str]:
    """The engine's command line; one that sudo starts lets the group of the user in who asked for it."""
    group = ("--group", str(os.getgid())) if machine.as_root else ()
    return [*(machine.as_root or ()), "dockerd", "--pidfile", str(ours.pid_file), *group]


def _wait(runner: Runner, ours: Ours, clock: Clock) -> None:
    def answers() -> bool | None:
        # An engine that refuses us runs; who may ask it is for the caller to say.
        return True if find(runner, timeout_s=5).state in (State.ANSWERS, State.REFUSED) else None

    try:
        until(answers, what="Docker engine", timeout_s=START_WITHIN_S, every_s=0.5, clock=clock)
    except NotReached:
        raise NoEngine(
            f"the Docker engine was started and is silent after {START_WITHIN_S:g} s: {_tail(ours.log)}",
            hint=f"look into {ours.log}",
        ) from None


def _tail(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines() if log.is_file() else []
    return lines[-1] if lines else "it wrote nothing"


def stop(runner: Runner, machine: Machine, ours: Ours, *, clock: Clock = SYSTEM_CLOCK) -> bool:
    """Stop the engine if we started it; says whether there was one."""
    pid = ours.pid()
    if pid is None:
        return False
    runner.run([*(machine.as_root or ()), "kill", "-TERM", str(pid)])
    until(
        lambda: None if ours.pid() else True, what=f"end of dockerd, process {pid}", timeout_s=30, clock=clock
    )
    return True

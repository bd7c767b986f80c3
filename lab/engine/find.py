"""Ask whether an engine answers, and if not, why."""

import json
import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from lab.engine.runner import NOT_FOUND, TIMED_OUT, Output, Runner

ANSWER_WITHIN_S = 20.0
"""A sound engine answers in well under a second; a machine that swaps needs more."""


DEFAULT_SOCKET = "/var/run/docker.sock"
DESKTOP = "Docker Desktop"


class State(Enum):
    """What came back when the engine was asked."""

    ANSWERS = "answers"
    NO_CLIENT = "no docker command on PATH"
    NOT_RUNNING = "no engine is running"
    REFUSED = "the engine refuses this user"
    SILENT = "the engine does not answer"


@dataclass(frozen=True, kw_only=True)
class Engine:
    """An engine as found; the fields after *said* are empty unless it answers."""

    state: State
    said: str = ""
    version: str = ""
    data_dir: str = ""
    system: str = ""
    rootless: bool = False
    memory_bytes: int = 0
    cpus: int = 0


def find(runner: Runner, *, timeout_s: float = ANSWER_WITHIN_S) -> Engine:
    """Ask the engine of the current context who it is."""
    output = runner.run(["docker", "info", "--format", "{{json .}}"], timeout_s=timeout_s)
    facts = _facts(output.text)
    if output.ok and facts.get("ServerVersion"):
        return Engine(
            state=State.ANSWERS,
            version=facts["ServerVersion"],
            data_dir=facts.get("DockerRootDir", ""),
            system=facts.get("OperatingSystem", ""),
            rootless=any("rootless" in option for option in facts.get("SecurityOptions") or ()),
            memory_bytes=facts.get("MemTotal", 0),
            cpus=facts.get("NCPU", 0),
        )
    said = output.error_text.strip() or "; ".join(facts.get("ServerErrors") or ()) or output.last_line()
    return Engine(state=_why_not(output, said), said=said)


def _facts(text: str) -> dict[str, Any]:
    try:
        facts = json.loads(text)
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}


def _why_not(output: Output, said: str) -> State:
    if output.exit_code == NOT_FOUND:
        return State.NO_CLIENT
    if output.exit_code == TIMED_OUT:
        return State.SILENT
    if "permission denied" in said.lower():
        return State.REFUSED
    return State.NOT_RUNNING


def endpoint(runner: Runner, *, environment: Mapping[str, str] = os.environ) -> str:
    """The address of the current context's engine, as the docker command itself sees it."""
    if environment.get("DOCKER_HOST"):
        return environment["DOCKER_HOST"]
    output = runner.run(["docker", "context", "inspect", "--format", "{{.Endpoints.docker.Host}}"])
    return output.text.strip() or f"unix://{DEFAULT_SOCKET}"


def socket_inside(engine: Engine, address: str, *, system: str = platform.system()) -> str:
    """The path to mount where a container is to talk to *engine*, which is reached at *address*.

    An engine in a virtual machine (Docker Desktop, anything on macOS or Windows) or on another host knows
    only its own path; one that runs on this Linux, rootless or not, has its socket where the context says.
    """
    path = address.removeprefix("unix://")
    local = path != address and system == "Linux" and DESKTOP not in engine.system
    return path if local else DEFAULT_SOCKET


def is_default_endpoint(address: str) -> bool:
    """Whether this is the local engine that an installation would start, and not one that somebody chose."""
    return address in ("unix:///var/run/docker.sock", "unix:///run/docker.sock")


def has_compose(runner: Runner) -> bool:
    """Whether `docker compose` is there, version 2 or later."""
    return runner.run(["docker", "compose", "version"]).ok


def has_buildx(runner: Runner) -> bool:
    """Whether `docker buildx` is there."""
    return runner.run(["docker", "buildx", "version"]).ok

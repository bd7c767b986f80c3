"""See to it that an engine with Compose and buildx answers, or say exactly what to type."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lab.engine import daemon, install, service
from lab.engine.find import Engine, State, endpoint, find, has_buildx, has_compose, is_default_endpoint
from lab.engine.machine import Machine, look
from lab.engine.runner import Runner
from lab.errors import NoEngine

Say = Callable[[str], None]
"""Takes one line on what is being done now."""

BY_HAND = {
    "debian": "apt-get install -y docker.io docker-compose docker-buildx && systemctl start docker\n"
    "see https://docs.docker.com/engine/install/debian/ where Compose v2 is not in your release",
    "ubuntu": "sudo apt-get install -y docker.io docker-compose-v2 docker-buildx\n"
    "sudo systemctl start docker",
}
ELSEWHERE = (
    "install Docker Desktop or Docker Engine: https://docs.docker.com/get-docker/\nstart it, then try again"
)


@dataclass(frozen=True, kw_only=True)
class EngineWanted:
    """All that bringing an engine up depends on; tests replace the parts."""

    runner: Runner
    ours: daemon.Ours
    machine: Callable[[Runner], Machine] = look
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)

    def ensure(self, say: Say) -> Engine:
        """Return an engine that answers and has its plugins, installed and started where that is allowed."""
        engine = find(self.runner)
        if engine.state not in (State.ANSWERS, State.REFUSED):
            engine = self._bring_up(engine, say)
        if engine.state is not State.ANSWERS:
            raise NoEngine(
                f"{engine.state.value}: {engine.said}",
                hint="sudo usermod -aG docker $USER\nnewgrp docker",
            )
        self._plugins(say)
        return engine

    def _bring_up(self, found: Engine, say: Say) -> Engine:
        address = endpoint(self.runner, environment=self.environment)
        if found.state is State.SILENT or not is_default_endpoint(address):
            raise NoEngine(
                f"the Docker engine at {address} does not answer: {found.said}",
                hint="docker context ls\ndocker info",
            )
        machine = self._allowed(found.state.value)
        if found.state is State.NO_CLIENT or not self._installed():
            say("installing docker.io with apt-get")
            install.install_engine(self.runner, machine)
            found = find(self.runner)
            if found.state in (State.ANSWERS, State.REFUSED):
                # The package started it.
                self.ours.marker.write(service.kind_of(machine))
        if found.state is State.NOT_RUNNING:
            say("starting the Docker engine")
            say(daemon.start(self.runner, machine, self.ours))
        return find(self.runner)

    def _installed(self) -> bool:
        return self.runner.run(["dockerd", "--version"]).ok

    def _plugins(self, say: Say) -> None:
        compose, buildx = has_compose(self.runner), has_buildx(self.runner)
        if compose and buildx:
            return
        missing = " and ".join(
            name for name, there in (("compose", compose), ("buildx", buildx)) if not there
        )
        machine = self._allowed(f"docker lacks its plugin {missing}")
        say(f"installing docker's plugin {missing} with apt-get")
        install.install_plugins(self.runner, machine, compose=not compose, buildx=not buildx)
        if not (has_compose(self.runner) and has_buildx(self.runner)):
            raise NoEngine(f"docker still lacks its plugin {missing} after installing it", hint=ELSEWHERE)

    def _allowed(self, trouble: str) -> Machine:
        """The machine, if we may install on it."""
        machine = self.machine(self.runner)
        why_not = ""
        if self.environment.get("LAB_INSTALL_ENGINE") == "0":
            why_not = "LAB_INSTALL_ENGINE=0 forbids installing one"
        elif not machine.has_apt:
            why_not = "one is only installed on Debian and Ubuntu"
        elif machine.as_root is None:
            why_not = "installing one needs root or sudo without a password"
        if why_not:
            raise NoEngine(f"{trouble}, and {why_not}", hint=BY_HAND.get(machine.distro, ELSEWHERE))
        return machine

"""See to it that an engine with Compose and buildx answers, or say exactly what to type."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from lab.engine import daemon, install, service
from lab.engine.advice import ASK_AGAIN, PLUGINS_ELSEWHERE, Advice, Place, about_plugins, advise
from lab.engine.find import Engine, State, endpoint, find, has_buildx, has_compose
from lab.engine.machine import Machine, look
from lab.engine.runner import Runner
from lab.errors import NoEngine

Say = Callable[[str], None]
"""Takes one line on what is being done now."""


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
        if engine.state is not State.ANSWERS:
            engine = self._bring_up(engine, say)
        self._plugins(say)
        return engine

    def place(self) -> Place:
        """Where an engine is wanted, as far as what to do about it depends on that."""
        return Place(
            address=endpoint(self.runner, environment=self.environment),
            machine=self.machine(self.runner),
            environment=self.environment,
            installed=self.runner.run(["dockerd", "--version"]).ok,
        )

    def _bring_up(self, found: Engine, say: Say) -> Engine:
        place = self.place()
        _refuse_unless_allowed(advise(found, place))
        if found.state is State.NO_CLIENT or not place.installed:
            say("installing docker.io with apt-get")
            install.install_engine(self.runner, place.machine)
            found = find(self.runner)
            if found.state in (State.ANSWERS, State.REFUSED):
                # The package started it.
                self.ours.marker.write(service.kind_of(place.machine))
        if found.state is State.NOT_RUNNING:
            say("starting the Docker engine")
            say(daemon.start(self.runner, place.machine, self.ours))
            found = find(self.runner)
        if found.state is not State.ANSWERS:
            advice = advise(found, replace(place, installed=True))
            raise NoEngine(advice.said, hint=ASK_AGAIN if advice.lab_can else advice.hint)
        return found

    def _plugins(self, say: Say) -> None:
        compose, buildx = has_compose(self.runner), has_buildx(self.runner)
        if compose and buildx:
            return
        missing = " and ".join(
            name for name, there in (("compose", compose), ("buildx", buildx)) if not there
        )
        place = self.place()
        _refuse_unless_allowed(about_plugins(missing, place))
        say(f"installing docker's plugin {missing} with apt-get")
        install.install_plugins(self.runner, place.machine, compose=not compose, buildx=not buildx, say=say)
        if not (has_compose(self.runner) and has_buildx(self.runner)):
            raise NoEngine(
                f"docker still lacks its plugin {missing} after installing it", hint=PLUGINS_ELSEWHERE
            )


def _refuse_unless_allowed(advice: Advice) -> None:
    if not advice.lab_can:
        raise NoEngine(advice.said, hint=advice.hint)

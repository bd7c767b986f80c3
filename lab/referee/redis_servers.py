"""The Redis servers of a lab, and what of them the referee looks at."""

from collections.abc import Callable

from faults.core import Kind
from lab.referee.config import Config
from lab.referee.recorder import Recorder
from lab.referee.samplers.redis_looks import Injects
from lab.referee.samplers.redis_server import RedisServer
from lab.referee.samplers.redis_settings import RedisSettings, ServerSettings
from lab.scenario import Scenario

REPLICA = "redis-replica"


def redis_server(config: Config, name: str) -> RedisServer:
    """The server of that service."""
    return RedisServer(host=name, port=6379, user="referee", password=config.redis_referee_password)


def settings_of_redis(
    config: Config, scenario: Scenario, recorder: Recorder, *, now: Callable[[], float]
) -> RedisSettings:
    """Who looks at the settings of each server that there is."""
    names = ("redis", REPLICA) if REPLICA in config.extras else ("redis",)
    return RedisSettings(
        tuple(
            ServerSettings(
                redis_server(config, name), name=name, injects=injects_of(name, scenario, recorder), now=now
            )
            for name in names
        )
    )


def injects_of(service: str, scenario: Scenario, recorder: Recorder) -> Callable[[], Injects]:
    """The timeline's faults of one server, as they stand when asked."""
    of_it = frozenset(
        n
        for n, inject in enumerate(scenario.timeline)
        if inject.on == service and inject.fault.about.kind is Kind.REDIS
    )

    def as_they_stand() -> Injects:
        state = recorder.state
        return Injects(begun=of_it & state.injected.keys(), done=of_it & state.confirmed)

    return as_they_stand

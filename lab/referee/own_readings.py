"""Gives the readings that a scenario declares the witnesses that they are taken from."""

from collections.abc import Callable, Sequence
from typing import Protocol

import docker

from faults.core import Kind
from lab.logins import passwords
from lab.referee.config import Config
from lab.referee.database import Database
from lab.referee.mysql import Mysql
from lab.referee.pods.model import Pod
from lab.referee.recorder import Recorder
from lab.referee.samplers.container_facts import Look, look_of_pod, look_of_service
from lab.referee.samplers.declared import Witnesses, taken
from lab.referee.samplers.paced import Paced
from lab.referee.samplers.prometheus import Prometheus
from lab.referee.services import Services
from lab.scenario import Scenario, declared


class Pods(Protocol):
    """Who knows the pods that there are."""

    @property
    def pods(self) -> Sequence[Pod]: ...


def own_readings(
    *,
    config: Config,
    scenario: Scenario,
    recorder: Recorder,
    controller: Pods,
    database: Database,
    engine: Callable[[], docker.APIClient],
    now: Callable[[], float],
) -> Paced:
    """What the scenario declares to be read, ready to be taken."""

    def looks(of: str) -> Callable[[], Sequence[Look]]:
        services = Services(engine(), project=config.project)

        def look() -> Sequence[Look]:
            service = services.find(of)
            if service is not None:
                return (look_of_service(service),)
            return tuple(look_of_pod(pod) for pod in controller.pods if pod.deployment == of)

        return look

    witnesses = Witnesses(
        prometheus=lambda: Prometheus(config.prometheus_url, now=now),
        databases={"postgres": database, **mysql_servers(config)},
        shop_url=config.shop_url,
        looks=looks,
        before=recorder.last_reading,
    )
    return Paced(taken(declared(scenario), witnesses), now=now)


def mysql_servers(config: Config) -> dict[str, Mysql]:
    """MySQL and its replica, whether the lab has them or not: one that is not there does not answer."""
    password = passwords(Kind.MYSQL, config.secrets).get("referee", "")
    return {name: Mysql(host=f"{name}-admin", password=password) for name in ("mysql", "mysql-replica")}

"""What must be there before users come: one named check for each service that the lab has."""

from collections.abc import Callable

from lab import deployment
from lab.referee.balancer import HAProxy
from lab.referee.config import Config
from lab.referee.database import Database
from lab.referee.errors import BalancerError, EngineTrouble
from lab.referee.pods.controller import Controller
from lab.referee.readiness import Readiness
from lab.referee.samplers.prometheus import Prometheus
from lab.referee.services import Services

# What a database node of a lab with a heartbeat shows before users come: it answers, and is not behind.
IN_STEP = 'heartbeat_up{{node="{node}"}} == 1 and heartbeat_age_seconds < 3'


def checks_of(
    config: Config, controller: Controller, database: Database, services: Services, now: Callable[[], float]
) -> Readiness:
    """All checks of this lab."""
    prometheus = Prometheus(config.prometheus_url, now=now)
    balancer = HAProxy(config.balancer_socket)

    def balancer_answers() -> bool:
        try:
            balancer.servers()
        except BalancerError:
            return False
        return True

    def runs(name: str) -> Callable[[], bool]:
        def check() -> bool:
            try:
                service = services.find(name)
            except EngineTrouble:
                return False
            return service is not None and service.state == "running"

        return check

    def holds(query: str) -> Callable[[], bool]:
        return lambda: prometheus.holds(query)

    in_step = {f"{node} in step": holds(IN_STEP.format(node=node)) for node in config.nodes}
    pooler = {"pgbouncer": holds("pgbouncer_up == 1")} if "pgbouncer" in config.extras else {}
    return Readiness(
        {
            "postgres": database.answers,
            "redis": runs("redis"),
            "lb": balancer_answers,
            "load": runs("load"),
            "prometheus": prometheus.ready,
            "api": lambda: controller.settled(deployment.NAME),
            **in_step,
            **pooler,
            **({"worker": runs("worker")} if "worker" in config.extras else {}),
        }
    )

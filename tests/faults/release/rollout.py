"""The shop's API in pods that the lab's own controller makes, and the balancer by which clients come in."""

from collections.abc import Callable
from pathlib import Path

from docker.types import Mount

from faults.container import Container
from faults.core import Kind
from lab.referee.balancer import HAProxy
from lab.referee.pods.containers import LABEL_NAME, LABEL_POD
from lab.referee.pods.wanted import Wanted
from lab.stack.places import LABEL
from tests.faults.postgres import server as postgres
from tests.faults.redis import server as redis
from tests.faults.release.cases_worker import WORKER
from tests.faults.servers import Server, Spec, Yard
from tests.podshop import Shop

SOUND, LEAKY = "2.3.1", "2.4.0"
RELEASES = (SOUND, LEAKY)
DEPLOYMENT = "api"
ENVIRONMENT = {
    **{key: WORKER.environment[key] for key in ("DATABASE_URL", "REDIS_URL")},
    "PAY_URL": "http://nobody-pays-here",
    "READY_AFTER_S": "0.5",
    "DB_POOL_PRE_PING": "1",  # between two cases the database may have been restarted
}


class Deployments:
    """What is wanted of the pods, as a fault's victim: no process, so there is nothing in it to restart."""

    name = DEPLOYMENT
    kind = Kind.DEPLOYMENT
    started_at = ""

    def __init__(self, wanted: Callable[[], Wanted], container: Container) -> None:
        self.container = container
        self._wanted = wanted

    def release_of(self, deployment: str) -> str:
        """The release that the deployment wants now."""
        return self._wanted().release_of(deployment)

    def roll_out(self, deployment: str, *, release: str, cause: str) -> int:
        """Want another release."""
        self.container.on_act(f"roll out {release}")
        return self._wanted().roll_out(deployment, release=release, cause=cause)


class Rollout(Server):
    """The balancer, and the pods behind it.

    What is wanted is on disk, and read anew each time: an injector in another process may have changed it.
    A controller works while somebody waits for it, and begins as a referee's does that was started again.
    """

    yard: Yard
    database: postgres.Postgres

    @property
    def target(self) -> Deployments:
        """What a fault is done to."""
        return Deployments(lambda: self._shop().wanted, self.container)

    @property
    def url(self) -> str:
        """Where clients come in."""
        return f"http://127.0.0.1:{self.port}"

    def wait(self) -> None:
        """Let the controller make the pods that are wanted, and serve by them alone."""
        shop = self._shop()
        shop.run()
        try:
            shop.settle(timeout_s=90)
        finally:
            shop.halt()

    def restart(self) -> None:
        """Replace every pod, as somebody does who restarts them all."""
        mine = [f"{LABEL}={self.yard.label}", LABEL_POD]
        pods = self.engine.containers.list(all=True, filters={"label": mine})
        self._shop().wanted.leave(pod.labels[LABEL_NAME] for pod in pods)
        self.wait()

    def roll_back(self) -> None:
        """An engineer rolls back to the first revision, and sees it serve."""
        self._shop().wanted.roll_out(DEPLOYMENT, release=SOUND, cause="rollback to revision 1", by="trainee")
        self.wait()

    def _shop(self) -> Shop:
        label, folder = self.yard.label, self.yard.folder
        shop = Shop(
            self.engine.api,
            label,
            images={release: self.yard.image(f"api {release}") for release in RELEASES},
            network=self.yard.network,
            environment=ENVIRONMENT,
            folder=folder,
            balancer=HAProxy(folder / "admin.sock"),
            url=self.url,
        )
        shop.wanted.ensure(DEPLOYMENT, release=SOUND, replicas=1)
        return shop


class Door(Server):
    """The balancer alone: whoever waits for the pods waits for it, too."""

    def wait(self) -> None:
        """Wait for nothing."""


def deployment(yard: Yard) -> Rollout:
    """The API's deployment, of one pod, with its databases."""
    database = postgres.primary(yard)
    redis.primary(yard)
    door = yard.get(Door, _door(yard.folder))
    made = Rollout(yard.engine, name=door.name, port=door.inner_port)
    made.yard, made.database = yard, database
    return made


def _door(folder: Path) -> Spec:
    folder.mkdir(exist_ok=True)
    folder.chmod(0o777)  # the balancer is not root, and makes its socket here
    mounts = [Mount("/run/haproxy", str(folder), type="bind")]
    return Spec(image="haproxy", name="balancer", port=8080, environment={}, options={"mounts": mounts})

"""A container like any other: here with Redis inside, on a small volume, and a client of it."""

from docker.types import Mount
from redis.exceptions import RedisError

from faults.container import Container
from faults.rebuild import find
from faults.wait import until
from lab.stack.places import LABEL
from tests.faults.redis.server import ENVIRONMENT, Redis
from tests.faults.servers import Spec, Yard

MEMORY = "256m"
VOLUME = {"type": "tmpfs", "device": "tmpfs", "o": "size=128m,uid=100,gid=101,mode=700"}
PATIENCE_S = 2.0


class Box(Redis):
    """A container that may be down, or stand still."""

    @property
    def target(self) -> Container:  # type: ignore[override]
        """What a fault is done to."""
        return self.container

    @property
    def status(self) -> str:
        """What the engine says of it."""
        return str(self.container.attrs["State"]["Status"])

    def wait(self) -> None:
        """Wait until it serves, is down or stands still."""
        until(
            lambda: self.status != "running" or self.reads() == "" or None,
            what=f"{self.name} serves or is down",
            timeout_s=60,
        )

    def restart(self) -> None:
        """Restart it; it serves, or it goes down again."""
        self.engine.containers.get(self.name).restart(timeout=20)
        self.wait()

    def reads(self) -> str:
        """What a client meets: an error, silence, or a value."""
        if self.status != "running":
            return self.silence() if self.status == "paused" else "down"
        return self.error("EXISTS", "product:1")

    def silence(self) -> str:
        """Whether nobody answers for as long as a client waits."""
        try:
            with self.client(timeout_s=PATIENCE_S) as client:
                client.exists("product:1")
        except RedisError as error:
            return type(error).__name__
        return ""


def box(yard: Yard) -> Box:
    """The one container of this family."""
    full = f"{yard.label}-box"
    if find(yard.engine, f"{full}-volume") is None:
        _hold(yard, full)
    options = {"mem_limit": MEMORY, "memswap_limit": MEMORY, "mounts": [Mount("/data", f"{full}-data")]}
    return yard.get(Box, Spec(image="redis", name="box", port=6379, environment=ENVIRONMENT, options=options))


def _hold(yard: Yard, full: str) -> None:
    """A volume in memory lives as long as a container holds it."""
    yard.engine.volumes.create(f"{full}-data", driver="local", driver_opts=VOLUME, labels={LABEL: yard.label})
    yard.engine.containers.run(
        yard.image("redis"),
        ["infinity"],
        entrypoint="sleep",
        name=f"{full}-volume",
        volumes={f"{full}-data": {"bind": "/data", "mode": "rw"}},
        labels={LABEL: yard.label},
        detach=True,
        init=True,
    )

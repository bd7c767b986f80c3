"""PostgreSQL whose tables and WAL lie on small volumes in memory, and one that may be made anew."""

from docker.types import Mount

from faults.rebuild import find
from faults.wait import until
from lab.stack.places import LABEL
from tests.faults.postgres.server import ENVIRONMENT, Postgres
from tests.faults.servers import Spec, Yard

DATA = "/var/lib/postgresql/data"
SIZES = {"base": "560m", "pg_wal": "160m"}
SPARE = Spec(image="postgres", name="spare", port=5432, environment=ENVIRONMENT)


class Capped(Postgres):
    """A server on small volumes: it may go down."""

    @property
    def running(self) -> bool:
        """Whether its container runs."""
        return self.container.running

    def wait(self) -> None:
        """Wait until it serves, or is down."""
        until(
            lambda: (not self.running or self.error("SELECT 1", role="referee") == "") or None,
            what=f"{self.name} serves or is down",
            timeout_s=60,
        )

    def error(self, statement: str, *, role: str = "shop", settings: str = "") -> str:
        """What a client is answered; "down" where there is nobody to answer."""
        return super().error(statement, role=role, settings=settings) if self.running else "down"

    def clean(self, folder: str) -> None:
        """What an engineer on the volume's host does: remove the dump that somebody left there, start."""
        holder = self.engine.containers.get(f"{self.name}-volumes")
        code, said = holder.exec_run(["sh", "-c", f"rm /volumes/{folder}/*.dump"])
        assert code == 0, said
        self.engine.containers.get(self.name).start()
        self.wait()


def capped(yard: Yard) -> Capped:
    """The one server on small volumes. They live in memory as long as a container holds them."""
    full = f"{yard.label}-capped"
    if find(yard.engine, f"{full}-volumes") is None:
        _hold(yard, full)
    mounts = [Mount(f"{DATA}/{folder}", f"{full}-{folder}") for folder in SIZES]
    spec = Spec(
        image="postgres", name="capped", port=5432, environment=ENVIRONMENT, options={"mounts": mounts}
    )
    return yard.get(Capped, spec)


def _hold(yard: Yard, full: str) -> None:
    for folder, size in SIZES.items():
        yard.engine.volumes.create(
            f"{full}-{folder}",
            driver="local",
            driver_opts={"type": "tmpfs", "device": "tmpfs", "o": f"size={size}"},
            labels={LABEL: yard.label},
        )
    yard.engine.containers.run(
        yard.image("postgres"),
        ["infinity"],
        entrypoint="sleep",
        name=f"{full}-volumes",
        volumes={f"{full}-{folder}": {"bind": f"/volumes/{folder}", "mode": "rw"} for folder in SIZES},
        labels={LABEL: yard.label},
        detach=True,
        init=True,
    )


def spare(yard: Yard) -> Postgres:
    """A server that nobody else uses: it is made anew again and again."""
    return yard.get(Postgres, SPARE)

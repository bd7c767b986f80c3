"""What a scenario declares to be read of the shop and of containers, taken from real ones."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import docker
import pytest

from faults.wait import until
from lab.history.journal import Journal
from lab.history.records import Reading
from lab.referee.config import read_config
from lab.referee.database import Database
from lab.referee.own_readings import own_readings
from lab.referee.recorder import Recorder
from lab.referee.samplers.paced import Paced
from lab.scenario import HTTP, Category, Containers, Fact, LevelAbove, LevelProbe, Mode, Objective
from tests.podshop import SOUND, Shop
from tests.unit.histories import SCENARIO
from tests.unit.test_shop_wiring import referee_environment

if TYPE_CHECKING:
    from docker.models.containers import Container

pytestmark = pytest.mark.docker

EAT = "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/eat')"
READINGS = (
    HTTP(name="served", path="/", text="api-"),
    HTTP(name="other_page", path="/", text="nothing of the kind"),
    Containers(name="pods", of="api", fact=Fact.RUNNING),
    Containers(name="pod_restarts", of="api", fact=Fact.RESTARTS),
    Containers(name="up", of="redis", fact=Fact.RUNNING),
    Containers(name="restarts", of="redis", fact=Fact.RESTARTS),
    Containers(name="kills", of="redis", fact=Fact.OOM_KILLS),
)


def objective(reading: HTTP | Containers) -> Objective:
    """One that carries the reading."""
    probe: LevelProbe = LevelAbove(reading=reading, at_least=0, unit="x", mode=Mode.AT_END)
    return Objective(id=reading.name, claim="c", probe=probe, category=Category.SAFETY)


class Seen:
    """The last of each reading."""

    def __init__(self, paced: Paced) -> None:
        self._paced = paced
        self._last: dict[str, Reading] = {}

    def last(self, name: str) -> Reading | None:
        """The last of one name."""
        self._last.update({reading.name: reading for reading in self._paced.readings()})
        return self._last.get(name)

    def becomes(self, name: str, value: float, said: str = "") -> None:
        """Wait until a reading has a value, for a reason."""

        def read() -> bool | None:
            last = self.last(name)
            return (last is not None and last.value == value and said in last.error) or None

        until(read, what=f"{name} is {value:g}", timeout_s=60, every_s=0.2)


@pytest.fixture
def service(shop: Shop, engine: docker.DockerClient, pod_image: str) -> "Container":
    """A service's container, as Compose would have made it, with little memory."""
    return engine.containers.run(
        pod_image,
        detach=True,
        environment={"POD_NAME": "redis"},
        labels={
            "dev.sev0.lab": shop.lab,
            "com.docker.compose.project": f"sev0-{shop.lab}",
            "com.docker.compose.service": "redis",
        },
        network=f"{shop.lab}-shop",
        mem_limit="64m",
    )


@pytest.fixture
def seen(shop: Shop, service: "Container", tmp_path: Path) -> Iterator[Seen]:
    """Two pods and a service, read as the referee reads them."""
    shop.wanted.ensure("api", release=SOUND, replicas=2)
    shop.run()
    shop.settle()
    config = read_config(referee_environment(("postgres", "redis")))
    with Journal.open(tmp_path / "journal.jsonl") as journal:
        paced = own_readings(
            config=replace(config, project=f"sev0-{shop.lab}", shop_url=shop.url),
            scenario=replace(SCENARIO, objectives=tuple(objective(reading) for reading in READINGS)),
            recorder=Recorder(journal, now=time.time, keep_s=60),
            controller=shop.controller,
            database=Database("host=127.0.0.1 port=1"),
            engine=lambda: shop.api,
            now=time.time,
        )
        stop = threading.Event()
        thread = threading.Thread(target=paced.run, args=(stop,))
        thread.start()
        yield Seen(paced)
        stop.set()
        thread.join(30)
        assert not thread.is_alive()


def test_the_shop_is_asked_as_users_ask_it(shop: Shop, seen: Seen) -> None:
    """Through the balancer, and what is wrong with an answer is said."""
    seen.becomes("served", 1.0)
    seen.becomes("other_page", 0.0, "'nothing of the kind' is not in the answer")
    shop.wanted.change("api", cause="", by="trainee", replicas=0)
    seen.becomes("served", 0.0, "status 503, wanted 200")
    seen.becomes("pods", 0.0)
    shop.wanted.change("api", cause="", by="trainee", replicas=1)
    seen.becomes("pods", 1.0)
    seen.becomes("served", 1.0)


def test_what_happens_to_containers_is_counted(shop: Shop, seen: Seen, service: "Container") -> None:
    """Restarts of pods and of a service each by themselves; a kill for want of memory is one of its own."""
    for name, value in {"pods": 2, "pod_restarts": 0, "up": 1, "restarts": 0, "kills": 0}.items():
        seen.becomes(name, value)
    shop.get("/die")
    seen.becomes("pod_restarts", 1)
    seen.becomes("pods", 2)
    service.restart(timeout=1)
    seen.becomes("restarts", 1)
    service.exec_run(["python3", "-c", EAT], detach=True)
    seen.becomes("kills", 1)
    seen.becomes("up", 0)
    service.start()
    seen.becomes("up", 1)
    seen.becomes("restarts", 2)
    for name, value in {"kills": 1, "pod_restarts": 1}.items():
        seen.becomes(name, value)

"""From nothing to a running lab: engine, room, images, state, services."""

import os
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from lab.engine.ensure import EngineWanted
from lab.engine.find import Engine, endpoint, socket_inside
from lab.engine.runner import Runner
from lab.errors import RunActive
from lab.stack import disk, extras, kubeconfig, lock, ports, scrape, state
from lab.stack import secrets as lab_secrets
from lab.stack.build import Builder
from lab.stack.compose import Compose
from lab.stack.containers import Labelled
from lab.stack.demolish import Demolition
from lab.stack.facts import by_name, digests_of, facts, facts_again
from lab.stack.images import ImageSet, image_set
from lab.stack.places import home, lab_dir, log_dir
from lab.stack.progress import Progress
from lab.stack.state import LabState
from lab.targets import STANDARD


@dataclass(frozen=True, kw_only=True)
class Order:
    """What was asked for; a port of None is the usual one or the next free one, a seed of None any.

    *services* may name those that every lab has, too.
    """

    scenario: str
    releases: frozenset[str]
    name: str
    speed: float = 1.0
    calm: bool = False
    limit_s: float = 0.0
    targets: str = STANDARD
    shop_port: int | None = None
    prometheus_port: int | None = None
    services: tuple[str, ...] = ()
    seed: int | None = None


@dataclass(frozen=True, kw_only=True)
class Launcher:
    """Starts labs and begins them anew. The caller holds the lab's lock."""

    runner: Runner
    root: Path
    engine_wanted: EngineWanted
    progress: Progress
    free_bytes: Callable[[Path], int] = disk.free_bytes

    @property
    def compose(self) -> Compose:
        """Compose, for labs of this checkout."""
        return Compose(runner=self.runner, root=self.root)

    @property
    def demolition(self) -> Demolition:
        """What undoes a start."""
        return Demolition(runner=self.runner)

    def engine(self) -> Engine:
        """An engine that answers; what is done to the machine for it is said to stay."""
        with self.progress.step("Docker engine"):
            return self.engine_wanted.ensure(self.progress.say)

    def images(self, wanted: ImageSet, engine: Engine) -> None:
        """See to it that there is room, and that every image is there."""
        builder = Builder(runner=self.runner, root=self.root, logs=log_dir())
        missing = builder.missing(wanted.all())
        data_dir = Path(engine.data_dir)
        places = (home(), data_dir) if data_dir.is_dir() else (home(),)
        disk.check(places, building=bool(missing), free=self.free_bytes)
        if missing:
            builder.build_all(missing, self.progress)

    def refuse_second(self, name: str) -> None:
        """Raise RunActive where lab *name* is there; clear away one whose containers are gone."""
        there = Labelled(runner=self.runner).containers(name)
        known = state.load(name)
        if there:
            what = f"runs {known.scenario}" if known else "is there, though nothing here remembers it"
            raise RunActive(
                f"lab {name} {what} ({len(there)} containers)",
                hint=f"lab status, lab reset or lab down --name {name}; a second lab needs its own --name",
            )
        if known is not None or lab_dir(name).exists():
            self.progress.say(f"lab {name} was up once and its containers are gone: cleared away")
            self.demolition.clear(name, self.progress.say)

    def start(self, order: Order, engine: Engine) -> LabState:
        """Write the lab's state, secrets and certificate, and bring its services up."""
        wanted = image_set(order.releases, order.services).as_of_now(self.root)
        self.images(wanted, engine)
        with lock.ports_held():
            chosen = self._ports(order)
            fresh = self._fresh(order, wanted, engine, chosen)
            state.save(fresh)
        for note in chosen.notes:
            self.progress.say(note)
        from lab.stack import tls  # only a new lab needs the library behind it

        tls.make(fresh.tls_dir)
        kubeconfig.write(fresh)
        return self._up(fresh)

    def again(self, known: LabState, order: Order) -> LabState:
        """Begin a drill anew: new containers of the same images, a new run id, old ports and secrets.

        The same scenario keeps the services that the lab was started with.
        """
        seed = known.seed if order.seed is None else order.seed
        asked = (*order.services, *(known.extras if order.scenario == known.scenario else ()))
        images, api_images = self._images_again(known, order, asked)
        with self.progress.step("old containers gone"):
            self._clear(known, lasting=extras.chosen(asked) == known.extras)
        fresh = replace(
            known,
            scenario=order.scenario,
            secrets={**known.secrets, **lab_secrets.signing(os.environ)},
            speed=order.speed,
            calm=order.calm,
            limit_s=order.limit_s,
            seed=seed,
            facts={**facts_again(self.runner, known.facts, by_name(images, api_images)), "seed": seed},
            targets=order.targets,
            images=images,
            api_images=api_images,
            extras=extras.chosen(asked),
            run_id=new_run_id(order.scenario),
            began_t=time.time(),
            phase="starting",
        )
        state.save(fresh)
        return self._up(fresh)

    def _images_again(
        self, known: LabState, order: Order, asked: tuple[str, ...]
    ) -> tuple[Mapping[str, str], Mapping[str, str]]:
        """The images of its services and of the API's releases; what was not needed before is made."""
        wanted = image_set(order.releases, asked)
        if order.releases <= set(known.api_images) and set(wanted.services) <= set(known.images):
            return known.images, known.api_images
        wanted = wanted.as_of_now(self.root)
        self.images(wanted, self.engine())
        releases = {release: image.tag(self.root) for release, image in wanted.releases.items()}
        services = {name: image.tag(self.root) for name, image in wanted.services.items()}
        return {**services, **known.images}, {**releases, **known.api_images}

    def _clear(self, known: LabState, *, lasting: bool) -> None:
        """Remove its containers; the *lasting* ones go on, unless faults were done to the lab by hand."""
        from lab.stack import receipts  # only a reset wants to know

        labelled = Labelled(runner=self.runner)
        damaged = receipts.damaged(known.name, lambda: [one.name for one in labelled.containers(known.name)])
        there = self.demolition.pristine(known.name, lasting=lasting and not damaged)
        if damaged:
            receipts.close(known.name, [thing.name for thing in there])

    def _ports(self, order: Order) -> ports.Chosen:
        reserved = {
            port for other in state.all_states() if other.name != order.name for port in other.ports.values()
        }
        return ports.choose({"shop": order.shop_port, "prometheus": order.prometheus_port}, reserved=reserved)

    def _fresh(self, order: Order, wanted: ImageSet, engine: Engine, chosen: ports.Chosen) -> LabState:
        images = {name: image.tag(self.root) for name, image in wanted.services.items()}
        api_images = {release: image.tag(self.root) for release, image in wanted.releases.items()}
        named = by_name(images, api_images)
        seed = secrets.randbelow(2**31) if order.seed is None else order.seed
        return LabState(
            name=order.name,
            run_id=new_run_id(order.scenario),
            scenario=order.scenario,
            phase="starting",
            began_t=time.time(),
            speed=order.speed,
            calm=order.calm,
            limit_s=order.limit_s,
            targets=order.targets,
            seed=seed,
            ports=chosen.ports,
            images=images,
            api_images=api_images,
            extras=extras.chosen(order.services),
            secrets={**lab_secrets.fresh(), **lab_secrets.signing(os.environ)},
            engine_socket=socket_inside(engine, endpoint(self.runner)),
            facts=facts(engine, named, seed, digests_of(self.runner, tuple(named.values()))),
        )

    def _up(self, fresh: LabState) -> LabState:
        (fresh.run_dir / "load").mkdir(parents=True, exist_ok=True)
        scrape.write(fresh.targets_dir, fresh.extras)
        with self.progress.step("containers") as note:
            self.compose.up(fresh, note)
        up = replace(fresh, phase="up")
        state.save(up)
        return up


def new_run_id(scenario: str) -> str:
    """A run's id: when, what, and enough chance to keep two apart that start in the same second."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{scenario}-{secrets.token_hex(2)}"

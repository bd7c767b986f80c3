"""Look at everything a lab needs, and at what dead ones left; changes nothing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from lab.engine import daemon
from lab.engine.advice import about_plugins, advise
from lab.engine.ensure import EngineWanted
from lab.engine.find import Engine, State, endpoint, find, has_buildx, has_compose
from lab.engine.runner import Runner
from lab.stack import disk, lock, ports, state
from lab.stack.build import Builder
from lab.stack.containers import Labelled, Thing
from lab.stack.disk import GIB
from lab.stack.images import ImageSet
from lab.stack.places import home, log_dir

NEEDS_MEMORY_BYTES = 2 * GIB
"""One lab takes under 900 MiB; the builder and the person want some too."""

LISTED = 4
"""Leftovers named one by one; the rest is a number."""


class Health(Enum):
    """How a finding stands."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing looked at, what was seen, and what to type where it is not well."""

    what: str
    health: Health
    said: str
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class Checkup:
    """Looks at the machine, the engine and the labs."""

    runner: Runner
    root: Path
    engine_wanted: EngineWanted
    images: ImageSet
    free_bytes: Callable[[Path], int] = disk.free_bytes

    def findings(self) -> tuple[Finding, ...]:
        """Everything, the engine first."""
        engine = find(self.runner)
        return tuple(self._all(engine))

    def _all(self, engine: Engine) -> Iterator[Finding]:
        answers = engine.state is State.ANSWERS
        yield self._engine(engine)
        yield from self._plugins(engine)
        if answers:
            yield self._memory(engine)
        yield from self._room(engine)
        things = Labelled(runner=self.runner).things() if answers else ()
        yield from self._ports(bool(things))
        if answers:
            yield self._images()
            yield from self._labs(things)

    def _engine(self, engine: Engine) -> Finding:
        if engine.state is not State.ANSWERS:
            advice = advise(engine, self.engine_wanted.place())
            return Finding(what="engine", health=Health.BAD, said=advice.said, hint=advice.hint)
        ours = daemon.running(self.runner, self.engine_wanted.ours)
        whose = f", started by lab ({ours})" if ours else ""
        address = endpoint(self.runner, environment=self.engine_wanted.environment)
        return Finding(what="engine", health=Health.OK, said=f"Docker {engine.version} at {address}{whose}")

    def _plugins(self, engine: Engine) -> Iterator[Finding]:
        """Its plugins; without the docker command nobody can tell, and the engine's line says what to do."""
        if engine.state is State.NO_CLIENT:
            return
        for name, there in (("compose", has_compose(self.runner)), ("buildx", has_buildx(self.runner))):
            if there:
                yield Finding(what=name, health=Health.OK, said="there")
                continue
            advice = about_plugins(name, self.engine_wanted.place())
            yield Finding(what=name, health=Health.BAD, said=advice.said, hint=advice.hint)

    def _memory(self, engine: Engine) -> Finding:
        enough = engine.memory_bytes >= NEEDS_MEMORY_BYTES
        return Finding(
            what="memory",
            health=Health.OK if enough else Health.WARN,
            said=f"{engine.memory_bytes / GIB:.1f} GiB and {engine.cpus} CPUs for containers",
            hint="" if enough else "give Docker 2 GiB or more",
        )

    def _room(self, engine: Engine) -> Iterator[Finding]:
        data_dir = Path(engine.data_dir) if engine.data_dir else None
        for place in (home(), data_dir):
            if place is None or (place is data_dir and not place.is_dir()):
                continue
            room = self.free_bytes(place)
            yield Finding(
                what="disk",
                health=Health.OK if room >= disk.FOR_BUILDING_BYTES else Health.WARN,
                said=f"{room / GIB:.1f} GiB free at {place}",
                hint="" if room >= disk.FOR_BUILDING_BYTES else "docker builder prune; docker system df",
            )

    def _ports(self, labs_there: bool) -> Iterator[Finding]:
        for name, port in ports.PREFERRED.items():
            free = ports.is_free(port)
            yield Finding(
                what="port",
                health=Health.OK if free or labs_there else Health.WARN,
                said=f"{port} ({name}) is {'free' if free else 'taken: the next free one is used'}",
            )

    def _images(self) -> Finding:
        every = self.images.all()
        missing = Builder(runner=self.runner, root=self.root, logs=log_dir()).missing(every)
        return Finding(
            what="images",
            health=Health.WARN if missing else Health.OK,
            said=f"{len(every) - len(missing)} of {len(every)} are there",
            hint="lab images builds the others, as the next start would" if missing else "",
        )

    def _labs(self, things: tuple[Thing, ...]) -> Iterator[Finding]:
        known = {one.name: one for one in state.all_states()}
        for name in sorted({*known, *(thing.lab for thing in things)}):
            mine = [thing for thing in things if thing.lab == name]
            yield _lab(name, mine, known=name in known, busy=lock.holder(name))


def _lab(name: str, things: list[Thing], *, known: bool, busy: str | None) -> Finding:
    down = f"lab down --name {name}"
    running = sum(thing.running for thing in things)
    if busy is not None:
        return Finding(what="lab", health=Health.OK, said=f"{name}: process {busy} is at work on it")
    if known and running:
        return Finding(what="lab", health=Health.OK, said=f"{name} is up, {running} containers")
    if known:
        return Finding(
            what="lab", health=Health.WARN, said=f"{name} was up and its containers are gone", hint=down
        )
    left = ", ".join(f"{thing.kind} {thing.name}" for thing in things[:LISTED])
    more = f" and {len(things) - LISTED} more" if len(things) > LISTED else ""
    return Finding(
        what="leftover",
        health=Health.WARN,
        said=f"{left}{more}, of {name}, unknown here",
        hint=down,
    )

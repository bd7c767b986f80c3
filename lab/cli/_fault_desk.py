"""How the verbs about faults find containers, passwords and receipts, and what an error means."""

import contextlib
import difflib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import TypeAlias

from docker.errors import DockerException

from faults import helpers
from faults.actors import IMAGE_VARIABLE
from faults.core import Kind
from faults.desk import Desk
from faults.errors import BadParameter, Excluded, FaultError, NoTarget, NotInEffect, UnknownFault
from faults.store import Store
from lab.cli._host import Host
from lab.engine.client import connect
from lab.engine.find import State, find
from lab.errors import EnvironmentTrouble, LabError, NoEngine, UsageError
from lab.logins import passwords
from lab.stack import state
from lab.stack.containers import Thing
from lab.stack.images import ACTOR, ImageSet
from lab.stack.places import all_faults_dirs, checkout, faults_dir
from lab.stack.state import LabState

Opener: TypeAlias = Callable[[], AbstractContextManager[Desk]]

USAGE = (BadParameter, Excluded, NoTarget, UnknownFault)


class DidNotBite(LabError):
    """A fault was injected, could not be seen in its victim, and was reverted."""

    exit_code = 1


@contextlib.contextmanager
def told() -> Iterator[None]:
    """Turn an error of faults or of the engine into the lab's, with its exit code."""
    try:
        yield
    except NotInEffect as error:
        raise DidNotBite(str(error), hint=error.hint) from error
    except USAGE as error:
        raise UsageError(str(error), hint=error.hint) from error
    except FaultError as error:
        raise EnvironmentTrouble(str(error), hint=error.hint) from error
    except DockerException as error:
        raise EnvironmentTrouble(f"the Docker engine says: {error}", hint="lab doctor") from error


@contextlib.contextmanager
def of_lab(host: Host, known: LabState) -> Iterator[Desk]:
    """The desk of a lab: its passwords, its folder of receipts."""

    with _desk(host, faults_dir(known.name), lambda kind: passwords(kind, known.secrets)) as desk:
        yield desk


@contextlib.contextmanager
def of_nobody(host: Host) -> Iterator[Desk]:
    """The desk for containers outside labs."""
    with _desk(host, faults_dir(), lambda _: {}) as desk:
        yield desk


@contextlib.contextmanager
def _desk(host: Host, folder: Path, known: Callable[[Kind], Mapping[str, str]]) -> Iterator[Desk]:
    found = find(host.runner)
    if found.state is not State.ANSWERS:
        raise NoEngine(f"{found.state.value}: {found.said}", hint="lab doctor")
    if not os.environ.get(IMAGE_VARIABLE):
        host.launcher.images(ImageSet(services={ACTOR.name: ACTOR}, releases={}), found)
        os.environ[IMAGE_VARIABLE] = ACTOR.tag(checkout())
    engine = connect(host.runner)
    try:
        with told():
            others = tuple(Store(folder=one) for one in all_faults_dirs())
            yield Desk(engine=engine, store=Store(folder=folder), known=known, others=others)
    finally:
        engine.close()


def elsewhere(ident: str) -> str:
    """The lab in which a fault of that receipt's id is open; empty where it is in none."""
    for folder in all_faults_dirs():
        if folder != faults_dir() and any(
            one.id == ident and one.phase.open for one in Store(folder=folder).legible()
        ):
            return folder.parent.name
    return ""


def open_anywhere(host: Host, name: str) -> tuple[Opener, ...]:
    """What opens the desks where something is open: of the lab of that name, of containers outside."""
    openers: list[Opener] = []
    lab = state.load(name)
    with told():
        if lab is not None and Store(folder=faults_dir(name)).open():
            openers.append(partial(of_lab, host, lab))
        if Store(folder=faults_dir()).open():
            openers.append(partial(of_nobody, host))
    return tuple(openers)


def swept(host: Host, name: str) -> tuple[str, ...]:
    """Remove the helpers that a killed command left, of lab *name* and outside labs; their names."""
    labs = {lab for lab, folder in ((name, faults_dir(name)), ("", faults_dir())) if folder.is_dir()}
    if state.load(name) is not None:
        labs.add(name)
    if not labs or find(host.runner).state is not State.ANSWERS:
        return ()
    engine = connect(host.runner)
    try:
        with told():
            return helpers.sweep(engine, labs=labs)
    finally:
        engine.close()


def container_in(host: Host, name: str, kind: Kind, wanted: str) -> str:
    """The container of lab *name* that is meant: by service, by name, or the one of the fault's engine."""
    there = host.labelled.containers(name)
    services = sorted({thing.service or thing.name for thing in there})
    wanted = wanted or (kind.value if kind.value in services else "")
    if not wanted:
        raise UsageError(f"say what to do it to, of lab {name}: {', '.join(services)}", hint="--target NAME")
    found = [thing for thing in there if wanted in (thing.service, thing.name)]
    if len(found) == 1:
        return found[0].name
    if found:
        raise UsageError(f"{wanted} is {len(found)} containers: {', '.join(sorted(_names(found)))}")
    near = difflib.get_close_matches(wanted, [*services, *_names(there)], n=1)
    raise UsageError(
        f"lab {name} has no container {wanted!r}; it has {', '.join(services) or 'none'}",
        hint=f"did you mean {near[0]}?" if near else "",
    )


def _names(things: Iterable[Thing]) -> list[str]:
    return [thing.name for thing in things]

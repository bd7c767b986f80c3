"""An injector that dies: in a process of its own, it kills itself after so many things done to the victim.

python -m tests.faults.killed CASES_MODULE FAULT_ID STORE LABEL DIE_AFTER
prints "survived N" where it had done all N things before it could die.
"""

import importlib
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import docker

from faults.container import Container
from faults.lifecycle import inject
from faults.store import Store
from tests.faults.servers import Yard

if TYPE_CHECKING:
    from tests.faults.laws import Case


class Mortal:
    """Counts what is done, and dies by SIGKILL when it was enough."""

    def __init__(self, die_after: int) -> None:
        self.left = die_after
        self.done = 0
        self.counting = False

    def __call__(self, _: str) -> None:
        if not self.counting:
            return
        if self.done >= self.left:
            os.kill(os.getpid(), signal.SIGKILL)
        self.done += 1


def main(module: str, fault_id: str, folder: str, label: str, die_after: str) -> None:
    """Inject, and die in the middle."""
    cases: list[Case] = importlib.import_module(module).CASES
    case = next(case for case in cases if case.id == fault_id)
    mortal = Mortal(int(die_after))
    made = Container.__init__

    def mortally(self: Container, engine: docker.DockerClient, ident: str, **options: object) -> None:
        made(self, engine, ident, on_act=mortal)

    setattr(Container, "__init__", mortally)  # noqa: B010 - every view of the victim counts
    engine = docker.from_env()
    target = case.server(Yard(engine=engine, label=label, image=str)).target

    class Counting:
        """The fault, counting from the moment that it acts."""

        def __getattr__(self, name: str) -> object:
            mortal.counting = name == "inject"
            return getattr(case.fault, name)

    inject(Counting(), target, Store(folder=Path(folder)))  # type: ignore[arg-type]
    print(f"survived {mortal.done}", flush=True)  # noqa: T201 - its answer
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(*sys.argv[1:])

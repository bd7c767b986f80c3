"""Remove a lab: by Compose and by label, with or without a state file, as often as one likes."""

from collections.abc import Callable
from dataclasses import dataclass

from lab.engine.runner import Runner
from lab.errors import EnvironmentTrouble
from lab.stack import state
from lab.stack.compose import Compose
from lab.stack.containers import Labelled, Thing

SWEEPS = 3


@dataclass(frozen=True, kw_only=True)
class Demolition:
    """Takes labs down."""

    runner: Runner
    compose: Compose

    def lab(self, name: str, note: Callable[[str], None] = lambda _text: None) -> tuple[Thing, ...]:
        """Remove everything of lab *name* and forget it; returns what was there."""
        there = self.stack(name, note)
        state.forget(name)
        return there

    def stack(self, name: str, note: Callable[[str], None] = lambda _text: None) -> tuple[Thing, ...]:
        """Remove its containers, volumes and networks; state and secrets stay."""
        labelled = Labelled(runner=self.runner)
        there = labelled.things(name)
        if there:
            # The referee first: it would replace the pods that go next.
            note("referee and pods")
            labelled.remove(thing for thing in there if thing.service == "referee")
            labelled.remove(thing for thing in there if thing.pod)
            note("services, volumes, networks")
            self.compose.down(name)
        self._sweep(name, labelled)
        return there

    @staticmethod
    def _sweep(name: str, labelled: Labelled) -> None:
        """Remove what is left by label, again for what an interrupted start was just creating."""
        for _ in range(SWEEPS):
            left = labelled.things(name)
            if not left:
                return
            labelled.remove(left)
        left = labelled.things(name)
        if left:
            listed = ", ".join(f"{thing.kind} {thing.name}" for thing in left)
            raise EnvironmentTrouble(
                f"could not remove all of lab {name}: {listed}", hint=f"lab down --name {name}"
            )

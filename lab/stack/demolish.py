"""Remove a lab by its labels, with or without a state file, as often as one likes."""

from collections.abc import Callable
from dataclasses import dataclass

from lab.engine.runner import Runner
from lab.errors import EnvironmentTrouble, NetworkHeld, NetworkMiscounted
from lab.stack import state
from lab.stack.containers import LISTINGS, Labelled, Thing

SWEEPS = 3
DATA = ("container", "volume")


def _none(_thing: Thing) -> bool:
    return False


def _goes_on(thing: Thing) -> bool:
    return thing.lasting and thing.running


@dataclass(frozen=True, kw_only=True)
class Demolition:
    """Takes labs down.

    Not by `docker compose down`: that knows no pods, nor a lab whose containers were only half made, and is
    slower. What it would remove carries its project's label, which is swept for too.
    """

    runner: Runner

    def lab(self, name: str) -> tuple[Thing, ...]:
        """Remove everything of lab *name* and forget it; returns what was there.

        NetworkHeld where only networks are left, and the lab is forgotten all the same: the next one of that
        name gets them again.
        """
        try:
            there = self._removed(name, tuple(LISTINGS))
        except NetworkHeld:
            state.forget(name)
            raise
        state.forget(name)
        return there

    def clear(self, name: str, say: Callable[[str], None]) -> None:
        """The same, for whoever has more to do: a network that is held is said."""
        try:
            self.lab(name)
        except NetworkHeld as held:
            say(f"{held}\n{held.hint}")

    def pristine(self, name: str, *, lasting: bool = False) -> tuple[Thing, ...]:
        """Remove its containers and volumes; networks, state and secrets stay for the next ones.

        With *lasting*, what keeps nothing of a run goes on too, if it runs.
        """
        return self._removed(name, DATA, keep=_goes_on if lasting else _none)

    def _removed(
        self, name: str, kinds: tuple[str, ...], keep: Callable[[Thing], bool] = _none
    ) -> tuple[Thing, ...]:
        """Remove and look again, for what the referee or an interrupted start was just making."""
        labelled = Labelled(runner=self.runner)

        def present() -> list[Thing]:
            return [one for one in labelled.things(name, kinds=kinds, compose_too=True) if not keep(one)]

        there: dict[str, Thing] = {}
        for _ in range(SWEEPS):
            left = present()
            there |= {thing.id: thing for thing in left}
            if not left:
                return tuple(there.values())
            labelled.remove(left)
        left = present()
        if left:
            held = {thing.id for thing in left}
            raise self._trouble(name, left, [thing for thing in there.values() if thing.id not in held])
        return tuple(there.values())

    def _trouble(self, name: str, left: list[Thing], removed: list[Thing]) -> EnvironmentTrouble:
        listed = ", ".join(f"{thing.kind} {thing.name}" for thing in left)
        if any(thing.kind != "network" for thing in left):
            return EnvironmentTrouble(
                f"could not remove all of lab {name}: {listed}", hint=f"lab down --name {name}"
            )
        if strangers := [f"{net.name} {who}" for net in left for who in self._inside(net)]:
            return NetworkHeld(
                f"lab {name} is gone but for {listed}: there are containers in it that are not the lab's",
                hint="\n".join(f"docker network disconnect {one}" for one in strangers)
                + f"\nlab down --name {name}",
            )
        return NetworkMiscounted(
            f"lab {name} is gone but for {listed}: nobody is in it, but the engine miscounted and keeps it",
            hint=f"it does no harm, a new lab {name} takes it over, and it goes when the engine restarts\n"
            "lab doctor --stop-engine (where lab started the engine)",
            removed=removed,
        )

    def _inside(self, network: Thing) -> list[str]:
        """The containers that are attached to a network."""
        form = "{{range .Containers}}{{.Name}} {{end}}"
        return self.runner.run(["docker", "network", "inspect", "--format", form, network.id]).text.split()

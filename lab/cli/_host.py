"""What the host's verbs work with."""

from functools import cached_property

from lab.cli._progress import progress
from lab.engine.daemon import Ours
from lab.engine.ensure import EngineWanted
from lab.engine.runner import SystemRunner
from lab.errors import NoRun
from lab.stack import state
from lab.stack.containers import Labelled
from lab.stack.launch import Launcher, Order
from lab.stack.places import checkout, engine_dir
from lab.stack.progress import Progress
from lab.stack.state import LabState
from lab.targets import STANDARD


class Host:
    """This machine, with its engine and its labs."""

    def __init__(self) -> None:
        self.runner = SystemRunner()

    @cached_property
    def progress(self) -> Progress:
        """Where progress is shown."""
        return progress()

    @cached_property
    def ours(self) -> Ours:
        """The engine that we may have started."""
        return Ours(folder=engine_dir())

    @cached_property
    def engine_wanted(self) -> EngineWanted:
        """What finds an engine or brings one up."""
        return EngineWanted(runner=self.runner, ours=self.ours)

    @cached_property
    def launcher(self) -> Launcher:
        """What starts labs."""
        return Launcher(
            runner=self.runner,
            root=checkout(),
            engine_wanted=self.engine_wanted,
            progress=self.progress,
        )

    @property
    def labelled(self) -> Labelled:
        """What the engine holds of ours."""
        return Labelled(runner=self.runner)

    def running(self, name: str) -> LabState:
        """The state of a lab that is there; NoRun says which of the ways it is not."""
        known = state.load(name)
        if known is None:
            raise NoRun(f"no lab {name} is running", hint="lab list, then lab start SCENARIO")
        if not any(thing.running for thing in self.labelled.containers(name)):
            raise NoRun(
                f"lab {name} was up ({known.scenario}, run {known.run_id}) and its containers are gone",
                hint=f"lab down --name {name} clears it away",
            )
        return known

    @staticmethod
    def order(
        scenario_id: str,
        name: str,
        *,
        speed: float,
        calm: bool,
        seed: int | None = None,
        targets: str | None = None,
        limit_s: float = 0.0,
        shop_port: int | None = None,
        prometheus_port: int | None = None,
        more: tuple[str, ...] = (),
    ) -> Order:
        """An order for a scenario and *more* services.

        UnknownScenario where there is none of that id, BadScenario where lint finds fault with it.
        """
        from lab import catalog  # much to load, for who begins a drill only
        from lab.lint import refuse_unsound

        scenario = refuse_unsound(scenario_id, checkout())
        return Order(
            scenario=scenario.id,
            releases=catalog.releases_of(scenario),
            name=name,
            speed=speed,
            calm=calm,
            seed=seed,
            targets=targets or STANDARD,
            limit_s=limit_s,
            shop_port=shop_port,
            prometheus_port=prometheus_port,
            services=(*catalog.services_of(scenario), *more),
        )

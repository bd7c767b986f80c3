"""The referee is killed in each phase; then `down`, twice, leaves nothing with our label."""

import json
import time
from collections.abc import Callable

from faults.errors import NotReached
from faults.wait import until
from lab.errors import EnvironmentTrouble
from lab.proof.hands import Hands
from lab.proof.tamper import container_of, docker

PHASES = ("starting", "baseline", "incident", "paged", "grading")


def leftovers(lab: str) -> tuple[str, ...]:
    """What still carries the lab's label: containers, volumes and networks, each with its kind."""
    label = f"label=dev.sev0.lab={lab}"
    found: list[str] = []
    for kind, argv in {
        "container": ("ps", "-aq"),
        "volume": ("volume", "ls", "-q"),
        "network": ("network", "ls", "-q"),
    }.items():
        found += [f"{kind} {name}" for name in docker(*argv, "--filter", label).split()]
    return tuple(found)


def kill_in(phase: str, scenario: str, hands: Hands, *, speed: float) -> str:
    """Kill the referee in *phase*, take the lab down twice, and return what is wrong ("" where nothing is)."""
    hands.must("start", scenario, "--speed", f"{speed:g}", "--no-wait")
    _reach(phase, hands)
    docker("kill", container_of(hands.name, "referee"))
    lost = hands.lab("status")
    for attempt in ("first", "second"):
        down = hands.lab("down")
        if down.exit_code != 0:
            return f"{attempt} down: exit {down.exit_code}: {down.err[-300:]}"
    left = leftovers(hands.name)
    if left:
        return f"left behind: {', '.join(left)}"
    if lost.exit_code != 3:
        return f"status of a lab whose referee is dead: exit {lost.exit_code}, wanted 3"
    return ""


def _reach(phase: str, hands: Hands) -> None:
    """Wait until the run is in *phase*; grading is asked for once the page has fired."""
    if phase == "grading":
        _wait_for("paged", hands)
        hands.must("grade", "--no-wait")
    _wait_for(phase, hands)


def _wait_for(phase: str, hands: Hands) -> None:
    def reached() -> bool | None:
        said = hands.lab("status", "--json")
        if said.exit_code != 0:
            return None
        now = str(json.loads(said.out)["phase"])
        late = PHASES.index(now) >= PHASES.index(phase) if now in PHASES else True
        return True if late else None

    try:
        until(reached, what=f"phase {phase}", timeout_s=180, every_s=0.2)
    except NotReached as error:
        raise EnvironmentTrouble(str(error)) from error


def prove_reversible(
    scenario: str, hands: Hands, *, speed: float, show: Callable[[str, str, float], None]
) -> bool:
    """Kill the referee once in each phase; *show* is told phase, objection and seconds. True where all is clean."""
    clean = True
    for phase in PHASES:
        began = time.monotonic()
        try:
            objection = kill_in(phase, scenario, hands, speed=speed)
        except EnvironmentTrouble as trouble:
            hands.lab("down")
            objection = str(trouble)
        clean = clean and not objection
        show(phase, objection, time.monotonic() - began)
    return clean

"""The referee is killed in each phase; then `down`, twice, leaves nothing, and a new lab begins as ever."""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from faults.errors import NotReached
from faults.wait import until
from lab.errors import EnvironmentTrouble
from lab.grade.model import Verdict
from lab.history.journal import read_history
from lab.history.records import Event
from lab.proof.cell import Cell, Law
from lab.proof.engine import container_of, docker
from lab.proof.hands import Hands
from lab.stack.places import project

PHASES = ("starting", "baseline", "incident", "paged", "grading")
WORST = ("paged",)
"""The phase in which most is there to be undone."""


def reversible_cells(phases: Sequence[str] = PHASES) -> tuple[Cell, ...]:
    """One cell for each of these phases of a run."""
    return tuple(
        Cell(law=Law.REVERSIBLE, name=f"killed-in-{phase}", kill_in=phase, want=frozenset())
        for phase in phases
    )


def leftovers(lab: str) -> tuple[str, ...]:
    """What still carries the lab's label (containers, volumes, networks) or works on it (processes).

    Not a network that nobody is in and that the engine keeps all the same: `lab down` has said so.
    """
    label = f"label=dev.sev0.lab={lab}"
    found: list[str] = []
    for kind, argv in {
        "container": ("ps", "-aq"),
        "volume": ("volume", "ls", "-q"),
        "network": ("network", "ls", "-q"),
    }.items():
        names = docker(*argv, "--filter", label).split()
        found += [f"{kind} {name}" for name in names if kind != "network" or not _miscounted(name)]
    return (*found, *_processes(lab))


def _miscounted(network: str) -> bool:
    """Whether the engine, asked for it once more, keeps a network for containers that are not there."""
    if docker("network", "inspect", "--format", "{{len .Containers}}", network) != "0":
        return False
    try:
        docker("network", "rm", network)
    except EnvironmentTrouble as refused:
        return "has active endpoints" in str(refused)
    return False


def _processes(lab: str) -> Iterator[str]:
    """Programs of this machine that name something of the lab's: a client of the engine, or what it left."""
    mark = f"{project(lab)}[-_]".encode()
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (place / "cmdline").read_bytes()
            if re.search(mark, words):
                yield f"process {place.name} ({words.replace(bytes(1), b' ').decode(errors='replace')[:80]})"


def kill_and_look(phase: str, scenario: str, hands: Hands, *, speed: float) -> list[str]:
    """Kill the referee in *phase*, take the lab down twice, start it anew, and say what is wrong (nothing, as
    a rule).

    The new lab's baseline must be what the old one's was. In the phase in which most is broken the lab is
    reset first, with its referee dead: there, too, the baseline must be the same again.
    """
    hands.must("down")
    up = json.loads(hands.must("start", scenario, "--speed", f"{speed:g}", "--no-wait", "--json").out)
    _reach(phase, hands)
    docker("kill", container_of(hands.name, "referee"))
    objections = []
    lost = hands.lab("status")
    if lost.exit_code != 3:
        objections.append(f"status of a lab whose referee is dead: exit {lost.exit_code}, wanted 3")
    before = _known(Path(up["run_dir"]))
    if phase in WORST:
        objections += _same_baseline("reset", before, hands, "--calm")
    for attempt in ("first", "second"):
        down = hands.lab("down")
        if down.exit_code != 0:
            objections.append(f"{attempt} down: exit {down.exit_code}: {down.err[-300:]}")
    left = leftovers(hands.name)
    if left:
        objections.append(f"left behind: {', '.join(left)}")
    return objections + _same_baseline("start", before, hands, scenario, "--calm", "--speed", f"{speed:g}")


def fingerprints(run_dir: Path) -> dict[str, str]:
    """The fingerprints that a run took at its baseline."""
    for record in read_history(run_dir / "journal.jsonl"):
        if isinstance(record, Event) and record.kind == "fingerprint" and record.detail["when"] == "baseline":
            return {name: str(value) for name, value in record.detail.items() if name != "when"}
    raise EnvironmentTrouble(f"{run_dir}: no fingerprint of the baseline")


def _known(run_dir: Path) -> dict[str, str] | None:
    """The fingerprints of a run, or None where it did not come to its baseline's end."""
    try:
        return fingerprints(run_dir)
    except EnvironmentTrouble:
        return None


def _same_baseline(verb: str, before: dict[str, str] | None, hands: Hands, *options: str) -> list[str]:
    """What differs after *verb*; a baseline that a stalled machine spoilt is begun anew."""
    said = hands.lab(verb, *options, "--json")
    if said.exit_code == Verdict.UNKNOWN.exit_code:
        said = hands.lab("reset", "--calm", "--json")
    if said.exit_code != 0:
        return [f"{verb} after it: exit {said.exit_code}: {said.err[-300:]}"]
    after = _known(Path(json.loads(said.out)["run_dir"]))
    if after is None:
        return [f"{verb} after it took no fingerprint of its baseline"]
    if before in (None, after):
        return []
    return [f"baseline after {verb} differs: {before} before, {after} after"]


def _reach(phase: str, hands: Hands) -> None:
    """Wait until the run is in *phase*; grading is asked for once the page has fired."""
    if phase == "grading":
        _wait_for("paged", hands)
        hands.must("grade", "--no-wait")
    _wait_for(phase, hands)


def _wait_for(phase: str, hands: Hands) -> None:
    def reached() -> str | None:
        said = hands.lab("status", "--json")
        if said.exit_code != 0:
            return None
        now = str(json.loads(said.out)["phase"])
        return now if now not in PHASES or PHASES.index(now) >= PHASES.index(phase) else None

    try:
        now = until(reached, what=f"phase {phase}", timeout_s=180, every_s=0.2)
    except NotReached as error:
        raise EnvironmentTrouble(str(error)) from error
    if now != phase:
        raise EnvironmentTrouble(f"the run was in phase {now} before {phase} was seen")

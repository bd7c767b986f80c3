"""Which cause a run has: chosen by its seed number alone, and known again from its journal."""

from dataclasses import replace
from pathlib import Path

import pytest

from lab import catalog
from lab.cli._progress import PlainProgress
from lab.engine.daemon import Ours
from lab.engine.ensure import EngineWanted
from lab.engine.find import Engine, State
from lab.engine.runner import Output
from lab.grade import as_run
from lab.history.records import Event
from lab.scenario import Scenario, Truth, Variant, hastened, varied
from lab.stack import state
from lab.stack.compose import environment
from lab.stack.images import image_set
from lab.stack.launch import Launcher, Order
from lab.stack.places import checkout
from tests.unit.histories import SCENARIO
from tests.unit.linting import GOOD
from tests.unit.recording import RecordingRunner

VARIED = [one for one in catalog.everything() if one.variants]
EACH = pytest.mark.parametrize("scenario", VARIED, ids=lambda scenario: scenario.id)


def cause(scenario: Scenario) -> tuple[object, Truth]:
    return scenario.timeline, scenario.truth


@EACH
def test_each_cause_has_its_turn_and_the_first_is_the_scenarios_own(scenario: Scenario) -> None:
    causes = [cause(scenario), *((one.timeline, one.truth) for one in scenario.variants)]
    n = len(causes)
    assert [cause(varied(scenario, seed)) for seed in range(2 * n)] == [*causes, *causes]
    assert varied(scenario, 0) is scenario


@EACH
def test_nothing_but_the_cause_differs(scenario: Scenario) -> None:
    for seed in range(1 + len(scenario.variants)):
        other = varied(scenario, seed)
        assert replace(other, timeline=scenario.timeline, truth=scenario.truth) == scenario


@pytest.mark.parametrize("seed", [0, 1, 2**31 - 1])
def test_a_scenario_with_one_cause_has_it_at_every_seed(seed: int) -> None:
    assert GOOD.variants == ()
    assert varied(GOOD, seed) is GOOD


def test_chance_gives_each_of_three_causes_about_a_third() -> None:
    two = tuple(Variant(name=name, timeline=(), truth=SCENARIO.truth) for name in "ab")
    scenario = replace(SCENARIO, variants=two, timeline=GOOD.timeline)
    own = sum(varied(scenario, seed) is scenario for seed in range(999))
    assert own == 333


def began(**detail: object) -> tuple[Event, ...]:
    return (Event(t=1.0, kind="run_started", detail=detail),)


@EACH
def test_an_old_run_is_judged_with_the_cause_that_it_had(scenario: Scenario) -> None:
    for seed in range(1 + len(scenario.variants)):
        assert as_run(scenario, began(seed=seed)) == varied(scenario, seed)
        assert as_run(scenario, began(seed=seed, speed=3.0)) == hastened(varied(scenario, seed), 3.0)
    assert as_run(scenario, began()) == scenario


def launched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int | None, *, name: str) -> Launcher:
    """What has started a lab with this seed, by an engine that says yes to everything."""
    monkeypatch.setenv("LAB_HOME", str(tmp_path))
    order = Order(scenario=GOOD.id, releases=frozenset({"2.3.1"}), name=name, seed=seed)
    tags = "\n".join(image.tag(checkout()) for image in image_set(order.releases).all())
    runner = RecordingRunner({"docker images": Output(exit_code=0, text=tags)})
    ours = Ours(folder=tmp_path / "engine")
    launcher = Launcher(
        runner=runner,
        root=checkout(),
        engine_wanted=EngineWanted(runner=runner, ours=ours),
        progress=PlainProgress(),
        free_bytes=lambda _: 2**50,
    )
    launcher.start(order, Engine(state=State.ANSWERS, version="1"))
    return launcher


def said_of(name: str) -> tuple[int, object, str]:
    """The seed as the lab, the run's first record and the load have it."""
    found = state.load(name)
    assert found is not None
    return found.seed, found.facts["seed"], environment(found)["RANDOM_SEED"]


def test_a_run_has_the_seed_that_was_asked_for_and_tells_everybody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    launched(tmp_path, monkeypatch, 7, name="seven")
    assert said_of("seven") == (7, 7, "7")
    launched(tmp_path, monkeypatch, 0, name="nought")
    assert said_of("nought") == (0, 0, "0")


def test_without_a_seed_chance_chooses_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one", "other"):
        launched(tmp_path, monkeypatch, None, name=name)
    one, other = said_of("one"), said_of("other")
    assert one != other
    assert one == (one[0], one[0], str(one[0]))


@pytest.mark.parametrize(("asked", "had"), [(None, 7), (0, 0), (9, 9)])
def test_a_run_that_begins_anew_keeps_its_seed_unless_another_is_asked_for(
    asked: int | None, had: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    launcher = launched(tmp_path, monkeypatch, 7, name="again")
    known = state.load("again")
    assert known is not None
    launcher.again(known, Order(scenario=GOOD.id, releases=frozenset({"2.3.1"}), name="again", seed=asked))
    assert said_of("again") == (had, had, str(had))

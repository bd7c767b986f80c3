"""Points that nobody gave, times for other people, and what an outage costs."""

import json
from dataclasses import replace
from typing import Any

import pytest

from lab import catalog
from lab.grade import Report, Verdict, as_run, grade
from lab.referee.config import read_config
from lab.referee.errors import BadConfig
from lab.report import dumps
from lab.report.text import render
from lab.scenario import Category, LoadUntouched, Objective, Within, hastened
from lab.stack.compose import environment
from lab.targets import FACTORS, targeted
from lab.weights import apportioned, weighed
from tests.unit.histories import SCENARIO, Drill, solved
from tests.unit.test_shop_wiring import referee_environment
from tests.unit.test_stack_compose import STATE


def objective(category: Category, points: int = 0) -> Objective:
    return Objective(id="x", claim="x", probe=LoadUntouched(), category=category, points=points)


def by_category(objectives: tuple[Objective, ...]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for one in objectives:
        found.setdefault(one.category.value, []).append(one.points)
    return found


def test_a_scenario_that_gives_no_points_gets_the_weights_of_its_categories() -> None:
    bare = tuple(replace(o, points=0) for o in catalog.find("max-connections").objectives)
    assert by_category(weighed(bare)) == {
        "service": [12, 11, 11, 11],
        "resolved": [8, 7],
        "data": [5, 5, 5],
        "safety": [3, 2],
        "diagnosis": [10],
        "times": [3, 3, 2, 2],
    }


def test_one_that_weighs_itself_is_left_alone() -> None:
    own = (objective(Category.SERVICE, 3), objective(Category.DATA))
    assert weighed(own) == own


def test_the_weight_of_a_missing_category_goes_to_the_others() -> None:
    given = weighed((objective(Category.SERVICE), objective(Category.DATA), objective(Category.SAFETY)))
    assert by_category(given) == {"service": [69], "data": [23], "safety": [8]}
    assert weighed(()) == ()


def test_parts_always_make_the_whole() -> None:
    for weights in ([1, 1, 1], [45, 15, 15, 10, 10, 5], [0.1, 7], [5]):
        assert sum(apportioned(100, weights)) == 100


def test_every_scenario_in_the_catalogue_has_its_points() -> None:
    for scenario in catalog.everything():
        assert sum(o.points for o in scenario.objectives) == 100, scenario.id


def limits(targets: str) -> list[float]:
    objectives = targeted(SCENARIO, targets).objectives
    return [o.probe.limit_s for o in objectives if isinstance(o.probe, Within)]


def test_targets_are_longer_for_learners_and_shorter_for_experts() -> None:
    assert limits("standard") == [300, 600, 1200, 2700]
    assert limits("learner") == [600, 1200, 2400, 5400]
    assert limits("expert") == [150, 300, 600, 1350]
    assert targeted(SCENARIO, "learner").limit_s == 2 * SCENARIO.limit_s
    assert targeted(SCENARIO, "expert").limit_s == SCENARIO.limit_s
    with pytest.raises(ValueError, match="learner, standard, expert"):
        targeted(SCENARIO, "genius")


def test_a_claim_says_that_its_time_is_another() -> None:
    claims = {o.id: o.claim for o in targeted(SCENARIO, "expert").objectives}
    assert claims["acknowledged-in-time"] == "acknowledged within 300 s (expert: 0.5 times that)"
    assert claims["overall"] == "overall"


def with_targets(drill: Drill, targets: str) -> Drill:
    for event in drill.events:
        if event.kind == "run_started":
            detail: dict[str, Any] = {**event.detail, "targets": targets}
            drill.drop("run_started").event(0, "run_started", **detail)
            break
    return drill


def regraded(drill: Drill) -> Report:
    history = drill.history()
    return grade(as_run(SCENARIO, history), history)


def test_a_run_is_judged_again_by_the_targets_that_it_had() -> None:
    late = solved().drop("ack").event(66 + 200, "ack", by="trainee")
    verdicts = {}
    for targets in FACTORS:
        report = regraded(with_targets(late, targets))
        assert report.targets == targets
        verdicts[targets] = next(g.verdict for g in report.grades if g.objective == "acknowledged-in-time")
    assert verdicts == {"learner": Verdict.PASS, "standard": Verdict.PASS, "expert": Verdict.FAIL}


def test_a_run_that_does_not_say_had_the_standard_ones_and_reports_keep_quiet_about_it() -> None:
    assert regraded(solved()).targets == "standard"
    assert "targets" not in render(regraded(solved()))
    assert "expert targets" in render(regraded(with_targets(solved(), "expert")))


def test_targets_and_haste_do_not_meet() -> None:
    one = hastened(targeted(SCENARIO, "expert"), 3)
    assert one == targeted(hastened(SCENARIO, 3), "expert")


def test_the_referee_is_told_of_the_targets() -> None:
    assert environment(replace(STATE, targets="expert"))["TARGETS"] == "expert"
    assert read_config(referee_environment(())).targets == "standard"
    with pytest.raises(BadConfig, match="TARGETS='genius' is not one of learner, standard, expert"):
        read_config({**referee_environment(()), "TARGETS": "genius"})


def test_an_outage_costs_what_its_minutes_do_and_without_a_price_nothing_is_said() -> None:
    history = solved().history()
    free, dear = grade(SCENARIO, history), grade(replace(SCENARIO, cost_per_min=9000.0), history)
    assert free.downtime.cost is None
    assert free.downtime.lasted_s == pytest.approx(59.8)
    assert dear.downtime.cost == pytest.approx(8970)
    assert "EUR" not in render(free)
    assert "60 s without service at 9,000 EUR a minute: 8,970 EUR." in " ".join(render(dear).split())
    assert json.loads(dumps(dear))["downtime"]["cost"] == pytest.approx(8970)
    assert json.loads(dumps(dear))["budget"]["burnt_ratio"] > 1

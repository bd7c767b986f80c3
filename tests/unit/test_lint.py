"""Lint names what is wrong with a scenario, in which file and part."""

import re
from dataclasses import replace

import pytest

from faults.host.kill import Kill
from faults.postgres.idle_in_transaction import IdleInTransaction
from faults.postgres.rogue_role import RogueRole
from faults.release import BadRelease
from faults.release.batch_holds_rows import BatchHoldsRows
from lab import catalog
from lab.lint import examine, problems
from lab.lint.known import ALWAYS, ROUTES
from lab.scenario import (
    Accepted,
    Inject,
    LatencyP95,
    LevelAbove,
    LevelBelow,
    Probe,
    Scenario,
    SuccessRatio,
    TriggerSurvived,
    Unchanged,
    Within,
)
from lab.stack.places import checkout
from loadgen import words
from tests.unit.linting import GOOD, RUNBOOK, probing, said


@pytest.mark.parametrize("scenario_id", catalog.ids())
def test_nothing_is_wrong_with_any_scenario_of_the_lab(scenario_id: str) -> None:
    assert examine(scenario_id, checkout()).problems == ()


@pytest.mark.parametrize(
    ("probe", "wrong"),
    [
        (
            LevelBelow(reading="conections", at_most=1.0, unit="x"),
            r"no reading is called 'conections'; did you mean 'connections'\?",
        ),
        (LevelBelow(reading="connections", at_most=-1.0, unit="x"), "at_most is -1"),
        (LevelAbove(reading="redis_hit_ratio", at_least=0.0, unit="x"), "at_least is 0"),
        (
            LevelAbove(reading="redis_hit_ratio", at_least=1.5, unit="x"),
            "at_least is 1.5: no reading is above 1",
        ),
        (
            LevelBelow(reading="lb_5xx_ratio", at_most=-0.1, unit="x"),
            "at_most is -0.1: no reading is below 0",
        ),
        (
            LevelAbove(reading="redis_hits_ratio", at_least=0.5, unit="x"),
            r"no reading is called 'redis_hits_ratio'; did you mean 'redis_hit_ratio'\?",
        ),
        (SuccessRatio(at_least_ratio=1.01), "at_least_ratio is 1.01"),
        (SuccessRatio(at_least_ratio=99.0), "at_least_ratio is 99"),
        (SuccessRatio(at_least_ratio=0.0), "at_least_ratio is 0"),
        (
            SuccessRatio(at_least_ratio=0.9, route="logn"),
            r"no route is called 'logn'; did you mean 'login'\?",
        ),
        (LatencyP95(at_most_ms=0.0), "at_most_ms is 0"),
        (LatencyP95(at_most_ms=1.0, route="nowhere"), "no route is called 'nowhere'"),
        (Unchanged(fingerprint="dat"), r"did you mean 'data'\?"),
        (
            Within(milestone="resolvd", limit_s=1.0),
            r"no milestone is called 'resolvd'; did you mean 'resolved'\?",
        ),
        (Within(milestone="resolved", limit_s=0.0), "limit_s is 0"),
        (
            Within(milestone="resolved", limit_s=2701.0),
            "limit_s is 2701, longer than the run's of 2700: the run is over by then",
        ),
        (TriggerSurvived(served=(), recovered=()), "names nothing"),
        (
            TriggerSurvived(served=("login-sucess",), recovered=()),
            r"served: no objective is called 'login-sucess'; did you mean 'login-success'\?",
        ),
        (
            TriggerSurvived(served=("connections",), recovered=()),
            "served: objective 'connections' is a LevelBelow, wanted SuccessRatio or LatencyP95",
        ),
        (
            TriggerSurvived(served=(), recovered=("latency",)),
            "recovered: objective 'latency' is a LatencyP95, wanted LevelBelow or LevelAbove",
        ),
    ],
    ids=lambda value: re.sub(r"\W+", " ", value)[:40] if isinstance(value, str) else type(value).__name__,
)
def test_an_objective_that_nothing_can_meet_is_named(probe: Probe, wrong: str) -> None:
    [problem] = said(probing(probe))
    assert re.match(f"lab/scenarios/max_connections.py: objective more: .*{wrong}", problem)


@pytest.mark.parametrize(
    ("hold_s", "wrong"),
    [(0.0, "hold_s is 0"), (-1.0, "hold_s is -1"), (2701.0, "longer than the run's limit_s")],
)
def test_a_hold_is_some_time_and_fits_into_the_run(hold_s: float, wrong: str) -> None:
    [problem] = said(probing(SuccessRatio(at_least_ratio=0.9), hold_s=hold_s))
    assert wrong in problem
    assert said(probing(Within(milestone="resolved", limit_s=9.0), hold_s=hold_s)) == []


NO_WORDS = Accepted(words=())
TRUTH = GOOD.truth


@pytest.mark.parametrize(
    ("scenario", "wrong"),
    [
        (replace(GOOD, objectives=GOOD.objectives[1:]), "objectives: their points add up to 88, wanted 100"),
        (replace(GOOD, hint_prices=(2, 3)), "hint_prices: 2 prices, and the runbook has 3 hints"),
        (replace(GOOD, hint_prices=(2, 3, -5)), "hint_prices: -5"),
        (replace(GOOD, id="min-connections"), "id: it is 'min-connections', and the file's name says 'max-"),
        (replace(GOOD, id="Max_Connections"), "id: 'Max_Connections' is not words"),
        (
            replace(GOOD, services=(*GOOD.services, "mysq")),
            r"no service is called 'mysq'; did you mean 'mysql'?",
        ),
        (replace(GOOD, services=(*GOOD.services, "redis")), "services: redis is there twice"),
        (replace(GOOD, truth=replace(TRUTH, fault=NO_WORDS)), "truth, fault: no words"),
        (replace(GOOD, truth=replace(TRUTH, fault=Accepted(words=("a", " ")))), "a word is empty"),
        (
            replace(GOOD, truth=replace(TRUTH, fault=Accepted(words=("leak",), others=("leak",)))),
            "truth, fault: 'leak' is accepted and among the others",
        ),
        (replace(GOOD, timeline=()), "timeline: it is empty"),
        (
            replace(GOOD, timeline=(Inject(at_s=9e9, fault=GOOD.timeline[0].fault),)),
            "timeline, inject 1: at_s is 9e+09",
        ),
        (replace(GOOD, load=replace(GOOD.load, hastened_options=("golden_ratio",))), "mean 'gold_ratio'?"),
        (replace(GOOD, load=replace(GOOD.load, peak_per_s=1.0)), "peak_per_s is 1, less than"),
        (
            replace(GOOD, replay=replace(GOOD.replay, burst=replace(GOOD.replay.burst, route="x"))),
            "replay: no route",
        ),
        (replace(GOOD, replay=replace(GOOD.replay, settle_s=-1.0)), "replay: settle_s is -1"),
    ],
)
def test_what_is_wrong_with_the_whole_is_named(scenario: Scenario, wrong: str) -> None:
    assert any(wrong in problem for problem in said(scenario)), said(scenario)


HANGS = catalog.find("checkout-hangs")


@pytest.mark.parametrize(
    ("inject", "wrong"),
    [
        (replace(HANGS.timeline[0], on="postgers"), "inject 1: on: no service of this scenario is called"),
        (replace(HANGS.timeline[0], on=""), "inject 1: on: no service of this scenario is called ''"),
        (
            replace(HANGS.timeline[0], hastened=("rows",)),
            "no time of release.batch_holds_rows is called 'rows'",
        ),
    ],
)
def test_a_fault_is_done_to_a_service_that_is_there_in_every_variant(inject: Inject, wrong: str) -> None:
    variant = replace(HANGS.variants[0], timeline=(inject,))
    for scenario in (replace(HANGS, timeline=(inject,)), replace(HANGS, variants=(variant,))):
        found = [str(problem) for problem in problems(scenario, RUNBOOK)]
        assert any(wrong in one for one in found), found


READS = RogueRole(role="billing")


@pytest.mark.parametrize(
    ("second", "wrong"),
    [
        (
            Inject(at_s=20.0, on="postgres", fault=IdleInTransaction(table="customers")),
            "idle_in_transaction would touch rows:customers, which inject 1, release.batch_holds_rows, holds",
        ),
        (Inject(at_s=20.0, on="postgres", fault=READS), "would touch role:billing, which inject 1"),
        (Inject(at_s=20.0, on="postgres", fault=Kill()), "processes (role:billing), processes (rows:"),
        (Inject(at_s=20.0, on="postgres", fault=IdleInTransaction(table="products")), ""),
        (Inject(at_s=20.0, on="redis", fault=Kill()), ""),
    ],
    ids=lambda value: value.fault.about.id if isinstance(value, Inject) else "",
)
def test_two_of_a_timeline_that_exclude_each_other_are_refused(second: Inject, wrong: str) -> None:
    timeline = (HANGS.timeline[0], second)
    for scenario in (
        replace(HANGS, timeline=timeline),
        replace(HANGS, variants=(replace(HANGS.variants[0], timeline=timeline),)),
    ):
        found = [str(one) for one in problems(scenario, RUNBOOK) if "would touch" in str(one)]
        assert [wrong in one for one in found] == ([True] if wrong else [])


def test_what_is_done_to_the_same_deployment_twice_is_refused() -> None:
    release = GOOD.timeline[0]
    again = replace(release, at_s=9.0, fault=BadRelease(release="2.5.0"))
    (wrong,) = said(replace(GOOD, timeline=(release, again)))
    assert "inject 2: release.bad_release would touch deployment:api, which inject 1" in wrong
    assert said(replace(GOOD, timeline=(release, replace(again, fault=BadRelease(deployment="web"))))) == []


def test_objectives_that_are_doubled_or_all_optional_are_named() -> None:
    optional = tuple(replace(o, required=False) for o in GOOD.objectives)
    assert any("none is required" in problem for problem in said(replace(GOOD, objectives=optional)))
    doubled = replace(GOOD, objectives=(*GOOD.objectives, replace(GOOD.objectives[0], points=0)))
    assert any("overall-success: is there more than once" in problem for problem in said(doubled))


@pytest.mark.parametrize("again_s", [31.0, 60.0])
@pytest.mark.parametrize("variant", [None, 0])
def test_a_hold_is_twice_the_time_that_a_cause_says_it_needs(again_s: float, variant: int | None) -> None:
    inject = replace(HANGS.timeline[0], fault=BatchHoldsRows(program="b", role="billing", again_s=again_s))
    scenario = replace(HANGS, timeline=(inject,))
    if variant is not None:
        scenario = replace(HANGS, variants=(replace(HANGS.variants[variant], timeline=(inject,)),))
    found = [str(problem) for problem in problems(scenario, RUNBOOK)]
    wrong = f"hold_s is 60: the cause needs {again_s:g} s to come back, a hold twice that"
    assert any("objective overall-success" in one and wrong in one for one in found), found
    held = tuple(replace(o, hold_s=2 * again_s) for o in HANGS.objectives)
    assert not any(
        "to come back" in str(one) for one in problems(replace(scenario, objectives=held), RUNBOOK)
    )


def test_the_names_that_are_known_are_those_of_the_load_and_the_stack() -> None:
    assert set(words.ROUTES) == ROUTES
    services = (checkout() / "compose/lab.yml").read_text().split("\nservices:\n")[1].split("\nnetworks:")[0]
    named = set(re.findall(r"^  ([a-z-]+):", services, re.MULTILINE))
    assert named >= ALWAYS

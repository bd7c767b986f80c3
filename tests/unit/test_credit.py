"""What parts of a diagnosis earn is the scenario's to say."""

from dataclasses import replace

import pytest

from lab import catalog
from lab.grade import Grade, grade
from lab.scenario import Credit, Mode, Scenario
from tests.unit.histories import SCENARIO, solved

RIGHT = {"component": "api", "fault": "a leak", "evidence": "idle sessions"}
WRONG = {"component": "redis", "fault": "slow", "evidence": "a feeling"}


def diagnosed(credit: Credit, *answers: dict[str, str]) -> Grade:
    drill = solved().drop("diagnosis")
    for n, answer in enumerate(answers):
        drill.event(90 + n, "diagnosis", **answer)
    report = grade(replace(SCENARIO, credit=credit), drill.history())
    return next(g for g in report.grades if g.objective == "diagnosis")


@pytest.mark.parametrize(
    ("credit", "answers", "earned"),
    [
        (Credit(component=0.1, fault=0.7, evidence=0.2), (RIGHT,), 10.0),
        (Credit(component=0.1, fault=0.7, evidence=0.2), (WRONG | {"component": "api"},), 1.0),
        (Credit(component=0.1, fault=0.7, evidence=0.2), (WRONG | {"fault": "a leak"},), 7.0),
        (Credit(partial_ratio=0.25), (WRONG | {"component": "postgres"},), 1.0),
        (Credit(partial_ratio=0.25), (WRONG | {"component": "api, or the network"},), 3.0),
        (Credit(wrong_guess_ratio=0.5), (WRONG, RIGHT), 5.0),
        (Credit(wrong_guess_ratio=0.0), (WRONG, RIGHT), 10.0),
    ],
)
def test_a_scenarios_own_shares_count(
    credit: Credit, answers: tuple[dict[str, str], ...], earned: float
) -> None:
    assert diagnosed(credit, *answers).earned == pytest.approx(earned)


def test_from_which_share_on_it_is_right_is_the_scenarios_too() -> None:
    half = WRONG | {"component": "api"}
    assert diagnosed(Credit(right_ratio=0.4), half).verdict.value == "pass"
    assert diagnosed(Credit(right_ratio=0.5), half).verdict.value == "fail"


@pytest.mark.parametrize(
    "shares",
    [{"component": 0.5}, {"evidence": 0.3}, {"partial_ratio": 1.5}, {"component": -0.2, "fault": 1.0}],
)
def test_shares_that_are_none_are_refused(shares: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"diagnosis|share the whole"):
        Credit(**shares)


@pytest.mark.parametrize("scenario", catalog.everything(), ids=lambda scenario: scenario.id)
def test_every_scenario_has_a_rail_and_says_what_a_minute_costs(scenario: Scenario) -> None:
    assert scenario.cost_per_min > 0
    rails = [o for o in scenario.objectives if getattr(o.probe, "mode", None) is Mode.THROUGHOUT]
    assert any(rail.required for rail in rails)

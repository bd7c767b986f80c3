"""The catalogue of faults: each is declared in full, tried, documented, and spoils nothing."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from faults.catalog import catalogue
from faults.core import EndsItself, Undo, touched
from faults.parameters import Parameter, Value, declared
from faults.touches import CONTAINER
from lab.cli import run
from lab.cli._fault_page import does, markdown
from lab.stack.places import checkout
from tests.faults.cases import cases

FAULTS = [pytest.param(one, id=one_id) for one_id, one in catalogue().items()]
over_all = pytest.mark.parametrize("one", FAULTS)

UNTRIED = {
    "release.bad_release": "its target is a pod controller: see tests/unit/test_faults.py, and every lab"
}
PLACES_NOT_STRENGTHS = {
    "mysql.applier_stopped_by_1062": "its number is where the stray row lies: the applier stops there",
    "mysql.page_corrupted": "its number is where the page lies: one is as unreadable as another",
}
SPOILERS = re.compile(r"sev0|(?<!de)fault|chaos|inject", re.IGNORECASE)


def parameters(one: type[Any]) -> Iterator[tuple[str, Parameter, Value | None]]:
    for key, (known, default) in declared(one).items():
        yield key, known, default


def test_the_catalogue_is_not_empty() -> None:
    assert len(FAULTS) > 50


def test_every_fault_is_tried_or_says_why_not() -> None:
    tried = {case.fault.about.id for _, case in cases()}
    assert set(catalogue()) - tried == set(UNTRIED)
    assert tried <= set(catalogue())


def test_a_case_that_is_not_restarted_says_why_and_no_other_does() -> None:
    assert [case.id for _, case in cases() if (case.restart_ends is None) is not bool(case.untried)] == []


def test_what_a_client_is_to_meet_is_never_met_by_one_who_is_served() -> None:
    assert [case.id for _, case in cases() if re.search(case.expects, "")] == []


def test_every_case_has_an_id_of_its_own() -> None:
    ids = [case.id for _, case in cases()]
    assert len(ids) == len(set(ids))


@over_all
def test_a_fault_says_what_it_does_where_to_see_it_and_how_to_fix_it(one: type[Any]) -> None:
    assert len(does(one)) > 30
    assert not (one.__doc__ or "").startswith(one.__name__), "a docstring, not the dataclass's signature"
    assert len(one.about.see) > 15
    assert len(one.about.fix) > 10
    assert re.fullmatch(r"[a-z]+\.[a-z0-9_]+", one.about.id)
    assert one.about.id.partition(".")[0] == one.__module__.split(".")[1], "its family is its folder"


@over_all
def test_a_parameter_has_a_meaning_and_bounds_that_hold_its_values(one: type[Any]) -> None:
    for key, known, default in parameters(one):
        assert known.means, key
        for value in (default, known.mild, known.severe):
            if value is not None:
                one(**{key: value})
        if known.low is not None and known.high is not None:
            assert known.low < known.high, key


@over_all
def test_where_there_are_numbers_one_has_a_mild_and_a_severe_value(one: type[Any]) -> None:
    numbers = [known for _, known, _ in parameters(one) if known.low is not None]
    assert (
        not numbers
        or one.about.id in PLACES_NOT_STRENGTHS
        or any(
            known.mild is not None and known.severe is not None and known.mild != known.severe
            for _, known, _ in parameters(one)
        )
    )


@over_all
def test_all_that_it_touches_is_named(one: type[Any]) -> None:
    assert one.about.touches
    for pattern in touched(one()):
        assert re.fullmatch(r"[a-z-]+(:[^{}]*)?", pattern), pattern


@over_all
def test_what_is_undone_by_a_new_container_excludes_all_else_in_it(one: type[Any]) -> None:
    assert (one.about.undo is Undo.REBUILD) == (CONTAINER in one.about.touches)


@over_all
def test_one_that_ends_by_itself_says_how_and_can_tell(one: type[Any]) -> None:
    assert bool(one.about.ends) == issubclass(one, EndsItself)


@over_all
def test_no_name_that_a_trainee_may_read_spoils_it(one: type[Any]) -> None:
    for key, known, default in parameters(one):
        said = [
            value for value in (default, known.mild, known.severe, *known.options) if isinstance(value, str)
        ]
        assert not [value for value in said if SPOILERS.search(value)], key


def test_the_page_of_faults_is_what_the_declarations_say() -> None:
    page = checkout() / "docs" / "faults.md"
    assert page.read_text(encoding="utf-8") == markdown(), "lab faults --markdown > docs/faults.md"


def test_the_list_names_every_fault(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["faults"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(catalogue())
    assert run(["faults", "--json"]) == 0
    assert [one["id"] for one in json.loads(capsys.readouterr().out)] == list(catalogue())


def test_one_fault_is_shown_with_its_parameters(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["faults", "net.latency"]) == 0
    said = capsys.readouterr().out
    assert "--param delay_ms=200" in said
    assert "1 to 30000 ms" in said


NEEDS = "size-capped volume of its own"


@pytest.mark.parametrize(
    "fault_id", ["host.disk_filled", "postgres.data_volume_filled", "postgres.wal_volume_filled"]
)
def test_what_most_targets_have_not_is_said(fault_id: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["faults", fault_id]) == 0
    assert f"  needs     a {NEEDS}" in capsys.readouterr().out
    assert run(["faults", fault_id, "--json"]) == 0
    assert NEEDS in json.loads(capsys.readouterr().out)["needs"]
    chapter = markdown().partition(f"### {fault_id}\n")[2].partition("\n### ")[0]
    assert f"- **Needs:** a {NEEDS}" in chapter


def test_the_page_says_what_no_command_does() -> None:
    assert "a scenario's timeline does `release.bad_release`" in markdown().partition("\n## ")[0]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["faults", "net.latancy"], "did you mean net.latency?"),
        (["fault", "inject", "net.latancy"], "did you mean net.latency?"),
        (["fault", "inject", "net.latency", "--param", "delay=3"], "did you mean delay_ms?"),
        (["fault", "inject", "net.latency", "--param", "delay_ms=99999"], "must be 1 to 30000 ms, got 99999"),
        (["fault", "inject", "net.latency", "--param", "delay_ms=much"], "must be 1 to 30000 ms, got 'much'"),
        (["fault", "inject", "net.latency", "--param", "delay_ms"], "is not like KEY=VALUE"),
        (["fault", "inject", "net.latency", "--target", "a", "--container", "b"], "not both"),
        (["fault", "inject", "release.bad_release"], "a scenario's timeline does such a fault"),
        (["fault", "inject", "net.latency", "--name", "none"], "no lab none"),
        (["fault", "revert"], "an ID, or --all"),
        (["fault", "revert", "net.latency"], "no open fault is 'net.latency'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_words_that_are_off_are_answered_with_what_would_do(
    words: list[str],
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    monkeypatch.setenv("LAB_HOME", str(tmp_path_factory.mktemp("home")))
    monkeypatch.delenv("LAB_NAME", raising=False)
    assert run(words) == 2
    assert said in capsys.readouterr().err


def test_nothing_is_open_where_nothing_was_done(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    monkeypatch.setenv("LAB_HOME", str(tmp_path_factory.mktemp("home")))
    assert run(["fault", "active"]) == 0
    assert run(["fault", "revert", "--all"]) == 0
    assert capsys.readouterr().out == "no fault is open\n" * 2

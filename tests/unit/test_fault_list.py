"""What is said of faults: on their page, by `lab faults`, and where words are off."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from faults import chaostoolkit
from faults.catalog import catalogue, of_record
from faults.errors import BadParameter, UnknownFault
from faults.lifecycle import inject
from faults.parameters import declared
from faults.store import Record, Store
from lab.cli import run
from lab.cli._fault_page import does, markdown
from lab.stack.places import checkout
from tests.unit.paper import Paper, Torn


def test_the_page_of_faults_is_what_the_declarations_say() -> None:
    page = checkout() / "docs" / "faults.md"
    assert page.read_text(encoding="utf-8") == markdown(), "lab faults --markdown > docs/faults.md"


def test_the_list_names_every_fault(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["faults"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(catalogue())


def test_a_machine_is_told_all_of_every_fault(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["faults", "--json"]) == 0
    told = {one["id"]: one for one in json.loads(capsys.readouterr().out)}
    assert list(told) == list(catalogue())
    for fault_id, one in catalogue().items():
        facts = told[fault_id]
        assert (facts["see"], facts["fix"]) == (one.about.see, one.about.fix)
        assert facts["does"] == does(one)
        assert facts["restart"]
        shown = {known.pop("name"): known for known in facts["parameters"]}
        assert shown == {
            key: {
                "means": known.means,
                "range": known.range,
                "default": default,
                "mild": known.mild,
                "severe": known.severe,
            }
            for key, (known, default) in declared(one).items()
        }


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


A_RECORD = Record(
    id="net.latency-1f2e",
    fault="net.latency",
    parameters={},
    target="box",
    receipt={},
    victim_started_at="once",
    prepared_at=0.0,
)


def test_the_page_says_what_no_command_does() -> None:
    assert "a scenario's timeline does `release.bad_release`" in markdown().partition("\n## ")[0]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["faults", "net.latancy"], "did you mean net.latency?"),
        (["fault", "inject", "net.latancy"], "did you mean net.latency?"),
        (
            ["fault", "inject", "net.latency", "--param", "delay=3"],
            "did you mean delay_ms? It takes 1 to 30000 ms",
        ),
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


def test_a_fault_that_is_open_in_another_lab_is_said_to_be_there(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LAB_HOME", str(tmp_path))
    monkeypatch.delenv("LAB_NAME", raising=False)
    folder = tmp_path / "labs" / "team-1" / "faults"
    inject(Torn(), Paper(), Store(folder=folder))
    (ident,) = (path.stem for path in folder.glob("*.json"))
    assert run(["fault", "revert", ident]) == 2
    assert f"lab fault revert {ident} --name team-1" in capsys.readouterr().err


OFF: list[tuple[str, dict[str, Any], str]] = [
    (
        "net.latency",
        {"delay": 3},
        r"has no parameter 'delay'; .*did you mean delay_ms\? It takes 1 to 30000 ms",
    ),
    ("net.latency", {"zzz": 3}, "has no parameter 'zzz'; it has delay_ms, "),
    ("net.latency", {"delay_ms": 99999}, "delay_ms must be 1 to 30000 ms, got 99999"),
    ("net.latency", {"delay_ms": "300"}, "delay_ms must be 1 to 30000 ms, got '300'"),
    ("net.latency", {"delay_ms": 0.5}, "it must be whole"),
    ("host.kill", {"signal": "SIGHUP"}, r"signal must be SIGKILL \| SIGTERM, got 'SIGHUP'"),
    ("host.pause", {"for_s": 3}, "has no parameter 'for_s'; it has none"),
]


@pytest.mark.parametrize(("fault_id", "values", "said"), OFF)
def test_parameters_of_an_experiment_that_are_off_are_answered_in_the_same_words(
    fault_id: str, values: dict[str, Any], said: str
) -> None:
    with pytest.raises(BadParameter, match=said):
        chaostoolkit.inject(fault_id, "a-container", values)


def test_a_fault_of_an_experiment_that_is_not_there_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownFault, match=r"did you mean net\.latency\?"):
        chaostoolkit.inject("net.latancy", "a-container")


def test_a_receipt_of_another_release_says_which_parameter_is_none_of_this_one() -> None:
    with pytest.raises(BadParameter, match="Latency has no parameter 'delay'"):
        of_record(replace(A_RECORD, parameters={"delay": 3}))


def test_nothing_is_open_where_nothing_was_done(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    monkeypatch.setenv("LAB_HOME", str(tmp_path_factory.mktemp("home")))
    assert run(["fault", "active"]) == 0
    assert run(["fault", "revert", "--all"]) == 0
    assert capsys.readouterr().out == "no fault is open\n" * 2

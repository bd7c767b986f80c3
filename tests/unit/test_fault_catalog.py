"""The catalogue of faults: each is declared in full, tried, documented, and spoils nothing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import pytest

from faults.catalog import catalogue
from faults.core import About, Checked, EndsItself, Undo, outlasts_restart, touched
from faults.host.pause import Pause
from faults.parameters import Parameter, Value, declared, number
from faults.touches import CONTAINER
from lab.cli import run
from lab.cli._fault_page import does, markdown
from tests.faults.cases import at_both_ends, cases
from tests.faults.host.box import Box, box
from tests.faults.laws import Case, nothing

FAULTS = [pytest.param(one, id=one_id) for one_id, one in catalogue().items()]
over_all = pytest.mark.parametrize("one", FAULTS)

# What clients meet: of one kind each, and of no cause. A case is about one kind at most.
KINDS = {
    "nobody is there": ("down", "2003", "ConnectionRefusedError", "connection: connection refused"),
    "nobody answers": ("TimeoutError", "TimeoutError: Timeout reading from socket", "held"),
    "cut off": ("2013", "57P01", "ConnectionResetError", "ConnectionError: Connection closed by server."),
    "not let in": ("28P01", "1045", "3118", "AuthenticationError: WRONGPASS invalid username-password pair"),
    "no rights": ("42501", "1142", "NoPermissionError: this user has no permissions"),
    "no place": ("53300", "1040", "connection: sorry, too many clients already", "max number of clients"),
    "no room": ("53100", "1114", "OutOfMemoryError: command not allowed when used memory > 'maxmemory'."),
    "no writes": ("25006", "1290", "READONLY You can't write against a read only replica."),
    "no snapshot": ("ResponseError: MISCONF Redis is configured to save RDB snapshots",),
    "a lock": ("55P03", "1205", "1205 1205", "SyncRep"),
    "a deadlock": ("40P01", "1213"),
    "too long": ("57014", "3024"),
    "a script": ("ResponseError: BUSY Redis is busy running a script.",),
    "numbers end": ("2200H", "22003", "54000"),
    "a key is taken": ("1062", "23505"),
    "damage": ("XX001", "1712"),
}
OF_NO_CAUSE = (
    *("?", "error", "slow", "late", "behind", "stale", "gone", "failing", "missed", "bloated", "resolved"),
    *("21.3 ms", "median 214 ms", "3.0 s", "resolved in 2.1 s", "98304 bytes in 3.1 s", "sent again 7 times"),
    *("7 misses", "ends soon", "412 buffers", "3 segments", "12 wrong", "500 products", "found []"),
    *("behind: busy with stock", "stale: receives, not paused, RecoveryWalStream", "waits behind get"),
    *("Index Scan using other on orders, index valid", "ref by other, index visible"),
    *(
        "slow, held back few times",
        "lost by the table",
        "kept for nobody",
        "EHOSTUNREACH at the right address",
    ),
    *("42601", "1064", "XX000", "KeyError: 'median_ms'"),
)
SPOILERS = re.compile(r"sev0|(?<!de)fault|chaos|inject", re.IGNORECASE)


def parameters(one: type[Any]) -> Iterator[tuple[str, Parameter, Value | None]]:
    for key, (known, default) in declared(one).items():
        yield key, known, default


def test_the_catalogue_is_not_empty() -> None:
    assert len(FAULTS) > 50


def test_every_fault_is_tried() -> None:
    tried = {case.fault.about.id for _, case in cases()}
    assert tried == set(catalogue())


NOT_RESTARTED = {
    "release.migration_behind_report": (
        "which of the two is back first after a restart is chance: the migration may get through"
    ),
}
"""The cases of which a restart proves nothing, for it goes one way or the other."""


def test_every_case_is_restarted_but_for_those_of_which_it_proves_nothing() -> None:
    assert {case.id: case.untried for _, case in cases() if case.untried} == NOT_RESTARTED
    assert {case.id for _, case in cases() if case.restart_ends is None} == set(NOT_RESTARTED)


def test_a_fault_says_what_its_cases_prove_of_a_restart() -> None:
    wrong = [
        case.id
        for _, case in cases()
        if case.restart_ends is not None and case.restart_ends is outlasts_restart(case.fault)
    ]
    assert wrong == []


@over_all
def test_what_depends_on_a_parameter_depends_on_one_that_says_yes_or_no(one: type[Any]) -> None:
    if one.about.lasts not in ("yes", "no", "perhaps"):
        ((known, _),) = [of for key, of in declared(one).items() if f"{{{key}}}" == one.about.lasts]
        assert sorted(known.options) == ["no", "yes"]


def test_what_a_client_is_to_meet_is_never_met_by_one_who_is_served() -> None:
    assert [case.id for _, case in cases() if re.search(case.expects, "")] == []


def accepted(expects: str) -> list[str]:
    """What is wrong with an expectation: the kinds of trouble that it takes for one, or what has no cause."""
    kinds = [kind for kind, met in KINDS.items() if any(re.search(expects, one) for one in met)]
    vague = [met for met in OF_NO_CAUSE if re.search(expects, met)]
    return vague + (kinds if len(kinds) > 1 else [])


@pytest.mark.parametrize(
    "case",
    [pytest.param(one, id=one.id) for one in (*(one for _, one in cases()), *at_both_ends()) if one.expects],
)
def test_a_case_expects_one_trouble_and_no_other(case: Case) -> None:
    assert accepted(case.expects) == []


@pytest.mark.parametrize(
    "loose", [".", ".+", "^.*$", r"\d", "^[0-9A-Z]{5}$", "stale", "Timeout|Refused", "ms$"]
)
def test_an_expectation_that_takes_the_trouble_of_another_cause_is_found(loose: str) -> None:
    assert accepted(loose)


def test_a_case_cannot_leave_out_what_a_client_meets() -> None:
    with pytest.raises(TypeError, match="expects"):
        Case(fault=Pause(), server=box, felt=Box.reads, by_hand=nothing)  # type: ignore[call-arg]


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
def test_a_fault_goes_from_mild_to_severe_or_says_why_it_cannot(one: type[Any]) -> None:
    assert strengths(one), "a parameter with a mild and a severe value, or About.one_strength"
    assert len(strengths(one)) == 1 or not one.about.one_strength, (
        "it has strengths, and says that it has one"
    )


def strengths(one: type[Any]) -> list[str]:
    """The parameters that make it mild or severe, and, where it has but one strength, why."""
    for key, known, _ in parameters(one):
        assert (known.mild is None) is (known.severe is None), f"{key}: half a range"
        assert known.mild is None or known.mild != known.severe, f"{key}: mild is as severe as severe"
    return [key for key, known, _ in parameters(one) if known.mild is not None] + [
        why for why in [one.about.one_strength] if len(why) > 15
    ]


def lamed(mild: float | None, severe: float | None, why: str = "") -> type[Any]:
    """A fault of one number."""

    @dataclass(frozen=True, kw_only=True)
    class Lamed(Checked):
        about: ClassVar[About] = replace(Pause.about, one_strength=why)
        n: int = number(1, low=0, high=9, means="how many", mild=mild, severe=severe)

    return Lamed


@pytest.mark.parametrize(
    "one", [lamed(None, None), lamed(2, 2), lamed(2, None), lamed(None, 2), lamed(1, 2, "there is only one")]
)
def test_a_fault_without_strengths_or_with_equal_ones_is_found(one: type[Any]) -> None:
    with pytest.raises(AssertionError):
        test_a_fault_goes_from_mild_to_severe_or_says_why_it_cannot(one)


def test_the_one_strength_of_a_fault_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["faults", "host.pause"]) == 0
    assert "  strength  one: a process runs or stands still" in capsys.readouterr().out
    chapter = markdown().partition("### host.pause\n")[2].partition("\n### ")[0]
    assert "- **Strength:** one: a process runs or stands still" in chapter


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

"""Every fault is tried at its mild end and at its severe one, with the values that it declares."""

import re
from dataclasses import replace

import pytest

from faults.catalog import catalogue
from faults.core import parameters_of
from faults.host.cpu_limit import CpuLimit
from faults.host.pause import Pause
from tests.faults.cases import at_both_ends, cases
from tests.faults.host.box import Box, box
from tests.faults.host.cases_host import burns_slowly
from tests.faults.laws import Case, nothing
from tests.faults.strengths import AS_EVER, ENDS, End, ends_of

ENOUGH_LETTERS = 20
LIMIT = Case(fault=CpuLimit(), server=box, felt=burns_slowly, expects="^slow, held", by_hand=nothing)
PAUSE = Case(fault=Pause(), server=box, felt=Box.reads, expects="Timeout", by_hand=nothing)
of_all = pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for _, case in cases()])


def ends_tried(tried: tuple[Case, ...]) -> set[tuple[str, str]]:
    """Each fault with the ends that it is tried at."""
    return {(case.fault.about.id, case.variant.rpartition("-")[2]) for case in tried}


def test_every_fault_that_has_strengths_is_tried_at_both_ends() -> None:
    owed = {(one, end) for one, fault in catalogue().items() for end in ends_of(fault)}
    assert ends_tried(at_both_ends()) == owed
    assert len({case.id for case in at_both_ends()}) == len(at_both_ends())


def test_a_fault_that_has_one_strength_is_not_tried_twice() -> None:
    assert {one for one, _ in ends_tried(at_both_ends())} == {
        one for one, fault in catalogue().items() if not fault.about.one_strength
    }


def test_both_ends_are_what_the_declaration_says() -> None:
    assert [parameters_of(LIMIT.at(end).fault) for end in ENDS] == [{"cpus": 0.5}, {"cpus": 0.02}]
    assert [LIMIT.at(end).id for end in ENDS] == ["host.cpu_limit-mild", "host.cpu_limit-severe"]
    assert ends_of(Pause) == {}


def test_what_is_the_same_at_an_end_is_tried_once() -> None:
    tried = [(case.fault, case.variant.rpartition("-")[2]) for case in at_both_ends()]
    assert len(tried) == len(set(tried))


def wrong(case: Case) -> list[str]:
    """What is wrong with how a case says that it is tried at the ends."""
    found = [f"severe: {said}" for said in [case.severe.unfelt] if said]
    for name in ENDS:
        end: End = getattr(case, name)
        if name not in ends_of(case.fault) and end != AS_EVER:
            found.append(f"{name}: the fault has no such end")
        elif end != AS_EVER:
            found += [f"{name}: {said}" for said in said_too_little(end)]
    return found


def said_too_little(end: End) -> list[str]:
    """Of one end: where nobody is asked, a reason; and nothing without need."""
    found = []
    if end.unfelt and (end.felt or end.expects or len(end.unfelt) < ENOUGH_LETTERS):
        found.append("nobody is asked, for no reason, or somebody is")
    if end.expects and re.search(end.expects, ""):
        found.append("what it expects is met by one who is served")
    return found


@of_all
def test_a_case_says_why_where_nobody_is_asked_at_an_end(case: Case) -> None:
    assert wrong(case) == []


@pytest.mark.parametrize(
    "case",
    [
        replace(LIMIT, severe=End(unfelt="at this end nobody feels anything")),
        replace(LIMIT, mild=End(unfelt="no")),
        replace(LIMIT, mild=End(unfelt="at this end nobody feels anything", expects="^slow$")),
        replace(LIMIT, severe=End(expects=".*")),
        replace(PAUSE, severe=End(expects="Timeout")),
    ],
)
def test_a_case_that_leaves_out_an_end_without_a_reason_is_found(case: Case) -> None:
    assert wrong(case)

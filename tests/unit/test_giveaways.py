"""Nothing that a trainee reads before the first hint names the cause: brief, events, pages, holds."""

import re
from collections.abc import Iterator, Mapping

import pytest

from faults.core import parameters_of
from lab import catalog
from lab.runbook import read_runbook
from lab.scenario import Scenario, held
from lab.stack.places import checkout

# Beside what a right diagnosis of the fault says, which is asked of every scenario.
WORDS: Mapping[str, tuple[str, ...]] = {
    "checkout-hangs": (
        "billing",
        "price-import",
        "pricing",
        "loyalty",
        "sales-report",
        "migration",
        "uncommitted",
        "add column",
        "forgot",
    ),
    "everything-slow": (
        "memory limit",
        "right-siz",
        "allkeys",
        "policy",
        "lowered",
        "shrunk",
        "out of memory",
    ),
    "max-connections": ("2.4.0 leak", "session leak", "pool", "not given back", "close"),
    "stale-reads": (
        "replay",
        "pause",
        "conflict",
        "long query",
        "password",
        "credential",
        "replication slot",
        "report",
    ),
    "stock-behind": ("primary key", "without a key", "batch", "row by row", "delay", "applier"),
}

# Pages are the same in every drill, and say what a server counts, never why. Each is argued for.
TOLD_BY_PAGES: Mapping[tuple[str, str], str] = {
    (
        "everything-slow",
        "evict",
    ): "that keys are evicted is what Redis counts; who took its memory is not said",
    ("everything-slow", "policy"): "that there is one is Redis's manual; which one it has is not said",
}

# Whose session or table it is, its name says; what it does to others is for the trainee to find.
TOLD_BY_NAMES = frozenset({("stale-reads", "report")})
NOBODY_IN_A_SHOP = re.compile(
    r"fault|inject|chaos|sev0|drill|trainee|referee|leak|block|hold|hog|stuck|broken|dummy"
)

ALERT = re.compile(r"^      - alert: (?P<name>\S+)\n(?P<body>(?:(?!^      - ).*\n?)*)", re.MULTILINE)
ALL = catalog.everything()


def words_of(scenario: Scenario) -> frozenset[str]:
    truths = (scenario.truth, *(variant.truth for variant in scenario.variants))
    return frozenset({*WORDS.get(scenario.id, ()), *(word for truth in truths for word in truth.fault.words)})


def told(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """What of it is read, by where."""
    yield "title", scenario.title
    yield "brief", read_runbook(checkout() / "runbooks" / f"{scenario.id}.md").brief
    for change in scenario.changes:
        yield "event", f"{change.component}: {change.what} (by {change.by})"
    for objective in scenario.objectives:
        if held(objective.probe):
            yield f"hold of {objective.id}", objective.claim
    for timeline in (scenario.timeline, *(variant.timeline for variant in scenario.variants)):
        for inject in timeline:
            yield "history of roll-outs", str(getattr(inject.fault, "cause", ""))


def names(scenario: Scenario) -> frozenset[str]:
    """What its faults bring along under a name: programs, roles, tables, releases."""
    timelines = (scenario.timeline, *(variant.timeline for variant in scenario.variants))
    faults = (inject.fault for timeline in timelines for inject in timeline)
    return frozenset(v for fault in faults for v in parameters_of(fault).values() if isinstance(v, str))


def pages() -> Iterator[tuple[str, str]]:
    """Each alert's name with its annotations, read as people read them: no query, no template."""
    for path in sorted((checkout() / "compose/prometheus").glob("rules*.yml")):
        if path.name.endswith("_test.yml"):
            continue
        for found in ALERT.finditer(path.read_text(encoding="utf-8")):
            annotations = found["body"].partition("annotations:")[2].partition("\n      #")[0]
            name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", found["name"])
            yield found["name"], f"{name} {re.sub(r'{{.*?}}', ' ', annotations, flags=re.DOTALL)}"


def named(text: str, words: frozenset[str]) -> list[str]:
    plain = " ".join(text.lower().split())
    return sorted(word for word in words if re.search(rf"\b{re.escape(word)}", plain))


@pytest.mark.parametrize("scenario", ALL, ids=lambda scenario: scenario.id)
def test_nothing_of_a_scenario_names_its_cause(scenario: Scenario) -> None:
    found = {where: words for where, text in told(scenario) if (words := named(text, words_of(scenario)))}
    assert found == {}


@pytest.mark.parametrize("scenario", ALL, ids=lambda scenario: scenario.id)
def test_no_page_names_a_cause(scenario: Scenario) -> None:
    read = dict(pages())
    assert len(read) >= 10
    found = {word for text in read.values() for word in named(text, words_of(scenario))}
    assert found == {word for scenario_id, word in TOLD_BY_PAGES if scenario_id == scenario.id}


@pytest.mark.parametrize("scenario", ALL, ids=lambda scenario: scenario.id)
def test_what_a_fault_brings_is_named_as_a_shop_names_it_and_not_for_what_it_does(scenario: Scenario) -> None:
    truths = (scenario.truth, *(variant.truth for variant in scenario.variants))
    words = frozenset(word for truth in truths for word in truth.fault.words)
    found = {(scenario.id, word) for name in names(scenario) for word in named(name, words)}
    assert found == {told for told in TOLD_BY_NAMES if told[0] == scenario.id}
    assert [name for name in names(scenario) if NOBODY_IN_A_SHOP.search(name)] == []


def test_words_belong_to_scenarios_that_there_are() -> None:
    assert set(WORDS) <= set(catalog.ids())


@pytest.mark.parametrize(
    ("scenario_id", "event"),
    [
        ("everything-slow", "memory right-sized, node by node"),
        ("checkout-hangs", "billing moved into one transaction that is left idle in transaction"),
        ("stock-behind", "table of prices made anew without a key"),
    ],
)
def test_a_change_that_gives_it_away_is_found(scenario_id: str, event: str) -> None:
    assert named(event, words_of(catalog.find(scenario_id)))

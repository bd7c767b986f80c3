"""All rules over one scenario and its runbook: pure, so that a test can ask with literals."""

from collections.abc import Iterator, Sequence
from itertools import chain

from faults.core import Kind, parameters_of, touched
from faults.touches import common
from lab.lint.briefs import of_brief
from lab.lint.causes import of_runbooks_causes
from lab.lint.known import ID, ROUTES, SERVICES
from lab.lint.objectives import of_objectives
from lab.lint.problem import Found, Problem, doubled, runbook_file, scenario_file, unknown
from lab.lint.readings import of_readings
from lab.lint.settings import of_settings
from lab.lint.traps import of_runbooks_traps, of_trapped, of_traps
from lab.lint.verbs import of_runbooks_verbs
from lab.runbook import Runbook
from lab.scenario import Inject, Scenario, Truth

FEWEST_HINTS = 3
NO_HINT = "no hint: whoever is stuck stays stuck"


def problems(scenario: Scenario, runbook: Runbook, *, file_id: str = "") -> tuple[Problem, ...]:
    """All that is wrong with the two. *file_id* is the id that their files are named for, if not its own."""
    named = file_id or scenario.id
    return (*_of_scenario(scenario, runbook, named), *_of_runbook(scenario, runbook, named))


def _of_scenario(scenario: Scenario, runbook: Runbook, named: str) -> Iterator[Problem]:
    rules = (
        _of_id(scenario, named),
        _of_services(scenario),
        _of_load(scenario),
        *(_of_timeline(timeline, scenario, at) for at, timeline in _timelines(scenario)),
        of_objectives(scenario),
        of_readings(scenario),
        _of_replay(scenario),
        of_traps(scenario),
        of_trapped(scenario, runbook),
        of_settings(scenario),
        _of_prices(scenario, runbook),
        _of_truth(scenario.truth, "truth"),
        *(_of_truth(one.truth, f"variant {one.name!r}, truth") for one in scenario.variants),
    )
    for rule in rules:
        for at, wrong in rule:
            yield Problem(file=scenario_file(named), at=at, wrong=wrong)


def _of_runbook(scenario: Scenario, runbook: Runbook, named: str) -> Iterator[Problem]:
    hints = len(runbook.hints)
    missing = (
        ("Fix: …", not runbook.fixes, "no fix: nobody has shown that it can be passed"),
        ("Trap: …", not runbook.traps, "no trap: nothing tempts, so nothing is learnt of it"),
    )
    if hints < FEWEST_HINTS:
        said = f"only {hints} of at least {FEWEST_HINTS} hints: where, what, why" if hints else NO_HINT
        yield Problem(file=runbook_file(named), at=f"heading '## Hint {hints + 1}'", wrong=said)
    for heading, wrong, said in missing:
        if wrong:
            yield Problem(file=runbook_file(named), at=f"heading '## {heading}'", wrong=said)
    rules = (
        of_brief(runbook),
        of_runbooks_traps(scenario, runbook),
        of_runbooks_causes(scenario, runbook),
        of_runbooks_verbs(runbook),
    )
    for at, wrong_ in chain.from_iterable(rules):
        yield Problem(file=runbook_file(named), at=at, wrong=wrong_)


def _of_id(scenario: Scenario, named: str) -> Found:
    if not ID.fullmatch(scenario.id):
        yield "id", f"{scenario.id!r} is not words of a-z and 0-9 with hyphens between them, a letter first"
    if scenario.id != named:
        yield "id", f"it is {scenario.id!r}, and the file's name says {named!r}"


def _of_services(scenario: Scenario) -> Found:
    for service in scenario.services:
        if service not in SERVICES:
            yield "services", unknown("service", service, SERVICES)
    for service in doubled(scenario.services):
        yield "services", f"{service} is there twice"


def _of_load(scenario: Scenario) -> Found:
    load = scenario.load
    if load.rate_per_s <= 0:
        yield "load", f"rate_per_s is {load.rate_per_s:g}: nobody comes, nobody is hurt"
    if load.peak_per_s < load.rate_per_s:
        yield "load", f"peak_per_s is {load.peak_per_s:g}, less than the rate_per_s of {load.rate_per_s:g}"
    for option in load.hastened_options:
        if option not in load.options:
            yield "load", f"hastened_options: {unknown('option', option, load.options)}"


def _timelines(scenario: Scenario) -> Iterator[tuple[str, Sequence[Inject]]]:
    yield "timeline", scenario.timeline
    for variant in scenario.variants:
        yield f"variant {variant.name!r}, timeline", variant.timeline


def _of_timeline(timeline: Sequence[Inject], scenario: Scenario, at: str) -> Found:
    if not timeline:
        yield at, "it is empty: nothing goes wrong"
    for n, inject in enumerate(timeline, start=1):
        if not 0 <= inject.at_s < scenario.limit_s:
            yield f"{at}, inject {n}", f"at_s is {inject.at_s:g}, outside the run of {scenario.limit_s:g} s"
        for wrong in (*_of_inject(inject, scenario), *_of_overlap(inject, timeline[: n - 1])):
            yield f"{at}, inject {n}", wrong


def _of_inject(inject: Inject, scenario: Scenario) -> Iterator[str]:
    """Whether it is done to a service that is there, and hastens parameters that its fault has."""
    if inject.fault.about.kind is not Kind.DEPLOYMENT and inject.on not in scenario.services:
        yield f"on: {unknown('service of this scenario', inject.on, scenario.services)}"
    has = parameters_of(inject.fault)
    for name in inject.hastened:
        if not isinstance(has.get(name), float):
            times = [known for known, value in has.items() if isinstance(value, float)]
            yield f"hastened: {unknown('time of ' + inject.fault.about.id, name, times)}"


def _of_overlap(inject: Inject, before: Sequence[Inject]) -> Iterator[str]:
    """Whether it touches what one before it holds: a timeline undoes nothing before its end."""
    ours = touched(inject.fault)
    for n, other in enumerate(before, start=1):
        if _victim(other) == _victim(inject) and (shared := common(ours, touched(other.fault))):
            held = f"{', '.join(shared)}, which inject {n}, {other.fault.about.id}, holds"
            yield f"{inject.fault.about.id} would touch {held}: they exclude each other"


def _victim(inject: Inject) -> str:
    """The service that it is done to; of a deployment its fault says itself which."""
    return "" if inject.fault.about.kind is Kind.DEPLOYMENT else inject.on


def _of_replay(scenario: Scenario) -> Found:
    burst, settle_s = scenario.replay.burst, scenario.replay.settle_s
    if burst.route not in ROUTES:
        yield "replay", unknown("route", burst.route, ROUTES)
    if burst.rate_per_s <= 0 or burst.for_s <= 0:
        yield "replay", f"a burst of {burst.rate_per_s:g} per second for {burst.for_s:g} s is none"
    if settle_s < 0:
        yield "replay", f"settle_s is {settle_s:g}: it cannot be less than 0"


def _of_prices(scenario: Scenario, runbook: Runbook) -> Found:
    prices, hints = scenario.hint_prices, len(runbook.hints)
    if len(prices) < hints:
        yield "hint_prices", f"{len(prices)} prices, and the runbook has {hints} hints"
    for price in prices:
        if price < 0:
            yield "hint_prices", f"{price}: a hint cannot earn points"


def _of_truth(truth: Truth, part: str) -> Found:
    for name in ("component", "fault", "evidence"):
        accepted = getattr(truth, name)
        at = f"{part}, {name}"
        if not accepted.words:
            yield at, "no words: no diagnosis can be right"
        if any(not word.strip() for word in (*accepted.words, *accepted.partial, *accepted.others)):
            yield at, "a word is empty: it is found nowhere"
        for word in sorted({*accepted.words, *accepted.partial} & {*accepted.others}):
            yield at, f"{word!r} is accepted and among the others, so that it earns less than it should"

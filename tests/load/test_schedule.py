"""The schedule's maths, over any rate, seed and cutting of time."""

from collections import Counter
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from loadgen.dice import crosses, deal, unit
from loadgen.plan import Burst, Plan
from loadgen.schedule import Arrival, Mark, Schedule, due, next_time
from loadgen.words import MIX

UNHURRIED = settings(deadline=None)  # tests share their two cores with whole labs
RATES = st.floats(min_value=0.1, max_value=400)
SEEDS = st.integers(min_value=0, max_value=2**63)
STEPS = st.lists(st.floats(min_value=0, max_value=3), min_size=1, max_size=20)
START = 1_700_000_000.0


def _run(schedule: Schedule, *, for_s: float, step_s: float = 0.25) -> list[Arrival]:
    steps = round(for_s / step_s)
    return [a for i in range(1, steps + 1) for a in schedule.due(START + i * step_s)]


@UNHURRIED
@given(rate=RATES, seed=SEEDS, steps=STEPS)
def test_cutting_time_into_steps_changes_no_arrival(rate: float, seed: int, steps: list[float]) -> None:
    """However the time is cut, each arrival comes once, in order, and within its step."""
    mark = Mark(t=START)
    numbers: list[int] = []
    for step in steps:
        before = mark.t
        found, mark = due(mark, before + step, rate, seed)
        numbers += [n for n, _ in found]
        assert all(before - 1e-6 <= t <= before + step + 1e-6 for _, t in found)
    assert numbers == list(range(len(numbers)))


@UNHURRIED
@given(rate=RATES, seed=SEEDS, length=st.floats(min_value=0, max_value=120))
def test_any_stretch_has_its_arrivals_to_within_one(rate: float, seed: int, length: float) -> None:
    """The number of arrivals is rate times time."""
    found, mark = due(Mark(t=START), START + length, rate, seed)
    assert abs(len(found) - rate * (mark.t - START)) <= 1 + 1e-3


@UNHURRIED
@given(rate=RATES, seed=SEEDS, count=st.floats(min_value=0, max_value=1e6))
def test_the_next_time_is_when_the_next_arrival_is_due(rate: float, seed: int, count: float) -> None:
    """Nothing is due before it, and something is due right after."""
    mark = Mark(t=START, count=count)
    t = next_time(mark, rate, seed)
    assert t is not None
    assert not due(mark, t - 1e-5, rate, seed)[0]
    assert due(mark, t + 1e-3, rate, seed)[0]


@UNHURRIED
@given(seed=SEEDS, hand=st.integers(min_value=0, max_value=1000))
def test_each_hundred_arrivals_have_the_mix(seed: int, hand: int) -> None:
    """The deck has every route as often as the mix says, and numbers each route's arrivals without a gap."""
    dealt = [deal(seed, n) for n in range(100 * hand, 100 * hand + 100)]
    assert Counter(route for route, _ in dealt) == MIX
    for route, cards in MIX.items():
        assert [nth for r, nth in dealt if r == route] == list(range(hand * cards, (hand + 1) * cards))


@UNHURRIED
@given(ratio=st.floats(min_value=0, max_value=1), n=st.integers(min_value=1, max_value=5000))
def test_a_ratio_is_kept_at_every_length(ratio: float, n: int) -> None:
    """Of the first n, the share is right to within one."""
    assert abs(sum(crosses(i, ratio) for i in range(n)) - n * ratio) <= 1 + 1e-3


@UNHURRIED
@given(seed=SEEDS, n=st.integers(min_value=0, max_value=10**9))
def test_draws_are_in_the_unit_interval_and_repeatable(seed: int, n: int) -> None:
    """The same seed draws the same."""
    assert 0 <= unit(seed, n) < 1
    assert unit(seed, n) == unit(seed, n)


def test_the_same_seed_makes_the_same_arrivals_and_another_seed_others() -> None:
    """Times, routes and each arrival's own choices follow from the seed."""

    def arrivals(seed: int) -> list[tuple[float, str, float]]:
        schedule = Schedule(seed=seed, now=START)
        schedule.follow(Plan(rate_per_s=50))
        return [(a.t, a.route, a.dice().random()) for a in _run(schedule, for_s=10)]

    assert arrivals(1) == arrivals(1)
    assert arrivals(1) != arrivals(2)


def test_arrivals_are_not_in_lockstep() -> None:
    """Gaps between arrivals differ: a metronome would meet every periodic thing in the shop in phase."""
    found, _ = due(Mark(t=START), START + 10, 60, 1)
    gaps = [b - a for (_, a), (_, b) in pairwise(found)]
    assert min(gaps) < 0.5 / 60 < 1.5 / 60 < max(gaps)


def test_a_new_rate_takes_effect_at_once_and_loses_nothing() -> None:
    """Ten seconds at 60 and ten at 120 are 1800 arrivals."""
    schedule = Schedule(seed=1, now=START)
    schedule.follow(Plan(rate_per_s=60))
    slow = schedule.due(START + 10)
    schedule.follow(Plan(rate_per_s=120))
    fast = schedule.due(START + 20)
    schedule.follow(Plan(rate_per_s=0))
    assert not schedule.due(START + 1000)
    assert abs(len(slow) - 600) <= 1
    assert abs(len(slow) + len(fast) - 1800) <= 1
    assert schedule.planned == 1800


def test_a_burst_comes_on_top_at_its_time_with_its_options() -> None:
    """Twenty logins, all gold, between the fifth and the fifteenth second; the rest is as before."""
    burst = Burst(
        id="replay", route="login", rate_per_s=2, start=START + 5, for_s=10, options={"gold_ratio": 1.0}
    )
    schedule = Schedule(seed=1, now=START)
    schedule.follow(Plan(rate_per_s=10, options={"gold_ratio": 0.3}, bursts=(burst,)))
    arrivals = _run(schedule, for_s=30)
    extra = [a for a in arrivals if a.burst]
    assert len(extra) == 20
    assert all(a.route == "login" and START + 5 <= a.t < START + 15 for a in extra)
    assert all(a.options == {"gold_ratio": 1.0} for a in extra)
    assert all(a.options == {"gold_ratio": 0.3} for a in arrivals if not a.burst)
    assert abs(len(arrivals) - 320) <= 1
    assert abs(schedule.planned - 320) < 1e-6
    assert arrivals == sorted(arrivals, key=lambda a: a.t)


def test_a_burst_that_is_known_late_is_not_made_up_for() -> None:
    """Known halfway through, half of it comes, and none of it in the past."""
    schedule = Schedule(seed=1, now=START)
    schedule.due(START + 10)
    schedule.follow(
        Plan(rate_per_s=0, bursts=(Burst(id="b", route="login", rate_per_s=4, start=START + 5, for_s=10),))
    )
    arrivals = schedule.due(START + 60)
    assert abs(len(arrivals) - 20) <= 1
    assert min(a.t for a in arrivals) >= START + 10


def test_a_burst_that_comes_again_is_another_stream() -> None:
    """A replay that is done once more must not send the keys of the first, which stand for orders already."""
    schedule = Schedule(seed=1, now=START)
    seen = []
    for start in (START, START + 60):
        schedule.follow(Plan(bursts=(Burst(id="b", route="checkout", rate_per_s=2, start=start, for_s=20),)))
        seen += [(a.stream, a.n) for a in schedule.due(start + 30)]
    assert len(seen) == 80
    assert len(set(seen)) == 80


def test_a_withdrawn_burst_ends() -> None:
    """What it had stays planned; nothing more comes."""
    burst = Burst(id="b", route="login", rate_per_s=10, start=START, for_s=10)
    schedule = Schedule(seed=1, now=START)
    schedule.follow(Plan(bursts=(burst,)))
    assert len(schedule.due(START + 2)) == 20
    schedule.follow(Plan())
    assert not schedule.due(START + 9)
    assert schedule.planned == 20

"""Properties of windows, holds and percentiles, for any history."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from lab.grade.latency import percentile_ms, slower_than
from lab.grade.load_view import load_view
from lab.grade.outages import hold_length_s, outages
from lab.grade.series import (
    MIN_KNOWN_RATIO,
    WIDEST_WINDOW_S,
    WINDOW_MIN_REQUESTS,
    WINDOW_S,
    Series,
    State,
    series_of,
)
from lab.history.records import LATENCY_EDGES_MS, LoadSecond
from tests.unit.histories import PER_S, RATE_PER_S, SCENARIO, T0, route_second

LOGIN = SCENARIO.objective("login")
COUNTS = st.lists(st.integers(0, 50), min_size=len(LATENCY_EDGES_MS) + 1, max_size=len(LATENCY_EDGES_MS) + 1)


def series(bad: list[int | None], *, per_s: int = PER_S["login"]) -> Series:
    """Logins, *per_s* each second, so many of them bad; None is a second without data."""
    seconds = [
        LoadSecond(
            t=float(T0 + s),
            planned=RATE_PER_S,
            scheduled=round(RATE_PER_S),
            late_ms=1.0,
            routes={"login": route_second(per_s, t=float(T0 + s), bad=min(n, per_s))},
        )
        for s, n in enumerate(bad)
        if n is not None
    ]
    return series_of(LOGIN, load_view(seconds, rate_per_s=RATE_PER_S))


SECONDS = st.lists(st.one_of(st.just(0), st.just(0), st.integers(0, 9), st.none()), min_size=1, max_size=200)


@given(SECONDS.filter(lambda seconds: seconds[0] is not None), st.integers(1, 30))
@settings(max_examples=200, deadline=None)
def test_windows_are_as_narrow_as_their_requests_allow(bad: list[int | None], per_s: int) -> None:
    for window in series(bad, per_s=per_s).windows:
        width = window.last + 1 - window.first
        assert width <= WIDEST_WINDOW_S
        if width > WINDOW_S:
            known = sum(bad[i] is not None for i in range(window.first + 1, window.last + 1))
            assert known * per_s < WINDOW_MIN_REQUESTS
        seen = [n for n in bad[window.first : window.last + 1] if n is not None]
        if len(seen) < width:
            at_best = sum(min(n, per_s) for n in seen) / (per_s * width)
            clear = len(seen) >= MIN_KNOWN_RATIO * width and all(seen) and at_best > 5 * 0.01
            assert window.state is State.UNKNOWN or (window.state is State.FAR and clear)


@given(SECONDS.filter(lambda seconds: seconds[0] is not None))
@settings(max_examples=200, deadline=None)
def test_an_outage_ends_with_a_hold_that_is_known_and_inside(bad: list[int | None]) -> None:
    logins = series(bad)
    length = hold_length_s((logins,))
    spans = outages((logins,), 0, logins.view.n)
    for span in spans:
        assert not any(bad[i] is None for i in range(span.start, min(span.start + 1, len(bad))))
        if span.end is not None and span.end_t is not None:
            held = bad[span.end : span.end + length]
            assert None not in held
            assert sum(n or 0 for n in held) <= 0.01 * length * PER_S["login"] + 1e-6
            assert span.start_t <= span.end_t
    for before, after in pairwise(spans):
        assert before.end is not None
        assert after.start >= before.end + length - WIDEST_WINDOW_S


@given(st.lists(st.just(0), min_size=1, max_size=200), st.sets(st.integers(0, 199), max_size=60))
@settings(max_examples=100, deadline=None)
def test_a_gap_never_begins_an_outage(clean: list[int], gone: set[int]) -> None:
    bad: list[int | None] = [None if i in gone and i else n for i, n in enumerate(clean)]
    logins = series(bad)
    assert outages((logins,), 0, logins.view.n) == ()


@given(COUNTS.filter(any), st.sampled_from([100.0, 250.0, 500.0, 1234.0]))
def test_a_p95_inside_its_bound_and_a_share_under_five_per_cent_are_the_same(
    counts: list[int], bound: float
) -> None:
    p95_ms = percentile_ms(counts, 0.95)
    assert p95_ms is not None
    share = slower_than(counts, bound) / sum(counts)
    if abs(share - 0.05) > 1e-9:
        assert (p95_ms <= bound + 1e-6) == (share < 0.05)


@settings(deadline=None)
@given(COUNTS)
def test_fewer_are_slower_than_more(counts: list[int]) -> None:
    slower = [slower_than(counts, float(bound)) for bound in range(0, 2500, 50)]
    assert slower == sorted(slower, reverse=True)
    assert slower[0] == sum(counts)
    assert slower[-1] == counts[-1]

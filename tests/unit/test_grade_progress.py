"""The live view: what the referee asks each second."""

import pytest

from lab.grade import Progress, progress, unknown_since
from tests.unit.histories import SCENARIO, T0, Drill, healthy, solved

LAG_S = 4


def at(drill: Drill, now: int, *, tail_s: int = 120) -> Progress:
    """Progress at *now*, from the tail that the referee would have then."""
    tail = [
        r
        for r in drill.history()
        if T0 + now - tail_s <= r.t <= T0 + now - (LAG_S if hasattr(r, "routes") else 0)
    ]
    return progress(SCENARIO, tail, float(T0 + now))


def test_holds_grow_to_what_they_need() -> None:
    assert [h.held_s for h in at(solved(), 140).holds][:2] == pytest.approx([16, 16], abs=1)
    done = at(solved(), 190)
    assert done.service_held
    assert done.levels_held
    assert done.ready


def test_an_outage_holds_nothing_and_shows_its_impact() -> None:
    seen = at(solved(), 90)
    assert not seen.service_held
    assert seen.impact_t == pytest.approx(T0 + 60.1)
    assert seen.overall.success_ratio == pytest.approx(41 / 60)
    assert seen.routes["login"].success_ratio == 0
    assert seen.routes["browse"].per_s == pytest.approx(23)


@pytest.mark.parametrize(
    ("drill", "unseen"),
    [
        (solved(), False),
        (solved().each(192, 195, lambda drill, s: drill.second(s, late_ms=900)), False),
        (solved().each(192, 195, lambda drill, s: drill.second(s, bad={"login": 9}, late_ms=900)), True),
        (solved().each(192, 195, lambda drill, s: drill.second(s, bad={"cart": 1}, late_ms=900)), False),
        (solved().asleep(192, 195), True),
        (solved().asleep(150, 155), False),
    ],
    ids=["all seen", "good through a stall", "bad in a stall", "hardly bad in it", "asleep", "asleep before"],
)
def test_a_replay_in_which_the_machine_stalled_was_not_seen(drill: Drill, unseen: bool) -> None:
    history = [r for r in drill.history() if r.t >= T0 + 100]
    assert unknown_since(SCENARIO, history, float(T0 + 190)) is unseen


def test_holds_begin_again_after_a_gap() -> None:
    assert max(h.held_s for h in at(healthy().asleep(100, 110), 150).holds) == pytest.approx(37, abs=1)


def test_old_data_say_nothing_about_now() -> None:
    seen = at(healthy().without_load(100, 240), 150)
    assert seen.overall.success_ratio is None
    assert {h.held_s for h in seen.holds} == {0.0}


def test_a_level_out_of_bounds_or_unread_is_not_held() -> None:
    assert at(solved(), 150).levels[0].held_s == pytest.approx(30, abs=1)
    assert at(solved().level(140, 150, None), 155).levels[0].held_s == pytest.approx(5, abs=1)
    assert not at(solved(), 150).ready


def test_nothing_yet_is_nothing_held() -> None:
    seen = progress(SCENARIO, (), float(T0))
    assert not seen.ready
    assert seen.impact_t is None

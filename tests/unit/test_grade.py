"""Verdicts: literal histories in, what the report must say out."""

import pytest

from lab.grade import Verdict, grade
from lab.scenario import hastened
from tests.unit.histories import SCENARIO, T0, healthy, solved, unsolved
from tests.unit.judging import judged, of


def test_a_healthy_run_passes_with_all_points_and_no_impact() -> None:
    report = judged(healthy())
    assert report.verdict is Verdict.PASS
    assert report.score == 100
    assert (report.impact_t, report.mitigated_t, report.resolved_t, report.outages) == (None, None, None, ())
    assert "nothing to time" in of(report, "resolved-in-time").because
    assert "nothing was wrong" in of(report, "diagnosis").because


def test_a_solved_run_passes_and_its_times_are_better_than_a_second() -> None:
    report = judged(solved())
    assert report.verdict is Verdict.PASS
    assert report.score == 100
    assert report.impact_t == pytest.approx(T0 + 60.1)
    assert report.mitigated_t == pytest.approx(T0 + 119.9)
    assert report.resolved_t == pytest.approx(T0 + 119.9)
    assert [m.took_s for m in report.milestones] == pytest.approx([9.0, 29.9, 39.9, 59.8, 59.8])


def test_an_unsolved_run_fails_and_users_felt_it() -> None:
    report = judged(unsolved())
    assert report.verdict is Verdict.FAIL
    assert report.impact_t == pytest.approx(T0 + 60.1)
    assert report.outages[-1].end_t is None
    assert of(report, "resolved").verdict is Verdict.FAIL
    assert of(report, "resolved-in-time").verdict is Verdict.FAIL


def test_every_because_has_value_bound_and_source() -> None:
    because = of(judged(unsolved()), "login").because
    assert "0% (540 bad of 540)" in because
    assert "at least 99%" in because
    assert "the load's log" in because
    assert "UTC" in because


def test_a_flap_shorter_than_the_hold_never_counts() -> None:
    drill = solved().outage(60, 130)
    for s in range(80, 110):
        drill.second(s)
    report = judged(drill)
    assert len(report.outages) == 1
    assert report.mitigated_t == pytest.approx(T0 + 129.9)


def test_a_relapse_after_the_hold_is_a_second_outage_and_mitigation_counts_from_the_last() -> None:
    drill = solved().outage(60, 70)
    for s in range(70, 140):
        drill.second(s)
    drill.outage(140, 145)
    report = judged(drill)
    assert len(report.outages) == 2
    assert report.verdict is Verdict.FAIL
    assert "45 s" not in of(report, "overall").because


def test_killing_sessions_only_does_not_pass_because_it_comes_back() -> None:
    drill = unsolved().drop("limit_reached").event(90, "grade_asked").event(210, "hold_missed", waited_s=120)
    drill.event(
        95, "sql", text="select pg_terminate_backend(pid) from pg_stat_activity", role="dba", who="trainee"
    )
    for s in range(96, 128):
        drill.second(s)
    report = judged(drill)
    assert report.verdict is Verdict.FAIL
    (notice,) = report.notices
    assert (notice.id, notice.tone) == ("ended-sessions", "trap")
    assert "then it came back" in notice.came_of_it


def test_a_hang_is_an_outage_not_a_gap() -> None:
    report = judged(solved().outage(60, 120, result="timeout"))
    assert report.impact_t == pytest.approx(T0 + 60.1)
    assert "latency" in report.outages[0].objectives
    assert report.verdict is Verdict.PASS


def test_slow_answers_alone_are_an_outage_of_latency() -> None:
    drill = healthy().slow(60, 90, 900)
    report = judged(drill)
    assert report.outages[0].objectives == ("latency",)
    assert report.impact_t == pytest.approx(T0 + 60, abs=1)
    assert report.mitigated_t == pytest.approx(T0 + 90, abs=1)


def test_two_stray_errors_are_no_outage() -> None:
    drill = healthy()
    for s in (60, 61):
        drill.second(s, bad={"login": 1})
    assert judged(drill).impact_t is None


def test_declining_everybody_is_no_service() -> None:
    drill = healthy().each(60, 239, lambda drill, s: drill.second(s, expected={"checkout": 8}))
    report = judged(drill)
    assert report.verdict is Verdict.FAIL
    assert report.impact_t is not None


def test_a_few_declined_cards_are_expected_and_counted_apart() -> None:
    drill = healthy().each(30, 239, lambda drill, s: drill.second(s, expected={"checkout": s % 7 // 6}))
    report = judged(drill)
    assert report.verdict is Verdict.PASS
    assert report.budget.expected == 30
    assert report.budget.failed == 0


def test_sessions_ended_by_hand_after_done_are_no_resolution() -> None:
    """Whoever goes on ending sessions has not resolved anything, however well it looks."""
    killed = "select pg_terminate_backend(pid) from pg_stat_activity"
    assert judged(solved().event(128, "sql", text=killed, role="dba")).verdict is Verdict.PASS
    report = judged(solved().event(150, "sql", text=killed, role="dba"))
    assert report.verdict is Verdict.FAIL
    assert "by hand: select pg_terminate_backend(pid)" in of(report, "resolved").because


def test_lost_data_are_a_fail_whatever_happened_to_the_load() -> None:
    drill = solved().without_load(150, 160).drop("ledger")
    drill.event(
        236, "ledger", acknowledged=1500, missing=3, doubled=0, wrong_amount=0, unpaid=1, examples=["order 7"]
    )
    report = judged(drill)
    assert report.verdict is Verdict.FAIL
    assert "3 missing, 1 without its payment" in report.because[0]


def test_a_ledger_that_was_never_checked_is_unknown() -> None:
    report = judged(solved().drop("ledger"))
    assert report.verdict is Verdict.UNKNOWN


def test_a_changed_schema_fails_and_a_missing_fingerprint_is_unknown() -> None:
    changed = solved().drop("fingerprint").event(21, "fingerprint", when="baseline", schema="a", data="b")
    assert of(judged(changed), "schema").verdict is Verdict.UNKNOWN
    changed.event(232, "fingerprint", when="end", schema="z", data="b")
    assert judged(changed).verdict is Verdict.FAIL


def test_a_prometheus_gap_is_unknown_for_what_it_hides_and_no_fail() -> None:
    report = judged(solved().level(202, 230, None))
    assert of(report, "connections").verdict is Verdict.UNKNOWN
    assert of(report, "resolved").verdict is Verdict.UNKNOWN
    assert of(report, "overall").verdict is Verdict.PASS
    assert report.verdict is Verdict.UNKNOWN


def test_a_watcher_restarted_during_the_outage_leaves_levels_unknown() -> None:
    report = judged(solved().event(100, "watcher_restarted"))
    assert of(report, "connections").verdict is Verdict.UNKNOWN
    assert report.verdict is Verdict.UNKNOWN
    assert judged(healthy().event(10, "watcher_restarted")).verdict is Verdict.PASS


def test_a_level_that_stays_over_its_bound_fails() -> None:
    report = judged(solved().level(120, 240, 70))
    assert of(report, "connections").verdict is Verdict.FAIL
    assert report.resolved_t is None


def test_a_level_may_be_over_while_the_replay_settles_and_not_later() -> None:
    assert judged(solved().level(195, 215, 70)).verdict is Verdict.PASS
    report = judged(solved().level(195, 234, 70))
    assert "connections 70" in of(report, "resolved").because
    assert report.verdict is Verdict.FAIL


def test_a_replay_that_hurts_users_fails_and_leaves_the_hold_as_it_was() -> None:
    report = judged(solved().outage(193, 200))
    assert of(report, "overall").verdict is Verdict.PASS
    assert of(report, "resolved").verdict is Verdict.FAIL
    assert report.mitigated_t is not None
    assert report.resolved_t is None


def test_an_outage_that_begins_while_the_replay_settles_fails() -> None:
    report = judged(solved().outage(210, 225))
    assert "failed again" in of(report, "resolved").because


def test_a_replay_that_was_cut_off_is_unknown() -> None:
    assert of(judged(solved().drop("replay_ended")), "resolved").verdict is Verdict.UNKNOWN


def test_a_run_that_somebody_else_ended_is_not_the_trainees_fail() -> None:
    drill = (
        solved().drop("replay_started", "replay_ended", "hold_done", "grade_asked").event(190, "end_asked")
    )
    assert judged(drill).verdict is Verdict.UNKNOWN


def test_a_baseline_that_was_not_healthy_voids_the_run() -> None:
    drill = unsolved().drop("baseline_ended").event(20, "baseline_ended", ok=False, because="p95 900 ms")
    report = judged(drill)
    assert report.verdict is Verdict.UNKNOWN
    assert "p95 900 ms" in report.because[0]


def test_a_fault_that_could_not_be_injected_voids_the_run() -> None:
    report = judged(healthy().event(40, "inject_failed", n=0, because="not in effect", undo="reverted"))
    assert report.verdict is Verdict.UNKNOWN
    told = [entry.text for entry in report.timeline if entry.kind == "inject_failed"]
    assert told == ["could not be injected: not in effect (reverted)"]


def test_what_heals_because_the_lab_took_its_fault_back_is_nobodys_merit() -> None:
    """Users had felt it, and it was looked for in vain: whoever does nothing then has not passed."""
    drill = (
        healthy()
        .outage(45, 60)
        .event(50, "page", alert="Errors")
        .event(60, "inject_failed", n=0, because="x")
    )
    assert judged(drill).verdict is Verdict.UNKNOWN


def test_too_short_a_hold_is_not_restored() -> None:
    drill = solved().outage(60, 160)
    report = judged(drill)
    assert report.verdict is Verdict.FAIL
    assert report.mitigated_t is None


def test_an_average_inside_hides_no_window_far_outside() -> None:
    drill = healthy()
    for s in (160, 161):
        drill.second(s, bad={"login": 1})
    report = judged(drill)
    assert of(report, "login").verdict is Verdict.PASS
    drill.second(162, bad={"login": 1})
    assert "far outside" in of(judged(drill), "login").because


def test_an_empty_history_is_unknown() -> None:
    assert grade(SCENARIO, ()).verdict is Verdict.UNKNOWN


def test_a_hastened_scenario_is_judged_by_its_shorter_hold() -> None:
    drill = solved().outage(60, 160)
    assert grade(hastened(SCENARIO, 3), drill.history()).verdict is Verdict.PASS


def test_hints_cost_their_price_and_never_more_than_there_is() -> None:
    assert judged(solved().event(95, "hint", n=1, price=2).event(97, "hint", n=2, price=3)).score == 95
    assert judged(unsolved().event(95, "hint", n=1, price=500)).score == 0


def test_the_referee_may_stop_the_load_before_it_looks_at_the_ledger() -> None:
    drill = solved()
    for s in range(232, 240):
        second = drill.seconds.pop(s)
        drill.seconds[s] = type(second)(t=second.t, planned=0, scheduled=0, late_ms=1, routes={})
    assert judged(drill).verdict is Verdict.PASS

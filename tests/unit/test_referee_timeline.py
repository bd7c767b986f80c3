"""The timeline: events in, the next command out; no clock, no lab."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeAlias

import pytest

from lab.history.records import Event
from lab.referee.commands import (
    BASELINE_LIMIT_S,
    GRADE_SLACK_S,
    START_LIMIT_S,
    TAIL_S,
    ConfirmFault,
    Course,
    EndRun,
    EndTraineeSessions,
    InjectFault,
    ReconcileLedger,
    Sight,
    StartLoad,
    StartReplay,
    TakeFingerprints,
    Tell,
    next_command,
)
from lab.referee.timeline import Phase, State, fold

COURSE = Course(baseline_s=15, inject_at_s=(0.0,), longest_hold_s=60, burst_s=10, settle_s=30, limit_s=2700)
UP = Sight()


def after(*events: tuple[float, str, Mapping[str, Any]]) -> State:
    """The state after these events."""
    state = State()
    for t, kind, detail in events:
        state = fold(state, Event(t=t, kind=kind, detail=detail))
    return state


Told: TypeAlias = tuple[tuple[float, str, Mapping[str, Any]], ...]

STARTED: Told = ((1.0, "run_started", {}),)
READY: Told = (*STARTED, (5.0, "stack_ready", {}))
UNPRINTED: Told = (*READY, (5.0, "baseline_started", {}))
BASELINE: Told = (*UNPRINTED, (7.0, "fingerprint", {"when": "baseline"}))
INCIDENT: Told = (*BASELINE, (25.0, "baseline_ended", {"ok": True}))
INJECTED: Told = (
    *INCIDENT,
    (25.0, "injected", {"n": 0, "receipt": {"was": "1"}}),
    (25.0, "inject_active", {"n": 0}),
)
FIRING: Told = (*INJECTED, (60.0, "alert_firing", {"alert": "Errors"}))
PAGED: Told = (*FIRING, (60.0, "page", {"alert": "Errors"}))
JUST_ASKED: Told = (*PAGED, (200.0, "grade_asked", {}))
ASKED: Told = (*JUST_ASKED, (200.2, "hands_off", {"sessions": 1}))
HELD: Told = (*ASKED, (210.0, "hold_done", {}))
REPLAYED: Told = (*HELD, (211.0, "replay_started", {"start": 212.0}), (222.0, "replay_ended", {}))


@pytest.mark.parametrize(
    ("events", "phase"),
    [
        (STARTED, Phase.STARTING),
        (READY, Phase.STARTING),
        (BASELINE, Phase.BASELINE),
        (INCIDENT, Phase.INCIDENT),
        (PAGED, Phase.PAGED),
        (ASKED, Phase.GRADING),
        ((*PAGED, (300.0, "limit_reached", {})), Phase.GRADING),
        ((*PAGED, (300.0, "ended", {"why": "x"})), Phase.ENDED),
    ],
)
def test_events_alone_tell_the_phase(events: tuple[Any, ...], phase: Phase) -> None:
    """A referee that was killed knows from its journal where it was."""
    assert after(*events).phase is phase


def test_a_run_starts_when_nothing_is_waited_for() -> None:
    """Not before, and not for ever."""
    waiting = Sight(waiting_for=("postgres", "api"))
    assert next_command(after(*STARTED), waiting, COURSE, 10) is None
    assert next_command(after(*STARTED), UP, COURSE, 10) == Tell(kind="stack_ready")
    assert next_command(after(*STARTED), waiting, COURSE, START_LIMIT_S + 2) == EndRun(
        why="not ready after 120 s: postgres, api"
    )
    assert next_command(after(*READY), UP, COURSE, 10) == StartLoad()


def test_fingerprints_are_taken_before_a_baseline_may_end() -> None:
    """Users are not kept waiting by them, and nothing has happened yet that they would have to tell."""
    healthy = Sight(healthy_s=COURSE.baseline_s)
    assert next_command(after(*UNPRINTED), healthy, COURSE, 6) == TakeFingerprints(when="baseline")
    assert next_command(after(*BASELINE), healthy, COURSE, 22) != TakeFingerprints(when="baseline")


def test_the_baseline_lasts_as_long_as_it_must() -> None:
    """Healthy for long enough, or given up on."""
    state = after(*BASELINE)
    assert next_command(state, Sight(healthy_s=14), COURSE, 21) is None
    ended = next_command(state, Sight(healthy_s=15), COURSE, 22)
    assert isinstance(ended, Tell)
    assert (ended.kind, ended.detail["ok"]) == ("baseline_ended", True)
    given_up = next_command(state, Sight(healthy_s=3), COURSE, 5 + BASELINE_LIMIT_S + 15 + 1)
    assert isinstance(given_up, Tell)
    assert given_up.detail["ok"] is False


def test_an_unhealthy_baseline_ends_the_run() -> None:
    """Nothing can be judged against it."""
    state = after(*BASELINE, (90.0, "baseline_ended", {"ok": False}))
    assert next_command(state, UP, COURSE, 91) == EndRun(why="the baseline was not healthy")


def test_an_inject_is_done_once_and_confirmed() -> None:
    """At its time; again after a crash between receipt and act; given up on when it never bites."""
    assert next_command(after(*INCIDENT), UP, COURSE, 25) == InjectFault(n=0)
    late = replace(COURSE, inject_at_s=(10.0,))
    assert next_command(after(*INCIDENT), UP, late, 30) is None
    receipt_only = after(*INJECTED[:-1])
    assert next_command(receipt_only, UP, COURSE, 26) == ConfirmFault(n=0, last=False)
    assert next_command(receipt_only, UP, COURSE, 46) == ConfirmFault(n=0, last=True)
    assert next_command(after(*INJECTED), UP, COURSE, 47) is None


def test_what_was_to_go_wrong_and_did_not_ends_the_run_before_a_page() -> None:
    """After one there is somebody at work: the run goes on, and is void."""
    failed = (46.0, "inject_failed", {"n": 0, "because": "not in effect", "undo": "reverted"})
    ended = EndRun(why="what was to go wrong did not: not in effect")
    assert next_command(after(*INJECTED[:-1], failed), UP, COURSE, 47) == ended
    assert next_command(after(*PAGED, failed), UP, COURSE, 62) is None


def test_a_calm_run_injects_nothing_and_can_be_graded() -> None:
    """No inject, no page; hold and replay as ever."""
    calm = replace(COURSE, inject_at_s=())
    assert next_command(after(*INCIDENT), UP, calm, 100) is None
    asked = after(*INCIDENT, (30.0, "grade_asked", {}), (30.2, "hands_off", {"sessions": 0}))
    assert next_command(asked, Sight(held=True), calm, 31) == Tell(kind="hold_done")


def test_the_first_alert_pages_once() -> None:
    """With its summary."""
    sight = Sight(summaries={"Errors": "45% fail"})
    page = next_command(after(*FIRING), sight, COURSE, 61)
    assert page == Tell(kind="page", detail={"alert": "Errors", "summary": "45% fail"})
    assert next_command(after(*PAGED), sight, COURSE, 62) is None


def test_the_limit_counts_from_the_impact() -> None:
    """Else from the page."""
    state = after(*PAGED)
    assert next_command(state, Sight(impact_t=50.0), COURSE, 2749) is None
    reached = next_command(state, Sight(impact_t=50.0), COURSE, 2750)
    assert reached == Tell(kind="limit_reached", detail={"limit_s": 2700})
    assert next_command(state, UP, COURSE, 2755) is None
    assert next_command(state, UP, COURSE, 2760) == reached


def test_a_grade_waits_for_the_hold_and_then_replays() -> None:
    """Held: replay. Not held in time: given up, without a replay."""
    state = after(*ASKED)
    assert next_command(state, UP, COURSE, 201) is None
    assert next_command(state, Sight(held=True), COURSE, 201) == Tell(kind="hold_done")
    assert next_command(after(*HELD), UP, COURSE, 210) == StartReplay()
    missed = next_command(state, UP, COURSE, 200 + 60 + GRADE_SLACK_S + 1)
    assert isinstance(missed, Tell)
    assert missed.kind == "hold_missed"
    gone = after(*ASKED, (276.0, "hold_missed", {}))
    assert next_command(gone, UP, COURSE, 277) == TakeFingerprints(when="end")


def test_a_replay_that_the_machine_stalled_in_is_done_again_with_its_hold() -> None:
    """Twice at most; then what is unknown stays so."""
    over = 222 + 30 + TAIL_S
    spoilt = Sight(replay_spoilt=True)
    once = next_command(after(*REPLAYED), spoilt, COURSE, over)
    assert isinstance(once, Tell)
    assert once.kind == "replay_spoilt"
    again = after(*REPLAYED, (over, "replay_spoilt", {}))
    assert next_command(again, UP, COURSE, over + 1) is None
    assert next_command(again, Sight(held=True), COURSE, over + 60) == Tell(kind="hold_done")
    twice = (*REPLAYED[len(ASKED) :], (over, "replay_spoilt", {}))
    thrice = after(*REPLAYED, (over, "replay_spoilt", {}), *twice, *REPLAYED[len(ASKED) :])
    assert next_command(thrice, spoilt, COURSE, over) == TakeFingerprints(when="end")


def test_what_the_trainee_still_runs_ends_before_the_hold() -> None:
    """A loop that somebody left running must not hold the service up."""
    assert next_command(after(*JUST_ASKED), Sight(held=True), COURSE, 200.1) == EndTraineeSessions()
    assert next_command(after(*ASKED), Sight(held=True), COURSE, 201) == Tell(kind="hold_done")


def test_a_hold_under_way_when_time_is_out_may_be_finished_once() -> None:
    """One late blip does not undo a fix; a shop that flaps is not waited for for ever."""
    state, out = after(*ASKED), 200 + 60 + GRADE_SLACK_S + 1
    holding = Sight(holding_s=30.0)
    assert next_command(state, holding, COURSE, out) is None
    assert next_command(state, Sight(held=True), COURSE, out + 30) == Tell(kind="hold_done")
    missed = next_command(state, holding, COURSE, out + 60)
    assert isinstance(missed, Tell)
    assert missed.kind == "hold_missed"


def test_a_replay_is_let_settle_before_the_last_measurements() -> None:
    """Burst, settle, the load's late seconds; then fingerprints, ledger, end."""
    running = after(*REPLAYED[:-1])
    assert next_command(running, UP, COURSE, 221.9) is None
    assert next_command(running, UP, COURSE, 222) == Tell(kind="replay_ended")
    state = after(*REPLAYED)
    assert next_command(state, UP, COURSE, 222 + 30 + TAIL_S - 0.1) is None
    now = 222 + 30 + TAIL_S
    assert next_command(state, UP, COURSE, now) == TakeFingerprints(when="end")
    state = fold(state, Event(t=now, kind="fingerprint", detail={"when": "end"}))
    assert next_command(state, UP, COURSE, now) == ReconcileLedger()
    state = fold(state, Event(t=now, kind="ledger", detail={}))
    assert next_command(state, UP, COURSE, now) == EndRun(why="graded")


def test_an_ended_run_asks_for_nothing() -> None:
    """Whatever is seen."""
    state = after(*PAGED, (300.0, "ended", {"why": "graded"}))
    assert next_command(state, Sight(held=True), COURSE, 9999) is None


def test_the_operator_can_end_a_run_in_any_phase() -> None:
    """Before the drill at once, in it with the last measurements."""
    early = after(*BASELINE, (10.0, "end_asked", {}))
    assert isinstance(next_command(early, UP, COURSE, 11), EndRun)
    late = after(*PAGED, (100.0, "end_asked", {}))
    assert next_command(late, UP, COURSE, 101) == TakeFingerprints(when="end")

"""How it was fixed: looks, false starts, and what acts cost users besides."""

import json
from xml.etree import ElementTree as Xml

import pytest

from lab.grade import Handling, grade
from lab.grade.say import clock
from lab.report import dumps
from lab.report.junit import render as junit
from lab.report.page import render as page
from lab.report.text import render as text
from tests.unit.histories import SCENARIO, T0, Drill, healthy, solved, unsolved

KILL_ALL = "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'shop'"


def handled(drill: Drill) -> Handling:
    return grade(SCENARIO, drill.history()).handling


def test_of_a_plain_fix() -> None:
    how = handled(solved())
    assert (how.first_look, how.first_look_s) == ("rollback api revision=1", 44.0)
    assert (how.fixed_by, how.fixed_by_t) == ("rollback api revision=1", T0 + 110)
    assert (how.false_starts, how.restarts, how.sessions_ended, how.extra_outage_s) == (0, 0, 0, 0)


def test_of_a_calm_run_there_is_nothing_to_say() -> None:
    how = handled(healthy())
    assert (how.first_look_t, how.fixed_by_t, how.false_starts) == (None, None, 0)
    assert "How it was handled" not in text(grade(SCENARIO, healthy().history()))


@pytest.mark.parametrize(
    ("kind", "detail"),
    [
        ("sql", {"text": "select 1"}),
        ("kubectl", {"command": "kubectl logs", "object": "pods/api-1/log", "code": 200}),
        ("redis", {"text": "CLIENT LIST idle"}),
    ],
)
def test_a_look_at_a_component_of_the_truth_or_with_its_evidence_is_useful(
    kind: str, detail: dict[str, object]
) -> None:
    assert handled(solved().event(80, kind, **detail)).first_look_s == 14.0


@pytest.mark.parametrize(
    ("s", "kind", "detail"),
    [
        (80, "redis", {"text": "INFO memory"}),
        (25, "sql", {"text": "select 1"}),
        (80, "act", {"verb": "restart", "object": "api", "result": "refused: no"}),
        (80, "act", {"verb": "restart", "object": "api", "result": "ok", "who": "operator"}),
    ],
)
def test_a_look_elsewhere_or_before_is_not(s: float, kind: str, detail: dict[str, object]) -> None:
    assert handled(solved().event(s, kind, **detail)).first_look_s == 44.0


def test_traps_before_the_cure_are_false_starts_and_later_ones_are_not() -> None:
    drill = solved().event(90, "sql", text=KILL_ALL).event(95, "act", verb="restart", object="api")
    drill.event(115, "sql", text=KILL_ALL)
    how = handled(drill)
    assert how.false_starts == 2
    assert (how.restarts, how.sessions_ended) == (1, 2)


def test_without_a_cure_every_trap_was_one() -> None:
    assert (
        handled(unsolved().event(90, "sql", text=KILL_ALL).event(200, "sql", text=KILL_ALL)).false_starts == 2
    )


@pytest.mark.parametrize(
    ("kind", "statement", "unaimed"),
    [
        ("sql", KILL_ALL, 1),
        ("sql", "select pg_terminate_backend(pid) from pg_stat_activity", 1),
        ("sql", "select pg_terminate_backend(417)", 0),
        ("sql", KILL_ALL + " and state = 'idle'", 0),
        ("mysql", "KILL 17", 0),
        ("redis", "CLIENT KILL TYPE normal", 1),
        ("redis", "CLIENT KILL ID 7", 0),
    ],
)
def test_sessions_that_were_ended_without_choosing_whose(kind: str, statement: str, unaimed: int) -> None:
    how = handled(solved().event(100, kind, text=statement))
    assert (how.sessions_ended, how.sessions_ended_unaimed) == (1, unaimed)


def test_whose_sessions_were_ended_is_not_known_of_what_was_only_counted() -> None:
    drill = solved().event(100, "redis", text="CLIENT KILL (…)", seen_in="the counters of redis")
    how = handled(drill)
    assert (how.sessions_ended, how.sessions_ended_unaimed) == (1, 0)


@pytest.mark.parametrize(("late_s", "fixed_by"), [(0.9, True), (2.5, False)])
def test_a_setting_that_is_seen_right_after_it_helped_is_the_fix(late_s: float, fixed_by: bool) -> None:
    drill = solved().drop("act")
    restored_s = grade(SCENARIO, drill.history()).mitigated_t - T0  # type: ignore[operator]
    seen = {"text": "CONFIG SET maxmemory 268435456", "seen_in": "the settings of redis"}
    how = handled(drill.event(restored_s + late_s, "redis", who="trainee", **seen))
    said = "CONFIG SET maxmemory 268435456 (seen in the settings of redis)"
    assert how.fixed_by == (said if fixed_by else "")


@pytest.mark.parametrize(
    ("before", "after", "fixed_by"),
    [
        (True, [(1.0, "")], "rollback api"),
        (True, [(0.9, "settings")], "first"),
        (True, [(0.4, "settings"), (1.0, "")], "first"),
        (False, [(0.4, ""), (1.2, "")], "first"),
        (False, [(2.5, "")], ""),
    ],
)
def test_an_act_that_was_heard_after_the_recovery_is_the_fix_only_where_none_came_before(
    before: bool, after: list[tuple[float, str]], fixed_by: str
) -> None:
    drill = solved() if before else solved().drop("act")
    restored_s = grade(SCENARIO, drill.history()).mitigated_t - T0  # type: ignore[operator]
    for (late_s, seen_in), word in zip(after, ("first", "second"), strict=False):
        seen = {"seen_in": seen_in} if seen_in else {}
        drill.event(restored_s + late_s, "sql", text=f"alter system set {word} = 1", who="trainee", **seen)
    assert fixed_by in (said := handled(drill).fixed_by)
    assert bool(said) is bool(fixed_by)


def test_a_restart_that_put_settings_back_is_told_and_is_nobodys_fix() -> None:
    back = {"name": "redis", "settings": {"maxmemory": "134217728"}}
    report = grade(SCENARIO, solved().drop("act").event(105, "settings_reset", **back).history())
    [told] = [entry for entry in report.timeline if entry.kind == "settings_reset"]
    assert (told.lane, told.text) == (
        "lab",
        "redis started anew with settings of its own: maxmemory 134217728",
    )
    assert report.handling.fixed_by == ""


def test_settings_of_which_nobody_can_tell_who_set_them_are_said_to_be_so() -> None:
    unclear = {"name": "redis", "since_t": T0 + 50.0}
    report = grade(SCENARIO, solved().event(105, "settings_unclear", **unclear).history())
    [told] = [entry for entry in report.timeline if entry.kind == "settings_unclear"]
    assert told.lane == "lab"
    assert told.text.startswith(
        f"redis could not be read since {clock(T0 + 50.0)}, and a fault was done to it"
    )
    assert report.handling.fixed_by == "rollback api revision=1"


def test_a_blow_that_follows_an_act_is_put_down_to_it() -> None:
    drill = solved().outage(60, 75)
    for s in range(75, 120):
        drill.second(s)
    drill.outage(100, 112)
    assert handled(drill).extra_outage_s == 0
    drill.event(98, "act", verb="restart-database", object="postgres", result="ok")
    assert handled(drill).extra_outage_s == pytest.approx(12, abs=2)


@pytest.mark.parametrize(("seen_in", "blamed"), [("the settings of redis", True), ("", False)])
def test_a_blow_is_put_down_to_a_setting_that_was_seen_a_little_later(seen_in: str, blamed: bool) -> None:
    drill = solved().outage(60, 75)
    for s in range(75, 120):
        drill.second(s)
    drill.outage(100, 112).drop("act")
    seen = {"seen_in": seen_in} if seen_in else {}
    drill.event(101.4, "redis", text="CONFIG SET maxmemory 1", who="trainee", **seen)
    assert handled(drill).extra_outage_s == pytest.approx(12 if blamed else 0, abs=2 if blamed else 0)


def test_the_incidents_own_beginning_is_nobodys_act() -> None:
    drill = solved().event(58, "act", verb="restart", object="api", result="ok")
    assert handled(drill).extra_outage_s == 0


def test_all_reports_say_it() -> None:
    history = solved().event(100, "sql", text=KILL_ALL).history()
    report = grade(SCENARIO, history)
    assert json.loads(dumps(report))["handling"]["sessions_ended_unaimed"] == 1
    out = Xml.fromstring(junit(report)).findtext("testsuite/system-out") or ""  # noqa: S314 - our own document
    for said in (text(report), page(report, history), out):
        assert "First useful look" in said
        assert "1 of them without choosing whose" in " ".join(said.split())

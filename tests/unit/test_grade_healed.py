"""What healed by itself is nobody's merit, and mitigated is less than resolved."""

from dataclasses import replace

import pytest

from lab.grade import Outcome, Report, Verdict, grade
from lab.grade.hands import changes
from lab.history.records import Event
from lab.report.text import render
from lab.scenario import Accepted
from tests.unit.histories import SCENARIO, T0, Drill, healthy, solved, unsolved


def judged(drill: Drill) -> Report:
    return grade(SCENARIO, drill.history())


def flagged(drill: Drill) -> bool:
    return any(flag.id == "healed-by-itself" for flag in judged(drill).flags)


def earned(report: Report, objective: str) -> float:
    return next(g.earned for g in report.grades if g.objective == objective)


def test_an_outage_that_ends_with_nobodys_act_is_flagged_and_earns_no_points_for_resolving() -> None:
    report = judged(solved().drop("act"))
    assert [flag.id for flag in report.flags] == ["healed-by-itself"]
    assert (report.verdict, report.outcome) == (Verdict.PASS, Outcome.MITIGATED)
    assert earned(report, "resolved") == earned(report, "connections") == 0
    assert earned(report, "resolved-in-time") == 0
    assert earned(report, "overall") == 15
    assert "healed by itself" in render(report)
    assert "nobody is seen to have done it" in render(report)


@pytest.mark.parametrize(
    ("kind", "detail"),
    [
        ("sql", {"text": "select * from pg_stat_activity"}),
        ("redis", {"text": "INFO memory"}),
        ("act", {"verb": "rollback", "object": "api", "detail": {}, "result": "refused: no"}),
        ("act", {"verb": "restart", "object": "api", "detail": {}, "result": "ok", "who": "operator"}),
        ("kubectl", {"command": "kubectl rollout status", "object": "deployments/api", "code": 200}),
        ("kubectl", {"command": "kubectl exec", "object": "pods/redis-0/exec", "code": 403}),
    ],
)
def test_looks_and_what_was_refused_heal_nothing(kind: str, detail: dict[str, object]) -> None:
    assert flagged(solved().drop("act").event(100, kind, **{"who": "trainee", **detail}))


@pytest.mark.parametrize("s", [40, 61, 119])
def test_any_act_from_shortly_before_the_impact_to_the_end_may_have_done_it(s: float) -> None:
    assert not flagged(solved().drop("act").event(s, "sql", text="select pg_terminate_backend(7)"))


@pytest.mark.parametrize("s", [20, 125])
def test_an_act_before_or_after_the_outage_did_not_do_it(s: float) -> None:
    assert flagged(solved().drop("act").event(s, "sql", text="select pg_terminate_backend(7)"))


@pytest.mark.parametrize(("late_s", "nobodys"), [(0.9, False), (2.5, True)])
def test_what_helped_at_once_comes_after_the_last_request_that_went_wrong(
    late_s: float, nobodys: bool
) -> None:
    drill = solved().drop("act")
    restored_t = judged(drill).mitigated_t
    assert restored_t is not None
    drill.event(restored_t - T0 + late_s, "mysql", text="set global read_only = off")
    assert flagged(drill) is nobodys


def test_a_session_of_the_application_may_have_done_anything() -> None:
    assert not flagged(solved().drop("act").event(90, "sql", text="(connected)", role="shop"))


@pytest.mark.parametrize(
    ("kind", "detail"),
    [
        ("inject_ended", {"n": 0}),
        ("database_restarted", {"name": "postgres", "started_t": T0 + 112.0}),
        ("pod", {"name": "api-1", "state": "crashed", "reason": "out of memory"}),
    ],
)
def test_an_end_right_after_a_restart_that_nobody_asked_for_is_flagged(
    kind: str, detail: dict[str, object]
) -> None:
    early = solved().drop("act").event(62, "redis", text="DEL promo")
    assert not flagged(early)
    assert flagged(early.event(113, kind, **detail))


def test_a_restart_that_the_trainee_asked_for_is_their_act() -> None:
    drill = solved().drop("act").event(108, "act", verb="restart-database", object="postgres", result="ok")
    assert not flagged(drill.event(112, "database_restarted", name="postgres", started_t=T0 + 111.0))


def test_a_calm_run_has_nothing_to_heal() -> None:
    assert not flagged(healthy().outage(60, 90))


def test_where_acts_may_go_unrecorded_nothing_is_said() -> None:
    drill = solved().drop("act")
    cache = replace(SCENARIO.truth, component=Accepted(words=("redis", "the cache")))
    assert not grade(replace(SCENARIO, truth=cache), drill.history()).flags


def test_what_is_typed_into_mysql_is_recorded_so_that_silence_is_nobodys_merit() -> None:
    drill = solved().drop("act")
    scenario = replace(SCENARIO, services=("postgres", "mysql"))
    assert grade(scenario, drill.event(50, "mysql", text="show processlist").history()).flags
    assert not grade(scenario, drill.event(95, "mysql", text="stop replica").history()).flags


@pytest.mark.parametrize(
    ("drill", "verdict", "outcome"),
    [
        (healthy(), Verdict.PASS, Outcome.RESOLVED),
        (solved(), Verdict.PASS, Outcome.RESOLVED),
        (unsolved(), Verdict.FAIL, Outcome.UNSOLVED),
        (solved().outage(193, 200), Verdict.FAIL, Outcome.MITIGATED),
        (solved().level(195, 234, 70), Verdict.FAIL, Outcome.MITIGATED),
        (solved().level(120, 240, 70), Verdict.FAIL, Outcome.MITIGATED),
        (solved().drop("ledger"), Verdict.UNKNOWN, Outcome.UNKNOWN),
        (solved().outage(60, 240), Verdict.FAIL, Outcome.UNSOLVED),
        (
            solved().drop("ledger").event(236, "ledger", acknowledged=9, missing=1),
            Verdict.FAIL,
            Outcome.RESOLVED,
        ),
        (
            healthy().drop("ledger").event(236, "ledger", acknowledged=9, missing=1),
            Verdict.FAIL,
            Outcome.RESOLVED,
        ),
        (
            solved().without_load(150, 160).drop("ledger").event(236, "ledger", acknowledged=9, missing=1),
            Verdict.FAIL,
            Outcome.UNKNOWN,
        ),
    ],
)
def test_the_outcome_is_a_word_of_its_own(drill: Drill, verdict: Verdict, outcome: Outcome) -> None:
    report = judged(drill)
    assert (report.verdict, report.outcome) == (verdict, outcome)


def test_mitigated_is_said_in_the_headline() -> None:
    text = render(judged(solved().outage(193, 200)))
    assert text.startswith("FAIL  mitigated  ")
    assert "Mitigated, not resolved: users were served again, until the trigger was replayed." in text
    assert "was not shown to be gone" in render(judged(solved().level(120, 240, 70).drop("replay_ended")))


@pytest.mark.parametrize(
    "text",
    [
        "select * from orders where note = 'it''s; delete from orders'",
        "SHOW max_connections; select 1 -- drop table x",
        "explain analyze select 1",
        "with x as (select 1) select * from x",
        "begin; set local statement_timeout = '5s'; select 1; rollback",
        "",
    ],
)
def test_a_statement_that_only_looks(text: str) -> None:
    assert not changes(Event(t=0, kind="sql", detail={"text": text}))


@pytest.mark.parametrize(
    "text",
    [
        "select pg_reload_conf()",
        "with x as (delete from orders returning 1) select * from x",
        "select 1; drop index i",
        "alter system set work_mem = '4MB'",
        "(select pg_cancel_backend(pid) from pg_stat_activity)",
        "SET GLOBAL max_connections = 9",
        "start replica",
        "kill 17",
        "vacuum",
    ],
)
def test_a_statement_that_changes_something(text: str) -> None:
    assert changes(Event(t=0, kind="mysql", detail={"text": text}))


@pytest.mark.parametrize(
    ("text", "acts"),
    [
        ("CONFIG GET maxmemory", False),
        ("config set maxmemory 1gb", True),
        ("CLIENT LIST", False),
        ("CLIENT KILL TYPE normal", True),
        ("slowlog get 10", False),
        ("FLUSHALL", True),
    ],
)
def test_a_command_to_redis(text: str, acts: bool) -> None:
    assert changes(Event(t=0, kind="redis", detail={"text": text})) is acts

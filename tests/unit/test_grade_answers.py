"""Diagnoses, milestones and what the trainee did."""

import pytest

from lab.grade import Grade, Report, Verdict, grade
from tests.unit.histories import SCENARIO, Drill, solved

RIGHT = {"component": "the API, release 2.4.0", "fault": "Leaking sessions", "evidence": "85 idle"}
HALF = {"component": "postgres", "fault": "too many connections", "evidence": "85 of them"}
WRONG = {"component": "redis", "fault": "slow", "evidence": "rapid therapists"}


def judged(drill: Drill) -> Report:
    return grade(SCENARIO, drill.history())


def diagnosis(*given: dict[str, str]) -> Grade:
    drill = solved().drop("diagnosis")
    for n, answer in enumerate(given):
        drill.event(90 + n, "diagnosis", **answer)
    return next(g for g in judged(drill).grades if g.objective == "diagnosis")


@pytest.mark.parametrize(
    ("given", "earned"),
    [
        ((RIGHT,), 10.0),
        ((HALF,), 5.0),
        ((WRONG,), 0.0),
        ((), 0.0),
        ((WRONG, RIGHT), 8.0),
        ((RIGHT, WRONG), 10.0),
        ((HALF, RIGHT), 10.0),
        ((RIGHT | {"evidence": "a feeling"},), 8.0),
        ((WRONG | {"component": "api"}, WRONG), 4.0),
    ],
)
def test_a_diagnosis_earns_by_its_parts(given: tuple[dict[str, str], ...], earned: float) -> None:
    assert diagnosis(*given).earned == pytest.approx(earned)


def test_a_word_counts_only_where_a_word_begins() -> None:
    assert "component not right" in diagnosis(WRONG | {"component": "rapid therapist"}).because


def test_naming_everything_earns_nothing() -> None:
    """A list of all components has the right one in it, and says nothing."""
    everything = {"component": "api, postgres, redis, network", "fault": "leak", "evidence": "idle"}
    one_more = everything | {"component": "api or redis"}
    assert "component not right" in diagnosis(everything).because
    assert "component partly right" in diagnosis(one_more).because


def test_no_diagnosis_does_not_decide_the_verdict() -> None:
    assert judged(solved().drop("diagnosis")).verdict is Verdict.PASS


def test_a_milestone_that_came_late_only_costs_its_points() -> None:
    report = judged(solved().drop("ack").event(500, "ack", by="trainee"))
    ack = next(g for g in report.grades if g.objective == "acknowledged-in-time")
    assert (ack.verdict, ack.earned) == (Verdict.FAIL, 0.0)
    assert report.verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("kind", "detail", "notice", "tone"),
    [
        ("act", {"verb": "scale", "object": "api", "detail": {"replicas": 0}}, "scaled-to-zero", "trap"),
        ("act", {"verb": "restart", "object": "api", "detail": {}}, "restarted-pods", "trap"),
        ("act", {"verb": "restart-database", "object": "postgres"}, "restarted-database", "trap"),
        (
            "act",
            {"verb": "set-env", "object": "api", "detail": {"env": {"DB_MAX_OVERFLOW": "5"}}},
            "bounded-pool",
            "trap",
        ),
        ("act", {"verb": "set-env", "object": "api", "detail": {"DB_POOL_SIZE": 3}}, "bounded-pool", "trap"),
        ("sql", {"text": "ALTER SYSTEM SET max_connections = 150"}, "raised-max-connections", "trap"),
        ("sql", {"text": "delete from payments where order_id < 9"}, "wrote-to-data", "trap"),
        ("sql", {"text": "select pg_terminate_backend(1)"}, "ended-sessions", "trap"),
        ("sql", {"text": "alter role shop set idle_session_timeout = '5s'"}, "bounded-idle-time", "good"),
        ("mysql", {"text": "alter table t add primary key (a, b)"}, "gave-a-key", "good"),
        ("mysql", {"text": "SET PERSIST replica_parallel_workers = 4"}, "applied-in-parallel", "good"),
        ("mysql", {"text": "rename table t to t_held"}, "held-the-batch", "good"),
        ("mysql", {"text": "SET GTID_NEXT = 'f0e1-77:12'"}, "skipped-transaction", "trap"),
        ("mysql", {"text": "set global sql_replica_skip_counter = 1"}, "skipped-transaction", "trap"),
        ("mysql", {"text": "set @@session.gtid_next='f0e1-77:12'"}, "skipped-transaction", "trap"),
        ("mysql", {"text": "RESET REPLICA ALL"}, "reset-replica", "trap"),
        ("mysql", {"text": "kill 17"}, "ended-sessions", "trap"),
        ("mysql", {"text": "drop table t"}, "wrote-to-data", "trap"),
        ("act", {"verb": "rollback", "object": "api", "detail": {}}, "rolled-back", "good"),
    ],
)
def test_an_act_is_recognised(kind: str, detail: dict[str, object], notice: str, tone: str) -> None:
    drill = solved().drop("act").event(95, kind, who="trainee", result="ok", **detail)
    found = judged(drill).notices
    assert [(n.id, n.tone) for n in found] == [(notice, tone)]


@pytest.mark.parametrize(
    ("kind", "detail"),
    [
        ("act", {"verb": "scale", "object": "api", "detail": {"replicas": 2}}),
        ("act", {"verb": "set-env", "object": "api", "detail": {"DB_MAX_OVERFLOW": "-1"}}),
        ("act", {"verb": "restart", "object": "api", "detail": {}, "result": "refused: unknown"}),
        ("sql", {"text": "select * from pg_stat_activity"}),
        ("sql", {"text": "show max_connections"}),
        ("mysql", {"text": "show replica status"}),
        ("mysql", {"text": "set gtid_next = 'automatic'"}),
        ("mysql", {"text": "set persist replica_parallel_workers = 1"}),
    ],
)
def test_an_ordinary_act_is_none(kind: str, detail: dict[str, object]) -> None:
    assert judged(solved().drop("act").event(95, kind, who="trainee", **detail)).notices == ()


def test_ending_sessions_after_the_rollback_is_clearing_up() -> None:
    report = judged(solved().event(112, "sql", text="select pg_terminate_backend(1)", who="trainee"))
    assert [(n.id, n.tone) for n in report.notices] == [("rolled-back", "good"), ("ended-sessions", "plain")]


def test_an_act_that_hurts_users_who_were_served_is_told_so() -> None:
    drill = solved().outage(150, 160).event(148, "act", verb="restart", object="api", detail={}, result="ok")
    notice = judged(drill).notices[-1]
    assert "later they were not" in notice.came_of_it

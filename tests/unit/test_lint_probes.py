"""Lint of what a scenario declares: readings that nobody could take, traps that nothing recognises."""

import ast
import re
from dataclasses import replace

import pytest

from lab import scenario as declarations
from lab.lint import problems
from lab.scenario import (
    HTTP,
    SQL,
    CameOfIt,
    Containers,
    Declared,
    Fact,
    LevelAbove,
    LevelBelow,
    Mode,
    Probe,
    PromQL,
    Recogniser,
    SuccessRatio,
    Trapped,
    TriggerSurvived,
)
from lab.stack.places import checkout
from tests.unit.linting import GOOD, RUNBOOK, probing, said


def restarts(of: str) -> LevelBelow:
    reading = Containers(name="own", of=of, fact=Fact.RESTARTS)
    return LevelBelow(reading=reading, at_most=1.0, unit="x", mode=Mode.NEVER)


@pytest.mark.parametrize(
    "reading",
    [
        SQL(name="own", query="select count(*) from orders where status = 'open'"),
        SQL(name="own", query="\n  WITH x AS (values (1)) TABLE x", every_s=20.0),
        HTTP(name="own", path="/products?page=1", field="items.0.id", equals=7),
        Containers(name="own", of="postgres", fact=Fact.RUNNING),
        Containers(name="own", of="api", fact=Fact.RUNNING),
    ],
)
def test_what_can_be_read_is_sound(reading: Declared) -> None:
    assert said(probing(below(reading))) == []


def test_queries_leave_sessions_for_what_else_the_referee_asks() -> None:
    queries = [below(SQL(name=f"own_{n}", query="select 1")) for n in range(5)]
    more = tuple(replace(probing(probe).objectives[-1], id=probe.name) for probe in queries)
    assert said(replace(GOOD, objectives=(*GOOD.objectives, *more[:4]))) == []
    assert said(replace(GOOD, objectives=(*GOOD.objectives, *more))) == [
        "lab/scenarios/max_connections.py: objectives: 5 readings ask PostgreSQL, and 4 may"
    ]


def test_each_server_has_its_own_few_queries() -> None:
    stocked = replace(GOOD, services=(*GOOD.services, "mysql"))
    queries = [
        below(SQL(name=f"own_{on}_{n}", query="select 1", on=on))
        for n in range(4)
        for on in ("postgres", "mysql")
    ]
    more = tuple(replace(probing(probe).objectives[-1], id=probe.name) for probe in queries)
    assert said(replace(stocked, objectives=(*GOOD.objectives, *more))) == []
    fifth = replace(more[0], probe=below(SQL(name="own_5", query="select 1", on="mysql")), id="fifth")
    assert said(replace(stocked, objectives=(*GOOD.objectives, *more, fifth))) == [
        "lab/scenarios/max_connections.py: objectives: 5 readings ask MySQL, and 4 may"
    ]


@pytest.mark.parametrize("server", ["mysql", "mysql-replica"])
def test_mysql_is_asked_where_the_scenario_has_it(server: str) -> None:
    asking = probing(below(SQL(name="own", query="select count(*) from reservations", on=server)))
    assert said(replace(asking, services=(*GOOD.services, "mysql", "mysql-replica"))) == []
    [problem] = said(asking)
    assert problem.endswith(f", and the scenario has no service {server}")
    assert "reading own: it asks " in problem
    assert "MySQL" in problem


def test_only_what_can_come_back_is_held_for_a_while() -> None:
    assert said(probing(restarts("postgres"))) == []
    counter = Containers(name="own", of="api", fact=Fact.OOM_KILLS)
    for reading in (counter, PromQL(name="own", query="up", counter=True)):
        [problem] = said(probing(below(reading)))
        assert "reading own: a counter never comes back, so it cannot be held" in problem
    slow = LevelBelow(reading=promql("up", every_s=30.0), at_most=1.0, unit="x", mode=Mode.THROUGHOUT)
    assert said(probing(slow, hold_s=0.0)) == []


def test_a_replay_waits_for_no_guard_rail() -> None:
    guard = LevelBelow(reading="connections", at_most=60.0, unit="x", mode=Mode.THROUGHOUT)
    guarded = probing(guard).objectives[-1]
    replayed = replace(guarded, id="again", probe=TriggerSurvived(served=(), recovered=("more",)))
    [problem] = said(replace(GOOD, objectives=(*GOOD.objectives, guarded, replayed)))
    assert "objective again: recovered: objective 'more' is not held for a while" in problem


def promql(query: str, *, name: str = "own", every_s: float = 1.0) -> PromQL:
    return PromQL(name=name, query=query, every_s=every_s)


def below(reading: Declared) -> LevelBelow:
    return LevelBelow(reading=reading, at_most=1.0, unit="x")


@pytest.mark.parametrize(
    "query",
    [
        "lab:redis_hit_ratio",
        "sum(rate(loadgen_requests_total{result!='ok'}[5s])) / ignoring (x) sum(up) > 0.1 or vector(0)",
        "histogram_quantile(0.95, sum by (le) (rate(shop_request_duration_seconds_bucket[5s])))",
        "max_over_time(heartbeat_age_seconds[1m:1s] offset 5s) - -redis_memory_used_bytes",
        "max(pg_locks_count) + mysql_global_status_threads_running + shop_worker_stream_depth",
    ],
)
def test_an_expression_over_what_the_lab_records_or_scrapes_is_sound(query: str) -> None:
    assert said(probing(below(promql(query)))) == []


def test_two_readings_of_one_name_must_be_the_same() -> None:
    one, other = probing(below(promql("up"))), probing(below(promql("max(up)")))
    same = replace(one, objectives=(*one.objectives, replace(one.objectives[-1], id="again")))
    assert said(same) == []
    both = replace(one, objectives=(*one.objectives, replace(other.objectives[-1], id="again")))
    assert said(both) == [
        "lab/scenarios/max_connections.py: objective again: reading own: another one is called so"
    ]


@pytest.mark.parametrize(
    ("probe", "wrong"),
    [
        (below(promql("max(lab:redis_hits_ratio)")), r"did you mean 'lab:redis_hit_ratio'\?"),
        (below(promql("rate(loadgen_requests[5s])")), r"no metric is called 'loadgen_requests'; did you"),
        (below(promql("sum by (cmd) (redis_comands_total)")), "no metric is called 'redis_comands_total'"),
        (below(promql("max_over_time(heartbeat_age[5m:1s])")), "no metric is called 'heartbeat_age'"),
        (below(promql("quantile(scalar(shop_x), up)")), "no metric is called 'shop_x'"),
        (below(SQL(name="own", query="delete from orders")), "reading own: no question"),
        (below(SQL(name="own", query="select 1; commit")), "without a semicolon"),
        (below(SQL(name="own", query="select 1", every_s=30.0)), "fewer than 3 readings"),
        (below(SQL(name="own", query="select 1", on="mysq")), "'mysq'; did you mean 'mysql'?"),
        (
            below(SQL(name="own", query="select 1", on="redis")),
            "no server that SQL can be asked of is called",
        ),
        (below(HTTP(name="own", path="orders")), "path 'orders' is none"),
        (below(HTTP(name="own", path="/a b")), "path '/a b' is none"),
        (below(HTTP(name="own", path="/", status=20)), "status is 20"),
        (below(HTTP(name="own", path="/", equals="ok")), "field names none"),
        (restarts("postgers"), r"no service or deployment of this scenario is called 'postgers'; did you"),
        (restarts("mysql"), "no service or deployment of this scenario is called 'mysql'"),
        (below(promql("sum(")), "reading own: no PromQL: unclosed left parenthesis"),
        (below(promql("up", name="Own")), "reading Own: its name is not words"),
        (
            below(promql("up", name="connections")),
            "reading connections: every lab has a reading of this name",
        ),
        (below(promql("up", every_s=0.5)), "every_s is 0.5: at most once a second"),
        (below(promql("up", every_s=30.0)), "hold_s is 60: fewer than 3 readings, one every 30 s"),
    ],
)
def test_a_reading_that_nobody_could_take_is_named(probe: Probe, wrong: str) -> None:
    [problem] = said(probing(probe))
    assert re.match(f"lab/scenarios/max_connections.py: objective more: .*{wrong}", problem)


@pytest.mark.parametrize(
    ("probe", "wrong"),
    [
        (
            LevelBelow(reading=SQL(name="own", query="select count(*) from orders"), at_most=-5, unit="x"),
            "at_most is -5: no reading is below 0",
        ),
        (LevelBelow(reading=promql("count(up)"), at_most=-1.0, unit="x"), "no reading is below 0"),
        (replace(restarts("postgres"), at_most=-1.0), "no reading is below 0"),
        (LevelAbove(reading=HTTP(name="own", path="/"), at_least=2.0, unit="x"), "no reading is above 1"),
        (
            LevelAbove(reading=promql("up", name="own_ratio"), at_least=99.0, unit="x"),
            "no reading is above 1",
        ),
    ],
)
def test_a_bound_that_no_reading_can_reach_is_named(probe: Probe, wrong: str) -> None:
    [problem] = said(probing(probe))
    assert wrong in problem


@pytest.mark.parametrize(
    "query", ["select min(balance) from accounts", "select count(*) - 5 from orders", "select sum(x) from y"]
)
def test_a_number_that_may_be_negative_is_left_to_its_author(query: str) -> None:
    assert said(probing(LevelBelow(reading=SQL(name="own", query=query), at_most=-5, unit="x"))) == []


TEMPTING = Recogniser(
    id="asked-for-more", typed_in="redis", pattern=r"^\W*eval\b", tone="trap", lesson="It asks for more."
)


@pytest.mark.parametrize(
    ("trap", "wrong"),
    [
        (replace(TEMPTING, id="Asked"), "trap Asked: its id is not words"),
        (replace(TEMPTING, pattern="("), "pattern is none: missing ), unterminated subpattern"),
        (replace(TEMPTING, pattern=""), "pattern is empty"),
        (replace(TEMPTING, tone="bad"), "no tone is called 'bad'"),
        (replace(TEMPTING, lesson=" "), "lesson is empty"),
        (replace(TEMPTING, typed_in="rediss"), "no place is called 'rediss'; did you mean 'redis'?"),
        (replace(TEMPTING, on="api"), "typed_in and verb or on"),
        (
            replace(TEMPTING, typed_in="", verb="restrat"),
            "no verb is called 'restrat'; did you mean 'restart'?",
        ),
        (replace(TEMPTING, typed_in=""), "no verb is called ''"),
    ],
)
def test_a_trap_that_nothing_would_fall_into_is_named(trap: Recogniser, wrong: str) -> None:
    assert said(replace(GOOD, traps=(TEMPTING,))) == []
    [problem] = said(replace(GOOD, traps=(trap,)))
    assert problem.startswith("lab/scenarios/max_connections.py: trap ")
    assert wrong in problem


def test_a_runbooks_trap_is_one_that_somebody_recognises() -> None:
    told = replace(RUNBOOK, traps={**RUNBOOK.traps, "asked-for-more": "redis-cli eval 1 0\n"})
    own = replace(GOOD, traps=(TEMPTING,))
    assert problems(own, told, file_id="max-connections") == ()
    [problem] = problems(GOOD, told, file_id="max-connections")
    assert str(problem).startswith("runbooks/max-connections.md: trap=asked-for-more: no trap is called")
    good = replace(GOOD, traps=(replace(TEMPTING, tone="good"),))
    assert len(problems(good, told, file_id="max-connections")) == 1


def test_what_the_page_on_probes_shows_is_sound() -> None:
    page = (checkout() / "docs/probes.md").read_text(encoding="utf-8")
    levels, traps, trapped = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    shown = [ast.unparse(node) for node in ast.parse(levels).body]
    assert len(shown) == 5
    for level in shown:
        asking = probing(eval(level, vars(declarations)))  # noqa: S307 - our own page
        assert said(replace(asking, services=(*GOOD.services, "mysql"))) == []
    own: dict[str, tuple[Recogniser, ...]] = {}
    exec(traps, vars(declarations), own)  # noqa: S102
    assert said(replace(GOOD, traps=own["traps"])) == []
    comes: dict[str, tuple[Trapped, ...]] = {}
    exec(trapped, vars(declarations), comes)  # noqa: S102
    assert said(replace(GOOD, trapped=comes["trapped"])) == []


@pytest.mark.parametrize(
    ("mode", "problem"),
    [
        (Mode.HELD, ""),
        (Mode.THROUGHOUT, ""),
        (Mode.AT_END, "mode is at the end: what users see is held, or a guard rail throughout"),
        (Mode.NEVER, "mode is never: what users see is held, or a guard rail throughout"),
    ],
)
def test_what_users_see_is_held_or_a_guard_rail(mode: Mode, problem: str) -> None:
    problems = said(probing(SuccessRatio(at_least_ratio=0.9, route="browse", mode=mode)))
    assert (problem in problems[0]) if problem else problems == []


def test_a_guard_rail_cannot_survive_a_replay_for_it_is_not_held() -> None:
    rail = SuccessRatio(at_least_ratio=0.9, route="browse", mode=Mode.THROUGHOUT)
    survived = TriggerSurvived(served=("rail",), recovered=())
    rails = replace(probing(rail).objectives[-1], id="rail")
    more = replace(probing(survived).objectives[-1], id="survived")
    [problem] = said(replace(GOOD, objectives=(*GOOD.objectives, rails, more)))
    assert "served: objective 'rail' is not held for a while" in problem


@pytest.mark.parametrize(
    ("trapped", "problem"),
    [
        ((), ""),
        ((Trapped(trap="ended-sessions", shows=(CameOfIt.RELAPSED,)),), ""),
        ((Trapped(trap="ended-session", shows=(CameOfIt.RELAPSED,)),), "did you mean 'ended-sessions'?"),
        ((Trapped(trap="ended-sessions", shows=()),), "shows nothing, so it claims nothing"),
        ((Trapped(trap="ended-sessions", shows=(CameOfIt.HURT,)),) * 2, "is there more than once"),
        (
            (Trapped(trap="ended-sessions", shows=(CameOfIt.RELAPSED,), blames=("login-succes",)),),
            "blames: no objective is called 'login-succes'; did you mean 'login-success'?",
        ),
    ],
)
def test_what_must_come_of_a_trap_is_said_of_one_that_the_runbook_has(
    trapped: tuple[Trapped, ...], problem: str
) -> None:
    problems = said(replace(GOOD, trapped=trapped))
    assert (problem in problems[0]) if problem else problems == []

"""A scenario's own recognisers, beside those that every scenario has."""

from dataclasses import replace

import pytest

from lab.grade import Notice, Report, grade
from lab.scenario import CameOfIt, Recogniser
from tests.unit.histories import SCENARIO, Drill, healthy, solved, unsolved

STREAM = Recogniser(
    id="trimmed-stream",
    typed_in="redis",
    pattern=r"^\W*xtrim\b",
    tone="trap",
    lesson="What is trimmed is never shipped.",
)
WORKER = Recogniser(
    id="stopped-worker",
    verb="scale",
    on="worker",
    pattern=r"\b0\b",
    tone="trap",
    lesson="Nobody ships what waits.",
)
SKIPPED = Recogniser(
    id="skipped", typed_in="mysql", pattern=r"\bcall\s+skip\b", tone="trap", lesson="It is gone for good."
)
MEMORY = Recogniser(
    id="gave-memory",
    verb="set-resources",
    pattern="memory",
    tone="good",
    lesson="There is room again.",
    cures=True,
)
CLEARED = Recogniser(
    id="cleared",
    typed_in="redis",
    pattern=r"^\W*del\b",
    tone="trap",
    lesson="It fills again.",
    clears_up=True,
)


def judged(drill: Drill, *traps: Recogniser) -> Report:
    return grade(replace(SCENARIO, traps=traps), drill.history())


def notices(drill: Drill, *traps: Recogniser) -> list[tuple[str, str]]:
    found: tuple[Notice, ...] = judged(drill, *traps).notices
    return [(n.id, n.tone) for n in found if n.id != "rolled-back"]


@pytest.mark.parametrize(
    ("kind", "text", "trap"),
    [
        ("redis", '"XTRIM" "orders:placed" "MAXLEN" "0"', STREAM),
        ("mysql", "call skip('x:1')", SKIPPED),
        ("sql", "select pg_sleep(1)", replace(STREAM, typed_in="sql", pattern="pg_sleep")),
    ],
)
def test_what_was_typed_is_recognised_where_the_scenario_looks_for_it(
    kind: str, text: str, trap: Recogniser
) -> None:
    drill = solved().event(90, kind, text=text, who="trainee")
    assert notices(drill, trap) == [(trap.id, "trap")]
    assert notices(drill) == []
    elsewhere = {"redis": "sql", "mysql": "redis", "sql": "mysql"}[kind]
    assert notices(drill, replace(trap, typed_in=elsewhere)) == []


def test_the_notice_says_what_was_done_what_came_of_it_and_why_it_matters() -> None:
    drill = solved().event(90, "mysql", text="call  skip('x:1')", who="trainee")
    [notice] = [n for n in judged(drill, SKIPPED).notices if n.id == "skipped"]
    assert notice.did == "call skip('x:1')"
    assert "Users were served again" in notice.came_of_it
    assert notice.came_of_it.endswith("It is gone for good.")


@pytest.mark.parametrize(("target", "found"), [("worker", "stopped-worker"), ("api", "scaled-to-zero")])
def test_an_act_can_count_on_one_object_only_and_the_general_one_is_left_for_the_others(
    target: str, found: str
) -> None:
    drill = solved().event(90, "act", verb="scale", object=target, detail={"replicas": 0}, result="ok")
    assert notices(drill, WORKER) == [(found, "trap")]


def test_an_act_that_was_refused_is_none() -> None:
    drill = solved().event(
        90, "act", verb="scale", object="worker", detail={"replicas": 0}, result="refused: x"
    )
    assert notices(drill, WORKER) == []


def test_the_scenarios_own_word_for_an_act_comes_before_the_general_one() -> None:
    own = Recogniser(
        id="ended-report", typed_in="sql", pattern="pg_cancel_backend", tone="good", lesson="Right."
    )
    drill = solved().event(90, "sql", text="select pg_cancel_backend(7)", who="trainee")
    assert notices(drill) == [("ended-sessions", "trap")]
    assert notices(drill, own) == [("ended-report", "good")]


def test_after_a_cure_that_the_scenario_knows_clearing_up_is_no_trap() -> None:
    drill = solved().drop("act").event(95, "redis", text='"DEL" "x"')
    drill.event(100, "act", verb="set-resources", object="redis", detail={"memory": "1g"}, result="ok")
    drill.event(110, "redis", text='"DEL" "y"')
    assert [tone for id_, tone in notices(drill, MEMORY, CLEARED) if id_ == "cleared"] == ["trap", "plain"]
    harmless = replace(MEMORY, cures=False)
    assert [tone for id_, tone in notices(drill, harmless, CLEARED) if id_ == "cleared"] == ["trap", "trap"]


def test_a_trap_before_the_scenarios_cure_is_a_false_start() -> None:
    drill = solved().drop("act").event(95, "redis", text='"XTRIM" "orders:placed"')
    drill.event(90, "act", verb="set-resources", object="redis", detail={"memory": "1g"}, result="ok")
    assert judged(drill, MEMORY, STREAM).handling.false_starts == 0
    assert judged(drill, replace(MEMORY, cures=False), STREAM).handling.false_starts == 1


def came_of_a_restart(drill: Drill, s: int) -> CameOfIt:
    report = judged(drill.event(s, "act", verb="restart", object="api", result="ok"))
    return next(n.aftermath for n in report.notices if n.id == "restarted-pods")


def relieved(lo: int, hi: int) -> Drill:
    """Users feel it at 60 and for good, but in [lo, hi)."""
    drill = unsolved()
    for s in range(lo, hi):
        drill.second(s)
    return drill


def now_and_then(n: int) -> Drill:
    """Of the sign-ins *n* a second fail, and none in every other stretch of four seconds."""
    drill = unsolved()
    for s in range(60, 240):
        drill.second(s, bad={"login": 0 if s % 8 < 4 else n})
    return drill


@pytest.mark.parametrize(
    ("drill", "s", "came"),
    [
        (unsolved(), 100, CameOfIt.NEVER_SERVED),
        (relieved(105, 130), 100, CameOfIt.RELAPSED),
        pytest.param(relieved(103, 106), 100, CameOfIt.RELAPSED, id="relief too short for windows"),
        pytest.param(relieved(103, 105), 100, CameOfIt.NEVER_SERVED, id="a second or two"),
        pytest.param(now_and_then(9), 103, CameOfIt.RELAPSED, id="so much that none is telling"),
        pytest.param(now_and_then(2), 103, CameOfIt.NEVER_SERVED, id="so little that none is chance"),
        (solved(), 100, CameOfIt.SERVED),
        (healthy(), 100, CameOfIt.STAYED_SERVED),
        (healthy().outage(110, 130), 100, CameOfIt.HURT),
        (healthy(), 250, CameOfIt.UNMEASURED),
    ],
)
def test_what_users_saw_after_an_act_is_said_in_a_word(drill: Drill, s: int, came: CameOfIt) -> None:
    assert came_of_a_restart(drill, s) is came


def test_what_comes_back_in_the_replay_came_back() -> None:
    assert came_of_a_restart(solved().outage(192, 230), 110) is CameOfIt.RELAPSED

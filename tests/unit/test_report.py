"""The four forms of a report say the same, and need nothing else."""

import json
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from lab.grade import Verdict, grade
from lab.report import dumps, write_all
from lab.report.junit import render as junit
from lab.report.markdown import to_html
from lab.report.page import render as page
from lab.report.text import render as text
from lab.runbook import parse
from tests.unit.histories import SCENARIO, Drill, healthy, solved, unsolved
from tests.unit.test_runbook import GOOD

VOID = {"meta", "link", "br", "img", "input", "hr"}
DRILLS: dict[str, Callable[[], Drill]] = {
    "healthy": healthy,
    "solved": solved,
    "unsolved": unsolved,
    "empty": lambda: Drill(length_s=0),
}


class Page(HTMLParser):
    """Collects what tests look at, and checks that every element is closed."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(source)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data

    def count(self, tag: str, css: str = "") -> int:
        return sum(t == tag and css in ("", *(a.get("class") or "").split()) for t, a in self.tags)


@pytest.fixture(params=DRILLS, name="drill")
def _drill(request: pytest.FixtureRequest) -> Drill:
    return DRILLS[request.param]()


def test_all_four_files_are_written(drill: Drill, tmp_path: Path) -> None:
    history = drill.history()
    paths = write_all(grade(SCENARIO, history), history, tmp_path, runbook=parse(GOOD, name="x.md"))
    assert sorted(path.name for path in paths) == ["junit.xml", "report.html", "report.json", "report.txt"]
    assert sorted(tmp_path.iterdir()) == sorted(paths)


def test_json_is_stable_and_says_the_exit_code(drill: Drill) -> None:
    report = grade(SCENARIO, drill.history())
    first, second = dumps(report), dumps(grade(SCENARIO, drill.history()))
    assert first == second
    data = json.loads(first)
    assert data["exit_code"] == {"pass": 0, "fail": 1, "unknown": 3}[data["verdict"]]
    assert {g["objective"] for g in data["grades"]} == {o.id for o in SCENARIO.objectives}
    assert json.dumps(data, sort_keys=True, indent=1, ensure_ascii=False) + "\n" == first


def test_junit_has_one_case_per_objective_with_its_because() -> None:
    report = grade(SCENARIO, unsolved().drop("ledger").history())
    suite = Xml.fromstring(junit(report)).find("testsuite")  # noqa: S314 - our own document
    assert suite is not None
    cases = {case.get("name"): case for case in suite.findall("testcase")}
    assert set(cases) == {o.id for o in SCENARIO.objectives}
    failure = cases["login"].find("failure")
    assert failure is not None
    assert "540 bad of 540" in (failure.get("message") or "")
    assert cases["ledger"].find("error") is not None
    assert cases["diagnosis"].find("skipped") is not None
    assert (suite.get("tests"), suite.get("errors")) == (str(len(cases)), "1")


def test_junit_survives_what_a_trainee_can_type() -> None:
    drill = solved().drop("ledger").event(236, "ledger", acknowledged=None, error="\x00\x1b[31m<&>")
    Xml.fromstring(junit(grade(SCENARIO, drill.history())))  # noqa: S314 - our own document


def test_text_begins_with_the_verdict_and_has_colour_only_on_demand() -> None:
    report = grade(SCENARIO, unsolved().history())
    plain = text(report)
    assert plain.startswith("FAIL  ")
    assert "\x1b" not in plain
    assert "\x1b[1;31mFAIL" in text(report, colour=True)
    assert all(len(line) <= 120 for line in plain.splitlines())
    assert all(g.objective in plain for g in report.grades)


def test_the_page_is_whole_and_loads_nothing(drill: Drill) -> None:
    history = drill.history()
    found = Page(page(grade(SCENARIO, history), history, runbook=parse(GOOD, name="x.md")))
    assert found.count("script") == found.count("link") == found.count("img") == 0
    assert not any(name in attributes for _, attributes in found.tags for name in ("src", "href", "onclick"))
    assert "url(http" not in found.words
    assert found.count("h1") == 1


def test_the_page_draws_every_panel_outage_and_event() -> None:
    drill = solved()
    history = drill.history()
    report = grade(SCENARIO, history)
    found = Page(page(report, history))
    assert found.count("svg") == 1
    assert found.count("text", "panel") == 3
    assert found.count("rect", "outage") == 1
    assert found.count("rect", "replay") == 1
    assert found.count("line", "bound") == 3
    assert found.count("g", "marker") == len(report.timeline)
    assert "rollback api" in found.words
    assert found.count("tr", "pass") == len(report.grades)


def test_the_page_shows_gaps_as_unknown_and_breaks_its_lines() -> None:
    history = solved().asleep(150, 170).history()
    found = Page(page(grade(SCENARIO, history), history))
    assert found.count("rect", "unknown") == 1
    assert found.count("path", "s0") == 5  # success and latency in two pieces each, readings in one


def test_the_page_puts_bad_news_first_and_the_runbook_last() -> None:
    history = unsolved().history()
    report = grade(SCENARIO, history)
    words = Page(page(report, history, runbook=parse(GOOD, name="x.md"))).words
    assert words.index("What was missed") < words.index("What was right") < words.index("Prevention")
    assert report.verdict is Verdict.FAIL


def test_what_a_trainee_typed_is_text_on_the_page() -> None:
    history = solved().event(95, "status_update", text="<script>alert(1)</script>").history()
    found = Page(page(grade(SCENARIO, history), history))
    assert found.count("script") == 0
    assert "<script>alert(1)</script>" in found.words


def test_markdown_escapes_and_marks_up() -> None:
    html = to_html("A **b** `<c> **d**`.\nmore\n\n- one\n  two\n- three\n\n```sh\n<x> & y\n\nz\n```\n")
    assert html == (
        "<p>A <strong>b</strong> <code>&lt;c&gt; **d**</code>. more</p>\n"
        "<ul><li>one two</li><li>three</li></ul>\n"
        "<pre><code>&lt;x&gt; &amp; y\n\nz</code></pre>"
    )

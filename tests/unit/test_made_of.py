"""A report says what the run was made of: versions, images with their digests, seed, machine."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as Xml

from lab.engine.find import Engine, State
from lab.engine.runner import Output
from lab.grade import Image, Report, grade
from lab.history.records import Event
from lab.report import dumps
from lab.report.junit import render as junit
from lab.report.page import render as page
from lab.report.text import render as text
from lab.stack.facts import by_name, digests_of, facts, facts_again, facts_of_images
from tests.unit.histories import SCENARIO, Drill, solved
from tests.unit.recording import MISSING, RecordingRunner

TAG = "sev0/postgres:130742f28cfd"
RELEASE = "sev0/api:2.3.1-7dc6e5aafc5c"
DIGEST = "sha256:" + "4f" * 32
ENGINE = Engine(
    state=State.ANSWERS, version="29.1", system="Debian GNU/Linux 13", memory_bytes=8 * 2**30, cpus=2
)
MADE_OF = facts(ENGINE, {"postgres": TAG, "api-2.3.1": RELEASE}, 7, {TAG: DIGEST})


def begun_with(made_of: Mapping[str, Any]) -> Drill:
    """A solved drill whose first record says *made_of*, too."""
    drill = solved()
    drill.events = [
        replace(e, detail={**e.detail, **made_of}) if e.kind == "run_started" else e for e in drill.events
    ]
    return drill


def reported(made_of: Mapping[str, Any] = MADE_OF) -> Report:
    return grade(SCENARIO, begun_with(made_of).history())


def test_the_engine_is_asked_once_for_the_digests_of_all_images() -> None:
    lines = f'["{TAG}","sev0/postgres:also"] {DIGEST}\n["{RELEASE}"] sha256:aa\nnull sha256:bb\n'
    runner = RecordingRunner(
        {"docker image inspect": Output(exit_code=1, text=lines, error_text="no such image")}
    )
    assert digests_of(runner, [TAG, RELEASE, "sev0/gone:1"]) == {TAG: DIGEST, RELEASE: "sha256:aa"}
    assert len(runner.calls) == 1
    assert digests_of(RecordingRunner({"docker": MISSING}), [TAG]) == {}


def test_facts_say_versions_images_digests_seed_and_machine() -> None:
    assert json.loads(json.dumps(MADE_OF)) == MADE_OF
    assert set(MADE_OF) == {"versions", "images", "digests", "seed", "machine"}
    assert MADE_OF["images"] == {"postgres": TAG, "api-2.3.1": RELEASE}
    assert MADE_OF["digests"] == {TAG: DIGEST}
    machine = MADE_OF["machine"]
    assert isinstance(machine, dict)
    assert {**machine, "kernel": ""} == {
        "system": "Debian GNU/Linux 13",
        "cpus": 2,
        "memory_bytes": 8 * 2**30,
        "kernel": "",
    }
    assert facts_of_images({"a": "t"}, {"t": "d", "other": "e"}) == {
        "images": {"a": "t"},
        "digests": {"t": "d"},
    }


def test_a_run_that_begins_anew_says_the_images_that_it_has() -> None:
    runner = RecordingRunner({"docker": Output(exit_code=0, text=f'["{RELEASE}"] sha256:aa\n')})
    same = by_name({"postgres": TAG}, {"2.3.1": RELEASE})
    assert facts_again(runner, MADE_OF, same) == MADE_OF
    assert runner.calls == []
    again = facts_again(runner, MADE_OF, by_name({}, {"2.3.1": RELEASE}))
    assert again == {**MADE_OF, "images": {"api-2.3.1": RELEASE}, "digests": {RELEASE: "sha256:aa"}}


def test_the_report_has_them_and_so_has_its_json() -> None:
    report = reported()
    assert report.images["postgres"] == Image(tag=TAG, digest=DIGEST)
    assert report.images["api-2.3.1"] == Image(tag=RELEASE, digest="")
    data = json.loads(dumps(report))
    assert data["images"]["postgres"] == {"tag": TAG, "digest": DIGEST}
    assert data["seed"] == 7
    assert data["machine"]["cpus"] == 2
    assert data["machine"]["system"] == "Debian GNU/Linux 13"


def test_the_text_is_short_about_them() -> None:
    last = text(reported()).split("\n\n")[-1]
    assert "seed 7" in last
    assert "on Debian GNU/Linux 13, 2 processors, 8.0 GiB, kernel " in last
    assert "images api:2.3.1-7dc6e5aafc5c, postgres:130742f28cfd" in last
    assert len(last.splitlines()) == 3


def test_junit_has_each_as_a_property() -> None:
    suite = Xml.fromstring(junit(reported())).find("testsuite")  # noqa: S314 - our own document
    assert suite is not None
    found = {p.get("name"): p.get("value") for p in suite.iter("property")}
    assert found["image.postgres"] == f"{TAG} {DIGEST}"
    assert found["image.api-2.3.1"] == RELEASE
    assert (found["seed"], found["machine.cpus"], found["version.engine"]) == ("7", "2", "29.1")


def test_the_page_ends_with_them() -> None:
    history = begun_with(MADE_OF).history()
    footer = page(grade(SCENARIO, history), history).split("<footer>")[1]
    for said in ("Seed 7.", "Machine: Debian GNU/Linux 13, 2 processors", f"{TAG} {DIGEST}", RELEASE):
        assert said in footer


def test_a_run_that_does_not_say_them_is_judged_to_the_same_report() -> None:
    old, new = reported({}), reported()
    assert (old.images, old.seed, old.machine) == ({}, None, {})
    assert replace(new, versions=old.versions, images={}, seed=None, machine={}) == old
    assert text(old).endswith("run r1, lab 0.1\n")
    assert "image." not in junit(old)
    history = begun_with({}).history()
    footer = page(old, history).split("<footer>")[1]
    assert "Seed" not in footer
    assert "Images" not in footer
    nothing = tuple(r for r in history if not isinstance(r, Event))
    assert grade(SCENARIO, nothing).seed is None

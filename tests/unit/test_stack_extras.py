"""Optional services: what is asked for brings what it needs, and nothing else is there."""

import json
import re
from pathlib import Path

import pytest

from lab import catalog
from lab.stack import extras, scrape
from lab.stack.compose import FILE
from lab.stack.images import OPTIONAL, image_set
from lab.stack.places import checkout

EVERY_LAB = {"postgres", "redis", "pay", "lb"}


def profiles() -> dict[str, list[str]]:
    """The profiles of each service that has any."""
    text = (checkout() / FILE).read_text()
    blocks = re.findall(r"^  ([a-z-]+):.*\n((?:    .*\n|\n)+)", text, re.MULTILINE)
    found = {name: re.findall(r"^    profiles: \[(.+)\]$", block, re.MULTILINE) for name, block in blocks}
    return {name: those[0].split(", ") for name, those in found.items() if those}


def test_a_lab_that_asks_for_nothing_has_nothing() -> None:
    assert extras.chosen(("postgres", "redis", "pay", "lb")) == ()
    assert extras.nodes(()) == ()
    assert not any(groups for _, groups in extras.targets(()))
    assert not {image.name for image in OPTIONAL} & set(image_set(()).services)


@pytest.mark.parametrize(
    ("asked", "brought"),
    [
        ("postgres-replica", ("heartbeat", "postgres-replica")),
        ("mysql", ("heartbeat", "mysql")),
        ("mysql-replica", ("heartbeat", "mysql", "mysql-replica")),
        ("redis-replica", ("heartbeat", "redis-replica")),
        ("pgbouncer", ("pgbouncer",)),
    ],
)
def test_what_is_asked_for_brings_what_it_needs(asked: str, brought: tuple[str, ...]) -> None:
    assert extras.chosen((asked, "postgres")) == brought


def test_what_is_needed_needs_nothing_more() -> None:
    for extra in extras.EXTRAS.values():
        assert extras.chosen(extra.needs) == tuple(n for n in extras.EXTRAS if n in extra.needs)


def test_the_heartbeat_is_read_on_every_node_that_is_there() -> None:
    names = [word.partition("=")[0] for word in extras.nodes(extras.chosen(("mysql-replica",)))]
    assert names == ["postgres", "redis", "mysql", "mysql-replica"]


def test_each_has_its_profile_and_every_profile_is_known() -> None:
    found = profiles()
    assert {profile for those in found.values() for profile in those} == set(extras.EXTRAS)
    assert all(found[name] == [name] for name in extras.EXTRAS)


def test_every_target_is_a_service_of_the_same_profile() -> None:
    found = profiles()
    for extra in extras.EXTRAS.values():
        assert found[extra.target.partition(":")[0]] == [extra.name]


def test_every_job_has_its_file_and_prometheus_knows_it(tmp_path: Path) -> None:
    scrape.write(tmp_path, extras.chosen(("mysql-replica",)))
    written = {path.stem: json.loads(path.read_text()) for path in tmp_path.iterdir()}
    config = (checkout() / "compose/prometheus/prometheus.yml").read_text()
    assert set(written) == set(re.findall(r"/run/services/([a-z-]+)\.json", config))
    assert [group["labels"]["node"] for group in written["mysql"]] == ["mysql", "mysql-replica"]
    assert written["pgbouncer"] == []


def test_scenarios_name_only_services_that_there_are() -> None:
    for scenario in catalog.everything():
        assert set(scenario.services) <= EVERY_LAB | set(extras.CHOICES)

"""The dashboard is what its generator writes, and every panel can be read and queried."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

from lab.stack.places import project

ROOT = Path(__file__).resolve().parents[2]
DASHBOARD = json.loads((ROOT / "grafana" / "dashboards" / "service.json").read_text(encoding="utf-8"))
PANELS: list[dict[str, Any]] = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]


def queries() -> Iterator[str]:
    for panel in PANELS:
        for target in panel["targets"]:
            yield target["expr"]


def test_generating_again_changes_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "grafana.generate", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("expr", sorted(set(queries())))
def test_a_query_is_promql(expr: str) -> None:
    promql_parser.parse(expr.replace("$__rate_interval", "5s"))


@pytest.mark.parametrize("expr", sorted(set(queries())))
def test_a_recorded_number_is_one_the_rules_record(expr: str) -> None:
    files = (ROOT / "compose" / "prometheus").glob("rules*.yml")
    rules = "\n".join(file.read_text(encoding="utf-8") for file in files)
    for name in [word for word in expr.replace("(", " ").split() if word.startswith("lab:")]:
        assert f"record: {name}\n" in rules, f"{name} is asked for and not recorded"


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: str(panel["title"]))
def test_a_panel_says_what_it_shows_and_in_which_unit(panel: dict[str, Any]) -> None:
    assert panel["title"]
    assert panel["description"].endswith(".")
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert all(target["legendFormat"] for target in panel["targets"])


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: str(panel["title"]))
def test_a_panel_reads_from_the_data_source_the_viewer_picked(panel: dict[str, Any]) -> None:
    sources = [panel["datasource"], *(target["datasource"] for target in panel["targets"])]
    assert {source["uid"] for source in sources} == {"${datasource}"}
    assert [v["name"] for v in DASHBOARD["templating"]["list"]] == ["datasource"]


def test_ids_and_titles_are_unique() -> None:
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    titles = [panel["title"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))
    assert len(titles) == len(set(titles))


def test_panels_lie_side_by_side_and_inside_the_grid() -> None:
    places = [panel["gridPos"] for panel in DASHBOARD["panels"]]
    assert all(place["x"] >= 0 and place["x"] + place["w"] <= 24 for place in places)
    for one, other in combinations(places, 2):
        apart_x = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        apart_y = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert apart_x or apart_y, f"{one} and {other} overlap"


def test_a_share_is_drawn_on_a_scale_that_ends_at_one() -> None:
    shares = [p for p in PANELS if p["fieldConfig"]["defaults"]["unit"] == "percentunit"]
    assert shares
    for panel in shares:
        field = panel["fieldConfig"]["defaults"]
        assert field.get("max") == 1 or field["thresholds"]["steps"][1:], panel["title"]


def test_the_page_about_it_mounts_what_grafana_is_provisioned_with() -> None:
    page = (ROOT / "docs" / "dashboard.md").read_text(encoding="utf-8")
    mounts = dict(re.findall(r'-v "\$PWD/(\S+?):(\S+?):ro"', page))
    assert all((ROOT / folder).is_dir() for folder in mounts)
    provider = yaml.safe_load((ROOT / "grafana/provisioning/dashboards/sev0.yml").read_text(encoding="utf-8"))
    assert mounts["grafana/dashboards"] == provider["providers"][0]["options"]["path"]
    assert mounts["grafana/provisioning"] == "/etc/grafana/provisioning"
    assert f"/d/{DASHBOARD['uid']}>" in page
    lab = yaml.safe_load((ROOT / "compose/lab.yml").read_text(encoding="utf-8"))
    assert f"--network {project('main')}_edge" in page
    assert "edge" in lab["services"]["prometheus"]["networks"]
    assert not lab["networks"]["edge"].get("internal"), "nothing is published from an internal network"

"""The report's page, rendered by a real browser."""

import html
import json
import re
import uuid
from pathlib import Path
from typing import Any

import docker
import pytest

from lab.grade import grade
from lab.report.page import render
from lab.stack.images import Image
from tests.images import built
from tests.unit.histories import SCENARIO, solved, unsolved

pytestmark = pytest.mark.docker

BROWSER = Image(
    name="browser", dockerfile="compose/images/browser/Dockerfile", sources=("compose/images/browser/*",)
)

# Added to a copy of the page: what a person would notice, measured once everything is laid out.
MEASURE = """
<script>
addEventListener("load", () => {
  const boxes = [...document.querySelectorAll("svg")].map(svg => svg.getBoundingClientRect());
  const shown = element => element.getBoundingClientRect().width > 0;
  document.body.dataset.measured = JSON.stringify({
    charts: boxes.filter(box => box.width > 300 && box.height > 40).length,
    sideways: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    verdict: document.querySelector("h1, .verdict").getBoundingClientRect().top,
    titles: document.querySelectorAll("svg title").length,
    text: document.body.innerText,
    unseen: [...document.querySelectorAll("h1, h2, table")].filter(e => !shown(e)).length,
    fetched: performance.getEntriesByType("resource").length,
  });
});
</script>
"""


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The image of a browser; built where it is missing."""
    return built(BROWSER, logs=tmp_path_factory.mktemp("logs"))


def run_browser(engine: docker.DockerClient, image: str, page: Path, *, window: str) -> str:
    """The page's document after layout; the browser has no network."""
    container = engine.containers.create(
        image,
        ["--virtual-time-budget=2000", f"--window-size={window}", "--dump-dom", f"file:///pages/{page.name}"],
        name=f"sev0-test-browser-{uuid.uuid4().hex[:8]}",
        labels={"dev.sev0.lab": "test-browser"},
        network_mode="none",
        volumes={str(page.parent): {"bind": "/pages", "mode": "ro"}},
    )
    try:
        container.start()
        code = container.wait(timeout=60)["StatusCode"]
        assert code == 0, container.logs().decode()[-800:]
        return container.logs(stdout=True, stderr=False).decode()
    finally:
        container.remove(force=True)


def measured(document: str) -> dict[str, Any]:
    found = re.search(r'data-measured="([^"]*)"', document)
    assert found, document[-500:]
    values: dict[str, Any] = json.loads(html.unescape(found[1]))
    return values


@pytest.mark.parametrize("window", ["1200,900", "390,800"], ids=["desk", "phone"])
@pytest.mark.parametrize("drill", [solved, unsolved], ids=["solved", "unsolved"])
def test_the_page_shows_verdict_and_charts_and_needs_nothing_else(
    drill: Any, window: str, browser: str, engine: docker.DockerClient, tmp_path: Path
) -> None:
    history = drill().history()
    report = grade(SCENARIO, history)
    page = tmp_path / "report.html"
    page.write_text(render(report, history).replace("</body>", MEASURE + "</body>"), encoding="utf-8")
    tmp_path.chmod(0o755)
    page.chmod(0o644)
    seen = measured(run_browser(engine, browser, page, window=window))
    assert seen["charts"] >= 1
    assert seen["titles"] > 0
    assert seen["unseen"] == 0
    assert seen["fetched"] == 0
    assert seen["sideways"] <= 0, "the page scrolls sideways"
    assert seen["verdict"] < 400, "the verdict is not on the first screen"
    assert report.verdict.value in seen["text"].lower()
    for grade_ in report.grades:
        assert grade_.claim in seen["text"]

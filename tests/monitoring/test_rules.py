"""The rules are valid, and say what they should on made-up histories (compose/prometheus/rules*_test.yml)."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.monitoring.conftest import Bench

FOLDER = Path(__file__).resolve().parents[2] / "compose" / "prometheus"
TESTS = sorted(path.name for path in FOLDER.glob("rules*_test.yml"))
RULES = sorted(path.name for path in FOLDER.glob("rules*.yml") if path.name not in TESTS)


def text_of(files: Iterable[str]) -> str:
    return "\n".join((FOLDER / name).read_text(encoding="utf-8") for name in files)


def names(pattern: str) -> set[str]:
    return set(re.findall(pattern, text_of(RULES)))


@pytest.mark.parametrize("name", sorted(names(r"- (?:alert|record): (\S+)")))
def test_a_rule_has_a_test(name: str) -> None:
    assert re.search(rf"(?<![\w:]){name}(?!\w)", text_of(TESTS))


def test_prometheus_loads_every_file_of_rules() -> None:
    listed = re.findall(r"^  - (rules\S*)$", text_of(["prometheus.yml"]), flags=re.MULTILINE)
    assert sorted(listed) == RULES


@pytest.mark.parametrize("file", RULES)
def test_a_page_names_no_cause(file: str) -> None:
    text = text_of([file])
    pages = text[text.index("- alert:") :]
    assert not re.findall(r"leak|release|2\.4\.0|roll-?out|deploy", pages, flags=re.IGNORECASE)


@pytest.mark.docker
@pytest.mark.parametrize(
    "command",
    [
        ["promtool", "check", "config", "--lint=all", "--lint-fatal", "/rules/prometheus.yml"],
        ["promtool", "check", "rules", "--lint=all", "--lint-fatal", *(f"/rules/{name}" for name in RULES)],
        ["promtool", "test", "rules", *(f"/rules/{name}" for name in TESTS)],
    ],
    ids=lambda command: " ".join(command[1:3]),
)
def test_promtool_is_content(command: list[str], image: Callable[[str], str], bench: "Bench") -> None:
    code, output = bench.run(image("monitoring"), command, mounts={str(FOLDER): "/rules"})
    assert code == 0, output

"""The rules are valid, and say what they should on made-up histories (compose/prometheus/rules_test.yml)."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.monitoring.conftest import Bench

FOLDER = Path(__file__).resolve().parents[2] / "compose" / "prometheus"


def names(pattern: str) -> set[str]:
    return set(re.findall(pattern, (FOLDER / "rules.yml").read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", sorted(names(r"- (?:alert|record): (\S+)")))
def test_a_rule_has_a_test(name: str) -> None:
    assert name in (FOLDER / "rules_test.yml").read_text(encoding="utf-8")


def test_a_page_names_no_cause() -> None:
    text = (FOLDER / "rules.yml").read_text(encoding="utf-8")
    pages = text[text.index("- alert:") :]
    assert not re.findall(r"leak|release|2\.4\.0|roll-?out|deploy", pages, flags=re.IGNORECASE)


@pytest.mark.docker
@pytest.mark.parametrize(
    "command",
    [
        ["promtool", "check", "config", "--lint=all", "--lint-fatal", "/rules/prometheus.yml"],
        ["promtool", "check", "rules", "--lint=all", "--lint-fatal", "/rules/rules.yml"],
        ["promtool", "test", "rules", "/rules/rules_test.yml"],
    ],
    ids=lambda command: " ".join(command[1:3]),
)
def test_promtool_is_content(command: list[str], image: Callable[[str], str], bench: "Bench") -> None:
    code, output = bench.run(image("monitoring"), command, mounts={str(FOLDER): "/rules"})
    assert code == 0, output

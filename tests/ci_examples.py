"""The examples for CI systems, read as those systems read them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from lab.stack.places import checkout

EXAMPLES = checkout() / "docs" / "ci"


@dataclass(frozen=True, kw_only=True)
class Step:
    """Lines for one shell; *always*: also where a step before it failed."""

    script: str
    always: bool = False


def github() -> Mapping[str, Any]:
    """The one job of the example for GitHub Actions."""
    content = yaml.safe_load((EXAMPLES / "github-actions.yml").read_text())
    [job] = content["jobs"].values()
    return dict(job)


def gitlab() -> Mapping[str, Any]:
    """The one job of the example for GitLab CI."""
    content = yaml.safe_load((EXAMPLES / "gitlab-ci.yml").read_text())
    [job] = content.values()
    return dict(job)


def github_steps() -> list[Step]:
    """What is typed, a shell for each; not what other people's actions do."""
    return [
        Step(script=str(step["run"]), always=step.get("if") == "always()")
        for step in github()["steps"]
        if "run" in step
    ]


def gitlab_steps() -> list[Step]:
    """The script in one shell, and what comes after it in another, whatever became of the first."""
    job = gitlab()
    return [
        Step(script="\n".join(job["script"])),
        Step(script="\n".join(job["after_script"]), always=True),
    ]

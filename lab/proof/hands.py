"""A lab as its users drive it: through the `lab` command, nothing else."""

import json
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from faults.errors import NotReached
from faults.wait import until
from lab.errors import EnvironmentTrouble
from lab.grade.model import Verdict

IMPACT_WITHIN_S = 120.0


class NotBegun(EnvironmentTrouble):
    """The lab did not come to its page: nothing was measured."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a command printed and how it ended."""

    exit_code: int
    out: str
    err: str


@dataclass(frozen=True, kw_only=True)
class Hands:
    """One named lab, driven by its command line."""

    name: str
    timeout_s: float = 900.0

    def lab(self, *argv: str, stdin: str | None = None) -> Said:
        """Type `lab …` for this lab and wait for it to end."""
        verb, *rest = argv
        done = subprocess.run(
            [sys.executable, "-m", "lab", verb, "--name", self.name, *rest],
            input=stdin,
            stdin=None if stdin is not None else subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=self.timeout_s,
            check=False,
        )
        return Said(exit_code=done.returncode, out=done.stdout, err=done.stderr)

    def must(self, *argv: str) -> Said:
        """The same, and EnvironmentTrouble with the last lines where it did not end well."""
        return self._well(self.lab(*argv), *argv)

    def _well(self, said: Said, *argv: str) -> Said:
        if said.exit_code != 0:
            raise EnvironmentTrouble(self._ended_with(said, *argv))
        return said

    @staticmethod
    def _ended_with(said: Said, *argv: str) -> str:
        tail = "\n".join((said.err or said.out).strip().splitlines()[-12:])
        return f"lab {' '.join(argv)}: exit {said.exit_code}\n{tail}"

    def begin(self, scenario: str, *options: str) -> Said:
        """Start *scenario*, or reset the lab to it where it is up already."""
        verb = "reset" if self.lab("status", "--json").exit_code == 0 else "start"
        said = self.lab(verb, scenario, *options)
        if said.exit_code == Verdict.UNKNOWN.exit_code:
            raise NotBegun(self._ended_with(said, verb, scenario, *options))
        return self._well(said, verb, scenario, *options)

    def wait_for_impact(self) -> None:
        """Wait until users feel it, or long enough: whether they did is for the report to say."""

        def felt() -> bool | None:
            said = self.lab("status", "--json")
            return (said.exit_code == 0 and json.loads(said.out)["impact_s"] is not None) or None

        with suppress(NotReached):
            until(felt, what="users feel it", timeout_s=IMPACT_WITHIN_S, every_s=0.5)

    def type_in_toolbox(self, script: str) -> Said:
        """Run *script* in the toolbox as the trainee, stopping at its first error."""
        return self.lab("shell", "--", "bash", "-euo", "pipefail", "-c", script)

    def grade(self) -> dict[str, Any]:
        """Say "I am done" and return the report."""
        said = self.lab("grade", "--json")
        try:
            report = json.loads(said.out)
        except ValueError as error:
            raise EnvironmentTrouble(
                f"lab grade: no report (exit {said.exit_code}): {said.err[-800:]}"
            ) from error
        if not isinstance(report, dict):
            raise EnvironmentTrouble(f"lab grade: not a report: {said.out[:200]}")
        return report

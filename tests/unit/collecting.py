"""What pytest would run for several command lines, asked of one process: most of it is imports."""

import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from lab.stack.places import checkout

ASK = """
import json, sys
import pytest

class Seen:
    def pytest_collection_finish(self, session):
        self.ids = [item.nodeid for item in session.items]

found = []
for words in json.loads(sys.argv[2]):
    seen = Seen()
    pytest.main(["--collect-only", "-q", "-p", "no:cacheprovider", *words], plugins=[seen])
    found.append(seen.ids)
with open(sys.argv[1], "w") as file:
    json.dump(found, file)
"""


def said(*argv: str) -> str:
    """What a command prints, also where make runs these tests: a make of its own, not one below that."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(argv, cwd=checkout(), capture_output=True, text=True, check=True, env=own).stdout


def chosen_by(*words: str) -> list[str]:
    """What make gives pytest where somebody types these words; its last command line."""
    typed = said("make", "-n", *words).splitlines()[-1]
    program, *arguments = shlex.split(typed)
    assert program.endswith("pytest"), typed
    return arguments


def collected(*command_lines: Sequence[str]) -> list[list[str]]:
    """The ids of the tests that each command line chooses."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ids.json"
        said(sys.executable, "-c", ASK, str(file), json.dumps(command_lines))
        found: list[list[str]] = json.loads(file.read_text())
    return found

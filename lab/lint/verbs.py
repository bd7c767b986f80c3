"""What a runbook tells people to type must be there to be typed."""

import re
from collections.abc import Iterator

from lab.lint.problem import Found, unknown
from lab.runbook import Runbook
from lab.trainee.verbs import COMMANDS

TOOLBOX_VERBS = tuple(str(command.name) for command in COMMANDS)

# After a prompt, at the beginning of a script's line, and where a code span begins.
_TYPED = re.compile(r"(?:^\s*(?:\$ )?|`)lab ([a-z][a-z-]*)", re.MULTILINE)


def of_runbooks_verbs(runbook: Runbook) -> Found:
    """Each verb of `lab` that a runbook names and the toolbox has not."""
    for part, text in _parts(runbook):
        for verb in dict.fromkeys(_TYPED.findall(text)):
            if verb not in TOOLBOX_VERBS:
                yield part, f"lab {verb}: {unknown('verb', verb, TOOLBOX_VERBS)}"


def _parts(runbook: Runbook) -> Iterator[tuple[str, str]]:
    yield "heading '## Brief'", runbook.brief
    for n, hint in enumerate(runbook.hints, start=1):
        yield f"heading '## Hint {n}'", hint
    yield "heading '## Diagnosis'", runbook.diagnosis
    for kind, scripts in (("fix", runbook.fixes), ("trap", runbook.traps)):
        for name, script in scripts.items():
            yield f"{kind} {name}", script

"""One thing that is wrong, and the words for it."""

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that is wrong: in which *file* of the checkout, *at* which part of it, and what."""

    file: str
    at: str
    wrong: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.file, self.at, self.wrong) if part)


Found: TypeAlias = Iterator[tuple[str, str]]
"""Parts of a scenario and what is wrong there; which file it is, the caller knows."""


def scenario_file(scenario_id: str) -> str:
    """The file that declares the scenario of that id."""
    return f"lab/scenarios/{scenario_id.replace('-', '_')}.py"


def runbook_file(scenario_id: str) -> str:
    """The file of its runbook."""
    return f"runbooks/{scenario_id}.md"


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """That nobody knows *name*, with the nearest that somebody does."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    meant = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(names) or 'none'}"
    return f"no {what} is called {name!r}; {meant}"


def doubled(names: Iterable[str]) -> list[str]:
    """The names that are there more than once, in order."""
    listed = list(names)
    return sorted({name for name in listed if listed.count(name) > 1})

"""A runbook's parts, found by their fixed headings.

# Title
## Brief
## Hint 1 …            at least one, numbered from 1
## Diagnosis
## Fix: what it does   with a block fenced "```sh fix=<name>"; at least one
## Trap: what it is    with a block fenced "```sh trap=<name>"; after either name `in=<cause>,<cause>` may say
                       in which causes a proof tries it: `first`, or a variant's name with hyphens
## Why it works
## Prevention
## Facilitator
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lab.errors import LabError

SINGLE = {
    "brief": "Brief",
    "diagnosis": "Diagnosis",
    "why": "Why it works",
    "prevention": "Prevention",
    "facilitator": "Facilitator",
}

FIRST = "first"
"""What a runbook calls the scenario's own cause."""

_FENCE = re.compile(r"^```(?P<info>[^\n]*)\n(?P<body>.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
_NAMED = re.compile(r"^sh (?P<kind>fix|trap)=(?P<name>[a-z0-9-]+)(?: in=(?P<causes>[a-z0-9,-]+))?$")


class BadRunbook(LabError):
    """A runbook lacks a part, or has one that nobody knows."""


@dataclass(frozen=True, kw_only=True)
class Runbook:
    """What a runbook says; texts are Markdown. *fixes* and *traps* are shell scripts by name, in the file's
    order. *tried_in*: the causes in which a proof tries one, by kind and name, where the runbook says.
    """

    title: str
    brief: str
    hints: tuple[str, ...]
    diagnosis: str
    fixes: Mapping[str, str]
    fix_texts: tuple[str, ...]
    traps: Mapping[str, str]
    trap_texts: tuple[str, ...]
    why: str
    prevention: str
    facilitator: str
    tried_in: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)


def causes_of(variants: Iterable[str]) -> tuple[str, ...]:
    """What a runbook calls a scenario's causes, in the order of their seeds."""
    return (FIRST, *(name.replace(" ", "-") for name in variants))


def read_runbook(path: Path) -> Runbook:
    """The runbook in the file at *path*."""
    return parse(path.read_text(encoding="utf-8"), name=path.name)


def parse(text: str, *, name: str) -> Runbook:
    """The runbook in *text*; BadRunbook names the file *name*, the heading and what is missing."""
    title, sections = _split(text, name)
    fix_texts = _of_kind(sections, "Fix")
    trap_texts = _of_kind(sections, "Trap")
    if not fix_texts:
        raise BadRunbook(f"{name}: heading '## Fix: …': missing; a runbook has at least one")
    return Runbook(
        title=title,
        hints=_hints(sections, name),
        fixes=_blocks(fix_texts, "fix", name),
        fix_texts=tuple(fix_texts.values()),
        traps=_blocks(trap_texts, "trap", name),
        trap_texts=tuple(trap_texts.values()),
        tried_in=_tried_in((*fix_texts.values(), *trap_texts.values())),
        **{field: _single(sections, heading, name) for field, heading in SINGLE.items()},
    )


def _split(text: str, name: str) -> tuple[str, dict[str, str]]:
    """The title, and each second-level heading's text; headings inside a fence are none."""
    title = ""
    sections: dict[str, list[str]] = {}
    current: list[str] = []
    fenced = False
    for line in text.splitlines(keepends=True):
        fenced ^= line.startswith("```")
        if not fenced and line.startswith("# ") and not title:
            title = line[2:].strip()
        elif not fenced and line.startswith("## "):
            heading = line[3:].strip()
            if heading in sections:
                raise BadRunbook(f"{name}: heading '## {heading}': there twice")
            _check_known(heading, name)
            current = sections.setdefault(heading, [])
        else:
            current.append(line)
    if fenced:
        raise BadRunbook(f"{name}: a fenced block is not closed")
    if not title:
        raise BadRunbook(f"{name}: heading '# …': the title is missing")
    return title, {heading: "".join(lines).strip() for heading, lines in sections.items()}


def _check_known(heading: str, name: str) -> None:
    if heading in SINGLE.values() or re.match(r"Hint \d+$|(Fix|Trap): \S", heading):
        return
    known = ", ".join(f"'{h}'" for h in (*SINGLE.values(), "Hint N", "Fix: …", "Trap: …"))
    raise BadRunbook(f"{name}: heading '## {heading}': not known; known are {known}")


def _single(sections: Mapping[str, str], heading: str, name: str) -> str:
    text = sections.get(heading)
    if text is None:
        raise BadRunbook(f"{name}: heading '## {heading}': missing")
    if not text:
        raise BadRunbook(f"{name}: heading '## {heading}': nothing below it")
    return text


def _hints(sections: Mapping[str, str], name: str) -> tuple[str, ...]:
    count = sum(heading.startswith("Hint ") for heading in sections)
    return tuple(_single(sections, f"Hint {n}", name) for n in range(1, max(count, 1) + 1))


def _of_kind(sections: Mapping[str, str], kind: str) -> dict[str, str]:
    return {heading: text for heading, text in sections.items() if heading.startswith(f"{kind}: ")}


def _blocks(texts: Mapping[str, str], kind: str, name: str) -> dict[str, str]:
    """Each text's one named script."""
    found: dict[str, str] = {}
    for heading, text in texts.items():
        named = [(_NAMED.match(m["info"].strip()), m["body"]) for m in _FENCE.finditer(text)]
        scripts = {m["name"]: body for m, body in named if m and m["kind"] == kind}
        if len(scripts) != 1:
            raise BadRunbook(
                f"{name}: heading '## {heading}': {len(scripts)} '```sh {kind}=<name>' blocks, wanted one"
            )
        if found.keys() & scripts.keys():
            raise BadRunbook(f"{name}: heading '## {heading}': the name {next(iter(scripts))!r} is taken")
        found |= scripts
    return found


def _tried_in(texts: Iterable[str]) -> dict[tuple[str, str], tuple[str, ...]]:
    """The causes that the named scripts say, by kind and name."""
    fences = (_NAMED.match(m["info"].strip()) for text in texts for m in _FENCE.finditer(text))
    return {(m["kind"], m["name"]): tuple(m["causes"].split(",")) for m in fences if m and m["causes"]}

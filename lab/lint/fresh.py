"""A new scenario and its runbook, written from templates that lint passes."""

import keyword
import re
from pathlib import Path

from lab import catalog
from lab.errors import UsageError
from lab.lint.known import ID
from lab.lint.problem import runbook_file, scenario_file

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
LONGEST_ID = 40
LONGEST_TITLE = 80


class NotNew(UsageError):
    """The id cannot be a new scenario's."""


def create(scenario_id: str, title: str, root: Path) -> tuple[Path, Path]:
    """Write both files into the checkout at *root*, or neither; NotNew says why the id will not do."""
    _check(scenario_id, title, root)
    scenario, runbook = root / scenario_file(scenario_id), root / runbook_file(scenario_id)
    words = {"@ID@": scenario_id, "@TITLE@": title or title_of(scenario_id)}
    _write(scenario, _filled("scenario.py.tmpl", words))
    try:
        _write(runbook, _filled("runbook.md.tmpl", words))
    except BaseException:
        scenario.unlink()
        raise
    return scenario, runbook


def title_of(scenario_id: str) -> str:
    """A title for an id that came without one."""
    return scenario_id.replace("-", " ").capitalize()


def _check(scenario_id: str, title: str, root: Path) -> None:
    if not ID.fullmatch(scenario_id) or len(scenario_id) > LONGEST_ID or keyword.iskeyword(scenario_id):
        kebab = re.sub(r"[^a-z0-9]+", "-", scenario_id.lower()).strip("-0123456789")
        fits = ID.fullmatch(kebab) and len(kebab) <= LONGEST_ID and not keyword.iskeyword(kebab)
        raise NotNew(
            f"{scenario_id!r} cannot be a scenario's id: at most {LONGEST_ID} of a-z, 0-9 and single "
            "hyphens, a letter first, no word of Python's",
            hint=f"lab new {kebab if fits else 'slow-thursday'}",
        )
    if not title.isprintable() or set('"\\') & set(title) or len(title) > LONGEST_TITLE:
        raise NotNew(
            f'{title!r} cannot be a title: one line of at most {LONGEST_TITLE}, without " and \\',
            hint=f'lab new {scenario_id} --title "{title_of(scenario_id)}"',
        )
    for file in (scenario_file(scenario_id), runbook_file(scenario_id)):
        if (root / file).exists() or scenario_id in catalog.ids():
            raise NotNew(f"{file} is there already", hint=f"lab lint {scenario_id}, or choose another id")


def _filled(template: str, words: dict[str, str]) -> str:
    text = (TEMPLATES / template).read_text(encoding="utf-8")
    for word, value in words.items():
        text = text.replace(word, value)
    return text


def _write(path: Path, text: str) -> None:
    with path.open("x", encoding="utf-8") as file:
        file.write(text)

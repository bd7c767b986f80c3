"""Imports point one way, printing has one place, and content is only content."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = ("lab", "faults", "loadgen", "compose/shop", "grafana", "bench", "tests")
OURS = ("lab", "faults", "loadgen", "bench", "grafana", "tests")
MOST_LINES = 300


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A folder, and what its modules may not import unless it is excepted."""

    folder: str
    forbidden: tuple[str, ...]
    but: tuple[str, ...] = ()


LAYERS = (
    Layer(folder="faults", forbidden=("lab", "loadgen", "grafana", "bench", "tests")),
    Layer(folder="lab", forbidden=("loadgen", "grafana", "bench", "tests", "locust")),
    Layer(folder="loadgen", forbidden=OURS, but=("loadgen",)),
    Layer(folder="compose/shop", forbidden=OURS),
    Layer(folder="grafana", forbidden=OURS, but=("grafana",)),
    Layer(folder="lab/trainee", forbidden=OURS, but=("lab.trainee",)),
    Layer(
        folder="lab/grade",
        forbidden=("docker", "httpx", "subprocess", "psycopg", "redis", "socket", "lab.referee", "lab.stack"),
    ),
    Layer(
        folder="lab/history",
        forbidden=("docker", "httpx", "subprocess", "psycopg", "lab.referee", "lab.grade"),
    ),
    Layer(
        folder="lab/report",
        forbidden=("docker", "httpx", "subprocess", "psycopg", "redis", "socket", "rich"),
    ),
    Layer(folder="lab/engine", forbidden=("httpx", "psycopg", "rich", "click")),
    Layer(folder="lab/stack", forbidden=("docker", "psycopg", "rich", "click")),
    Layer(folder="lab/kube", forbidden=(*OURS, "docker"), but=("lab.kube",)),
    Layer(folder="lab/referee", forbidden=("lab.cli", "lab.stack", "lab.engine", "lab.proof", "rich")),
)

PRINTING_IS_THEIR_JOB = ("lab/cli/", "lab/trainee/", "bench/", "tests/", "grafana/generate.py")


def modules(folder: str) -> list[Path]:
    return sorted(path for path in (ROOT / folder).rglob("*.py") if "__pycache__" not in path.parts)


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def package_of(path: Path) -> list[str]:
    return list(path.relative_to(ROOT).with_suffix("").parts[:-1])


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """Every imported name with its line, relative ones resolved; `from a import b` gives a.b."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            package = package_of(path)
            base = package[: len(package) - node.level + 1] if node.level else []
            prefix = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                yield node.lineno, f"{prefix}.{alias.name}"


def within(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.folder)
def test_a_layer_imports_only_what_lies_below_it(layer: Layer) -> None:
    wrong = [
        f"{relative(path)}:{line} imports {name}"
        for path in modules(layer.folder)
        for line, name in imports_of(path)
        if within(name, layer.forbidden) and not within(name, layer.but)
    ]
    assert not wrong, "\n".join(wrong)


@dataclass(frozen=True, kw_only=True)
class Told:
    """A row of the tree in docs/architecture.md: some parts, and what of ours they may import."""

    parts: tuple[str, ...]
    may: frozenset[str]

    @property
    def names(self) -> frozenset[str]:
        """What its own parts are called where they are imported."""
        return frozenset(Path(part).stem for part in self.parts)

    def allows(self, name: str) -> bool:
        """Whether a name may be imported there; what is not ours always may."""
        top, *below = name.split(".")
        if top != "lab" or not below:
            return top not in OURS or top in self.may | self.names | {"lab"}
        return bool({"lab", below[0]} & self.may) or below[0] in self.names | {"__version__"}


def told() -> Iterator[Told]:
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    tree = page.split("\n## The tree\n")[1].split("\n## ")[0]
    for parts, may in re.findall(r"^\| (`[^|]+) \|[^|]+\| ([^|]+) \|$", tree, flags=re.MULTILINE):
        named = (tuple(re.findall(r"`([^`]+)`", cell)) for cell in (parts, may))
        yield Told(parts=next(named), may=frozenset(next(named)))


def files_of(part: str) -> list[Path]:
    path = ROOT / part
    return modules(part) if path.is_dir() else [path] if path.suffix == ".py" else []


@pytest.mark.parametrize("row", tuple(told()), ids=lambda row: row.parts[0])
def test_a_part_imports_what_the_page_says(row: Told) -> None:
    assert all((ROOT / part).exists() for part in row.parts)
    wrong = [
        f"{relative(path)}:{line} imports {name}"
        for part in row.parts
        for path in files_of(part)
        for line, name in imports_of(path)
        if not row.allows(name)
    ]
    assert not wrong, "\n".join(wrong)


def test_the_page_names_every_part() -> None:
    named = {part.rstrip("/") for row in told() for part in row.parts}
    inside = {relative(path) for path in (ROOT / "lab").iterdir() if path.name[:2] != "__"}
    assert {*inside, *(folder for folder in CODE if folder != "lab"), "runbooks", "docs"} <= named


def prints(path: Path) -> Iterator[int]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called in {"print", "click.echo", "click.secho", "sys.stdout.write", "sys.stderr.write"}:
                yield node.lineno


def test_only_the_command_line_prints() -> None:
    wrong = [
        f"{relative(path)}:{line}"
        for folder in ("lab", "faults", "grafana")
        for path in modules(folder)
        if not relative(path).startswith(PRINTING_IS_THEIR_JOB)
        for line in prints(path)
    ]
    assert not wrong, "prints, and is not the command line: " + ", ".join(wrong)


SCENARIOS = [path for path in modules("lab/scenarios") if path.name != "__init__.py"]
LOGIC = (
    ast.FunctionDef,
    ast.ClassDef,
    ast.Lambda,
    ast.ListComp,
    ast.DictComp,
    ast.GeneratorExp,
    ast.JoinedStr,
)


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_a_scenario_is_a_docstring_imports_and_one_declaration(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), "says in one sentence what users meet"
    rest = [node for node in tree.body[1:] if not isinstance(node, ast.Import | ast.ImportFrom)]
    assert [ast.unparse(node.targets[0]) for node in rest if isinstance(node, ast.Assign)] == ["SCENARIO"]
    assert len(rest) == 1
    assert not [node for node in ast.walk(tree) if isinstance(node, LOGIC)], "a declaration has no logic"


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_a_scenario_has_its_runbook(path: Path) -> None:
    assert (ROOT / "runbooks" / f"{path.stem.replace('_', '-')}.md").is_file()


def test_a_runbook_has_its_scenario() -> None:
    known = {path.stem.replace("_", "-") for path in SCENARIOS} | {"TEMPLATE"}
    assert {path.stem for path in (ROOT / "runbooks").glob("*.md")} <= known


def test_no_module_is_too_long_to_read() -> None:
    sizes = {
        relative(path): len(path.read_text(encoding="utf-8").splitlines())
        for folder in CODE
        if (ROOT / folder).is_dir()
        for path in modules(folder)
    }
    long = {name: lines for name, lines in sizes.items() if lines > MOST_LINES}
    assert not long, f"over {MOST_LINES} lines, split by concern: {long}"

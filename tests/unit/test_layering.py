"""Imports point one way, printing has one place, and content is only content."""

import ast
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

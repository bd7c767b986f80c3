"""What is installed is all that there is: programs, and the files that are none of Python's."""

import tomllib
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SETUPTOOLS: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
FIND = SETUPTOOLS["packages"]["find"]


def files(package: str) -> list[Path]:
    """All files of a package, seen from the checkout."""
    found = (path.relative_to(ROOT) for path in (ROOT / package).rglob("*") if path.is_file())
    return sorted(path for path in found if "__pycache__" not in path.parts)


def packed(path: Path) -> bool:
    """Whether setuptools packs it, by what pyproject.toml says."""
    if path.suffix != ".py":
        package = ROOT / path.parts[0]
        globs = SETUPTOOLS["package-data"].get(package.name, ())
        return ROOT / path in {found for glob in globs for found in package.glob(glob)}
    folders = [path.parent, *path.parent.parents][:-1]
    regular = all((ROOT / folder / "__init__.py").exists() for folder in folders)
    dotted = ".".join(path.parent.parts)
    # Without further words a folder of Python is a package, be it one without an __init__.py.
    return (regular or FIND.get("namespaces", True)) and any(
        fnmatchcase(dotted, one) for one in FIND["include"]
    )


@pytest.mark.parametrize("package", ["faults", "lab"])
def test_every_file_of_a_package_is_packed(package: str) -> None:
    assert [str(path) for path in files(package) if not packed(path)] == []


def test_the_actors_image_can_be_built_from_what_is_installed() -> None:
    folder = {path.name for path in files("faults") if path.parent.name == "actor"}
    assert folder >= {"Dockerfile", "client.py", "late.py"}

"""What an example needs when it is copied out of the repository."""

import ast
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from examples.guide import ALICLOUD, EXAMPLES, ROOT

PROJECTS = sorted(path.parent for path in EXAMPLES.rglob("requirements.txt"))


def required(project: Path) -> list[Requirement]:
    """Return what a project's files of requirements name; the path is that of this checkout."""
    lines = [
        line
        for path in project.glob("requirements*.txt")
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    named = [line.partition(" #")[0].rstrip() for line in lines if not line.startswith("-r ")]
    return [
        Requirement("pulumi-alicloud-mps" if (project / name).resolve() == ROOT else name)
        for name in named
    ]


def imported(project: Path) -> set[str]:
    """Return the packages that a project's modules import, without those of its own."""
    found: set[str] = set()
    for path in project.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found.update(alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                found.add((node.module or "").split(".")[0])
    found -= sys.stdlib_module_names | {path.stem for path in project.glob("*.py")}
    return {name.removesuffix("_native") for name in found}


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.name)
def test_requirements(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project requires exactly the packages that it imports, in versions that it was run on."""
    monkeypatch.setattr(sys, "path", [*sys.path, str(ALICLOUD)])
    requirements = required(project)
    assert {item.name.replace("-", "_") for item in requirements} == imported(project)
    assert [item for item in requirements if version(item.name) not in item.specifier] == []

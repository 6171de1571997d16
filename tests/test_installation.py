"""What is installed belongs to whoever installs it: until a release, no index has the package."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from documents import ROOT

NAME = "pulumi-alicloud-mps"
_COMMAND = re.compile(
    r"\b(?:pip3?|pipx|uv|uvx|poetry|pdm) (?!show|uninstall|list|freeze)[^\n`;&|]*", re.IGNORECASE
)
_BARE = re.compile(r"(?<![\w./-])(?:pulumi[-_.])?alicloud[-_.]mps(?![\w/-]|\s*@)", re.IGNORECASE)


def read_files() -> Iterator[Path]:
    """Return every text that somebody may follow or copy, or that a machine follows."""
    for pattern in (
        "*.md",
        "pyproject.toml",
        ".github/**/*",
        "docs/**/*",
        "examples/**/*",
        "templates/**/*",
    ):
        yield from (path for path in ROOT.glob(pattern) if path.is_file())
    for folder in ("provider", "scripts", "tools"):
        yield from (path for path in (ROOT / folder).rglob("*") if path.is_file())


def bare_commands(text: str) -> list[str]:
    """Return the commands that install the package, or its command, by nothing but its name."""
    joined = re.sub(r"\\\n\s*", "", text)
    commands = (re.sub(r"\s#.*", "", command) for command in _COMMAND.findall(joined))
    return [item for item in commands if _BARE.search(item) and not re.search(" --index-url", item)]


def bare_requirements(lines: list[str]) -> list[str]:
    """Return the requirements that name the package, and not where it is."""
    found = []
    for line in lines:
        try:
            requirement = Requirement(re.sub(r"(^|\s)#.*", "", line))
        except InvalidRequirement:
            continue
        if canonicalize_name(requirement.name) == NAME and not requirement.url:
            found.append(line)
    return found


def required_by(pyproject: str) -> list[str]:
    """Return all requirements of a project."""
    content = tomllib.loads(pyproject)
    project = content.get("project", {})
    lists = [
        content.get("build-system", {}).get("requires", []),
        project.get("dependencies", []),
        *project.get("optional-dependencies", {}).values(),
        *content.get("dependency-groups", {}).values(),
    ]
    return [item for items in lists for item in items if isinstance(item, str)]


def test_nothing_installs_the_package_by_its_name() -> None:
    """No command, requirement or project takes what somebody else may put under the name."""
    found = {}
    for path in read_files():
        if path.suffix in {".pyc", ".png", ".webp"}:
            continue
        text = path.read_text(encoding="utf-8")
        bare = bare_commands(text)
        if "requirements" in path.name:
            bare += bare_requirements(text.splitlines())
        elif path.name == "pyproject.toml":
            bare += bare_requirements(required_by(text))
        if bare:
            found[str(path.relative_to(ROOT))] = bare
    assert found == {}


@pytest.mark.parametrize(
    ("command", "bare"),
    [
        ("pip install pulumi-alicloud-mps", True),
        ("python -m pip install -U \\\n  'Pulumi_AliCloud.MPS[x]==0.1.0'", True),
        ("pip install --extra-index-url https://pip.example.com pulumi-alicloud-mps", True),
        ("uvx alicloud-mps doctor", True),
        ("uv add pulumi-alicloud-mps", True),
        ("pip install --index-url https://pip.example.com pulumi-alicloud-mps", False),
        ("pip install ./wheels/pulumi_alicloud_mps-0.1.0-py3-none-any.whl", False),
        ("pip install 'pulumi-alicloud-mps @ file:///srv/checkout'", False),
        ("pip install -r requirements.txt && alicloud-mps doctor", False),
        ("pip show pulumi-alicloud-mps", False),
    ],
)
def test_bare_commands_are_found(command: str, *, bare: bool) -> None:
    """A command is told by what it takes from a public index."""
    assert bool(bare_commands(command)) == bare


def test_bare_requirements_are_found() -> None:
    """A requirement without a path is found in each kind of file."""
    project = "[project]\ndependencies = ['Pulumi_Alicloud.mps>=1', 'pulumi']\n"
    assert bare_requirements(required_by(project)) == ["Pulumi_Alicloud.mps>=1"]
    lines = ["pulumi-alicloud-mps  # ours", "../..  # pulumi-alicloud-mps", "./a.whl", "-r b.txt"]
    assert bare_requirements(lines) == lines[:1]


def test_a_wheel_beside_the_program(tmp_path: Path) -> None:
    """scripts/wheel replaces the requirement by a wheel, which is installed without any index."""
    requirements, wheels = tmp_path / "requirements.txt", tmp_path / "wheels"
    requirements.write_text("pulumi>=3.216.0,<4\n../..  # pulumi-alicloud-mps\n")
    wheels.mkdir()
    (wheels / "pulumi_alicloud_mps-0.0.1-py3-none-any.whl").touch()

    subprocess.run([ROOT / "scripts" / "wheel", "."], cwd=tmp_path, check=True)

    (wheel,) = wheels.iterdir()
    assert requirements.read_text() == f"pulumi>=3.216.0,<4\n./wheels/{wheel.name}\n"
    target = ["--no-index", "--no-deps", "--target", "installed", "-r", "only.txt"]
    (tmp_path / "only.txt").write_text(requirements.read_text().splitlines()[1])
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *target], cwd=tmp_path, check=True)
    assert (tmp_path / "installed" / "pulumi_alicloud_mps" / "__init__.py").exists()


@pytest.mark.parametrize("arguments", [[], ["one", "two"]])
def test_wheel_is_told_where(arguments: list[str]) -> None:
    """Without one folder, scripts/wheel says how it is used."""
    command = [str(ROOT / "scripts" / "wheel"), *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr.startswith("Usage: scripts/wheel FOLDER\n")

"""What is installed belongs to whoever installs it: until a release, no index has the package."""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from documents import ROOT

_COMMAND = re.compile(
    r"\b(?:pip3?|pipx|uv|uvx|poetry|pdm) (?!show|uninstall|list|freeze)[^\n`;&|]*", re.IGNORECASE
)
_NAME = r"(?:pulumi[-_.])?alicloud[-_.]mps(?![\w/-]|\s*@)"
_INSTALLED = re.compile(rf"(?<![\w./-]){_NAME}", re.IGNORECASE)
_REQUIRED = re.compile(rf"^[\"\s]*{_NAME}.*", re.IGNORECASE | re.MULTILINE)


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


def bare(name: str, text: str) -> list[str]:
    """Return what installs or requires the package, or its command, by nothing but its name."""
    commands = _COMMAND.findall(re.sub(r"\\\n\s*", "", text))
    told = [re.sub(r"\s#.*", "", command) for command in commands if " --index-url" not in command]
    found = [command for command in told if _INSTALLED.search(command)]
    if name == "pyproject.toml":
        content = tomllib.loads(text)
        project = content.get("project", {})
        required = [project.get("dependencies"), project.get("optional-dependencies")]
        required += [content.get("dependency-groups"), content.get("build-system")]
        text = json.dumps(required, indent=1)
    elif "requirements" not in name:
        return found
    return found + _REQUIRED.findall(text)


def test_nothing_installs_the_package_by_its_name() -> None:
    """No command, requirement or project takes what somebody else may put under the name."""
    # An environment or a cache that somebody made in an example is none of ours.
    ours = (path.relative_to(ROOT) for path in read_files())
    kept = (ROOT / path for path in ours if not re.search(r"/\.", str(path)))
    texts = [path for path in kept if path.suffix not in {".pyc", ".png", ".webp"}]
    found = {path: bare(path.name, path.read_text(encoding="utf-8")) for path in texts}
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    ("name", "text", "is_bare"),
    [
        ("guide.md", "`pip install pulumi-alicloud-mps`", True),
        ("guide.md", "python -m pip install -U \\\n  'Pulumi_AliCloud.MPS[x]==0.1.0'", True),
        ("a.yml", "run: pip install --extra-index-url https://pip.local pulumi-alicloud-mps", True),
        ("guide.md", "uvx alicloud-mps doctor", True),
        ("guide.md", "pip install --index-url https://pip.local pulumi-alicloud-mps", False),
        ("guide.md", "pip install ./wheels/pulumi_alicloud_mps-0.1.0-py3-none-any.whl", False),
        ("guide.md", "pip install 'pulumi-alicloud-mps @ file:///srv/checkout'", False),
        ("guide.md", "pip install -r requirements.txt && alicloud-mps doctor", False),
        ("guide.md", "pip show pulumi-alicloud-mps", False),
        ("requirements.txt", "pulumi\nPulumi-Alicloud.mps>=1  # ours", True),
        ("requirements.txt", "../..  # pulumi-alicloud-mps\n./pulumi_alicloud_mps-1.whl", False),
        ("pyproject.toml", "project.dependencies = ['pulumi', 'pulumi-alicloud-mps>=1']", True),
        ("pyproject.toml", "project.name = 'pulumi-alicloud-mps'", False),
    ],
)
def test_bare_names_are_found(name: str, text: str, *, is_bare: bool) -> None:
    """What counts is whether a public index would be asked for the name."""
    assert bool(bare(name, text)) == is_bare


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

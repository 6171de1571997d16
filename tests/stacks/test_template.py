"""The template for `pulumi new`, by the real CLI."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

from control_api import ControlApi
from documents import ROOT
from pulumi_alicloud_mps.emulator import (
    LOCAL_ACCESS_KEY_ID,
    LOCAL_ACCESS_KEY_SECRET,
    Emulator,
)
from pulumi_stack import PulumiStack, environment_in

TEMPLATE = ROOT / "templates" / "alicloud-mps-python"
# What scripts/wheel puts beside it; what follows a zero byte shows that it is copied as it is.
WHEEL = b"PK\0${PROJECT}"

# Installing needs an index: a stand-in makes the environment, in which a stand-in installs.
_PYTHON = """#!/bin/sh
if [ "$1 $2" != "-m venv" ]; then exec {python} "$@"; fi
mkdir -p "$3/bin"
printf '#!/bin/sh\\n' >"$3/bin/python"
chmod +x "$3/bin/python"
"""


@pytest.fixture
def project(tmp_path: Path) -> PulumiStack:
    """Return a project that was made of the template, with its defaults."""
    template, tools = tmp_path / "template", tmp_path / "tools"
    shutil.copytree(TEMPLATE, template, ignore=shutil.ignore_patterns("__pycache__", ".*_cache"))
    (template / "wheels").mkdir()
    (template / "wheels" / "any.whl").write_bytes(WHEEL)
    tools.mkdir()
    for name in ("python", "python3"):
        (tools / name).write_text(_PYTHON.format(python=sys.executable), encoding="utf-8")
        (tools / name).chmod(0o755)
    (tmp_path / "state").mkdir()
    environment = environment_in(tmp_path)
    command = ["pulumi", "new", str(template), "--dir", "catalogue", "--name", "catalogue"]
    done = subprocess.run(
        [*command, "--stack", "dev", "--yes", "--non-interactive"],
        cwd=tmp_path,
        env={**environment, "PATH": f"{tools}:{environment['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    kept = {name: environment[name] for name in ("PULUMI_BACKEND_URL", "PULUMI_HOME")}
    keys = {
        "ALICLOUD_ACCESS_KEY": LOCAL_ACCESS_KEY_ID,
        "ALICLOUD_SECRET_KEY": LOCAL_ACCESS_KEY_SECRET,
    }
    return Project(tmp_path / "catalogue", {}, {**kept, **keys})


class Project(PulumiStack):
    """A stack whose files are there already."""

    def __post_init__(self) -> None:
        """Write nothing."""


def test_a_new_project(project: Project, emulator: Emulator, mps: ControlApi) -> None:
    """A project is whole, runs as it is, and keeps no secret that others know."""
    files = {path.name for path in TEMPLATE.iterdir()} - {"__pycache__"}
    made = {path.name for path in project.folder.iterdir()}
    assert made >= files | {"Pulumi.dev.yaml", "wheels"}
    assert (project.folder / "wheels" / "any.whl").read_bytes() == WHEEL
    settings = yaml.safe_load((project.folder / "Pulumi.yaml").read_bytes())
    assert settings["runtime"] == {"name": "python", "options": {"virtualenv": ".venv"}}
    assert "template" not in settings
    asked = yaml.safe_load((TEMPLATE / "Pulumi.yaml").read_bytes())["template"]["config"]
    config = yaml.safe_load((project.folder / "Pulumi.dev.yaml").read_bytes())["config"]
    assert config == {key: item["default"] for key, item in asked.items()}
    assert config == {"alicloud-mps:region": "cn-shanghai", "alicloud-mps:endpoint": "local"}
    assert not [path for path in TEMPLATE.rglob("*.y*ml") if "salt" in path.read_text()]

    (project.folder / ".venv").symlink_to(sys.prefix)
    project.run("config", "set", "alicloud-mps:endpoint", emulator.url).succeeded()
    project.up().succeeded()
    outputs = project.run("stack", "output", "--json").succeeded().output
    assert json.loads(outputs) == {"songs": mps.only_library()["FpDBId"]}
    project.preview("--expect-no-changes").succeeded()


def test_the_first_test(project: Project) -> None:
    """A project's own test passes."""
    done = project._run([sys.executable, "-m", "pytest", "-p", "no:cacheprovider"])
    assert "1 passed" in done.succeeded().output


def test_what_git_leaves_out(project: Project) -> None:
    """Git takes what the team shares, and neither environments nor what belongs to a machine."""
    for name in (".venv/x", ".alicloud-mps/asked/x", "__pycache__/x.pyc"):
        path = project.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    told = project.shell("git init -q . && git add . && git diff --cached --name-only").succeeded()
    added = set(told.output.split())
    assert added >= {"Pulumi.dev.yaml", "wheels/any.whl", ".gitignore", "test_libraries.py"}
    assert not re.search(r"\.venv|\.alicloud-mps|__pycache__", told.output)

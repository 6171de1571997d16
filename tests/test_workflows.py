"""The workflows, of this repository and to copy, and what else GitHub reads."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from documents import ROOT
from environment import ran

GITHUB = ROOT / ".github"
WORKFLOWS = [*GITHUB.glob("workflows/*"), *(ROOT / "examples" / "github-actions").glob("*.yml")]
PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")

Check = Callable[[Path], "subprocess.CompletedProcess[str]"]

workflows = pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)


@pytest.fixture(scope="session")
def actionlint() -> Check:
    """Return actionlint, which Go builds from its module, once."""
    go = shutil.which("go")
    if go is None:
        pytest.fail("actionlint is built with Go 1.24 or newer: install it (https://go.dev/dl/)")
    command = [go, "-C", str(ROOT / "tools" / "actionlint"), "tool", "actionlint"]
    # Of the session, where no test has put HOME elsewhere yet, and with it Go's cache.
    environment = {**os.environ, "GOFLAGS": "-mod=readonly", "GOWORK": "off"}

    def check(path: Path) -> subprocess.CompletedProcess[str]:
        # Without the linters of scripts that may be on PATH or not.
        arguments = ["-no-color", "-shellcheck=", "-pyflakes=", str(path)]
        return ran(*command, *arguments, environ=environment)

    return check


def read(path: Path) -> dict[Any, Any]:
    """Return what a file of GitHub's says."""
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")))


def jobs(path: Path) -> list[dict[str, Any]]:
    """Return the jobs of a workflow."""
    return list(read(path)["jobs"].values())


@workflows
def test_actionlint(actionlint: Check, workflow: Path) -> None:
    """Actionlint has nothing to say."""
    ended = actionlint(workflow)
    assert (ended.returncode, ended.stdout) == (0, ""), ended.stderr


def test_actionlint_checks(actionlint: Check, tmp_path: Path) -> None:
    """A mistake in a workflow would be found."""
    text = (ROOT / "examples" / "github-actions" / "preview.yml").read_text(encoding="utf-8")
    (tmp_path / "broken.yml").write_text(text.replace("steps.comment.outputs", "steps.cmt.outputs"))
    ended = actionlint(tmp_path / "broken.yml")
    assert ended.returncode == 1
    assert 'property "cmt" is not defined' in ended.stdout


def test_actions_are_pinned() -> None:
    """Each action is pinned by its commit, with the version beside it, the same everywhere."""
    used = {
        action
        for path in WORKFLOWS
        for action in re.findall(r"(?m)^ +(?:- )?uses: (?!\./)(.*)$", path.read_text("utf-8"))
    }
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action) for action in used)
    names = [action.partition("@")[0] for action in used]
    assert len(set(names)) == len(names)


@workflows
def test_least_rights(workflow: Path) -> None:
    """A workflow has no rights, and each job names those that it uses."""
    assert read(workflow)["permissions"] == {}
    assert all(job["permissions"] for job in jobs(workflow))


@workflows
def test_nothing_is_pasted_into_scripts(workflow: Path) -> None:
    """What comes from outside reaches a script by the environment alone."""
    steps = [step for job in jobs(workflow) for step in job.get("steps", [])]
    scripts = [step["run"] for step in steps if "run" in step]
    assert scripts
    assert not [script for script in scripts if "${{" in script]


def test_all_that_is_supported_is_tested() -> None:
    """The tests run on every supported Python and system, and on the pinned CLI or the newest."""
    (job,) = jobs(GITHUB / "workflows" / "test.yml")
    systems = {system.split("-")[0] for system in job["strategy"]["matrix"]["os"]}
    assert systems == {"ubuntu", "macos"}
    (python,) = [step for step in job["steps"] if "setup-python" in step.get("uses", "")]
    supported = re.findall(r"Python :: (3\.\d+)", PYPROJECT)
    assert python["with"]["python-version"].split() == supported
    cli = (ROOT / "tools" / "engine" / "cli" / "go.mod").read_text(encoding="utf-8")
    pinned = re.findall(r"pulumi/pkg/v3 v([\d.]+)", cli)[0]
    for path in WORKFLOWS:
        used = re.findall(r"pulumi-version: (.*)", path.read_text(encoding="utf-8"))
        assert all(f"'{pinned}'" in version or version == f'"{pinned}"' for version in used), path


def test_dependabot_looks_everywhere() -> None:
    """Each manifest is kept up to date, but those whose versions are the last of their kind."""
    updates = read(GITHUB / "dependabot.yml")["updates"]
    watched = {
        (update["package-ecosystem"], folder)
        for update in updates
        for folder in update.get("directories", [update.get("directory")])
    }
    modules = {f"/{path.parent.relative_to(ROOT)}" for path in ROOT.glob("tools/**/go.mod")}
    last = {f"/tools/engine/{host}" for host in ("python", "nodejs-go")}
    assert watched == {
        ("pip", "/"),
        *(("github-actions", folder) for folder in ("/", "/examples/github-actions")),
        *(("gomod", folder) for folder in modules - last),
    }


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("github-workflows", "workflows/*"),
        ("dependabot", "dependabot.yml"),
        ("github-issue-forms", "ISSUE_TEMPLATE/[!c]*"),
        ("github-issue-config", "ISSUE_TEMPLATE/config.yml"),
    ],
)
def test_schemas(schema: str, files: str) -> None:
    """What GitHub reads is in the form that it documents."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}"]
    ended = ran(*command, *map(str, GITHUB.glob(files)))
    assert ended.returncode == 0, ended.stdout


def test_a_bug_comes_with_its_diagnosis() -> None:
    """The bug form asks for what doctor shows, and says where to find help."""
    form = read(GITHUB / "ISSUE_TEMPLATE" / "bug.yml")
    (doctor,) = [field for field in form["body"] if field.get("id") == "doctor"]
    assert doctor["validations"] == {"required": True}
    assert "`alicloud-mps doctor --json`" in doctor["attributes"]["label"]
    linked = re.findall(r"\(\.\./blob/HEAD/(.*?)\)", form["body"][0]["attributes"]["value"])
    assert linked
    assert all((ROOT / path).exists() for path in linked)

"""Runs the steps of a workflow on this machine, against an emulator of MPS.

    python run_locally.py deploy.yml --project ../quickstart --work /tmp/pull-request
    python run_locally.py preview.yml --project ../quickstart --work /tmp/pull-request

It runs what the workflow's `run:` steps say, word for word, and stands in for the rest: for the
actions (what they install has to be there already), for the login, and for GitHub's comments,
which end up as files. State, libraries and comments are kept in the `--work` folder, so that a
deployment can be followed by previews.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import yaml  # type: ignore[import-untyped]

from pulumi_alicloud_mps.emulator import (
    LOCAL_ACCESS_KEY_ID,
    LOCAL_ACCESS_KEY_SECRET,
    Emulator,
    EmulatorSettings,
)

_STACK = "dev"
# What actions do on a runner, and this machine has done already.
_INSTALLS = "python -m venv"
_FIXED = {
    "github.event.pull_request.head.sha": "0123456789abcdef0123456789abcdef01234567",
    "github.event.pull_request.number": "1",
    "github.repository": "example/infra",
    "github.run_id": "1",
    "github.server_url": "https://github.com",
    "github.token": "local",
    "secrets.PULUMI_ACCESS_TOKEN": "",
    "secrets.PULUMI_CONFIG_PASSPHRASE": "",
    "vars.PULUMI_STACK": _STACK,
}

Values = dict[str, str]


@click.command()
@click.argument("workflow", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--project", required=True, type=click.Path(file_okay=False, path_type=Path))
@click.option("--work", required=True, type=click.Path(file_okay=False, path_type=Path))
@click.option("--label", "labels", multiple=True, help="A label of the pull request.")
@click.option("--confirm", default="", help="The input of that name of a run by hand.")
def main(workflow: Path, project: Path, work: Path, labels: tuple[str, ...], confirm: str) -> None:
    """Run the steps of WORKFLOW for the Pulumi program in a folder."""
    # An ignored SIGINT, as a shell's background jobs have it, would slow each plugin down.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    work = work.resolve()
    checkout = _checked_out(project, work)
    settings = EmulatorSettings(activation_seconds=0.5, deletion_seconds=0.5)
    with Emulator(work / "mps.sqlite", settings=settings) as emulator:
        environment = _environment(work)
        _make_stack(checkout, environment, emulator.url)
        accepted = str("loss accepted" in labels).lower()
        values = {
            **_FIXED,
            "inputs.confirm": confirm,
            "vars.PULUMI_BACKEND_URL": environment["PULUMI_BACKEND_URL"],
            "contains(github.event.pull_request.labels.*.name, 'loss accepted')": accepted,
        }
        _run(yaml.safe_load(workflow.read_text(encoding="utf-8")), checkout, environment, values)


def _checked_out(project: Path, work: Path) -> Path:
    """Copy the program, as a checkout on a runner is one."""
    checkout = work / "checkout"
    (work / "state").mkdir(parents=True, exist_ok=True)
    settings = checkout / f"Pulumi.{_STACK}.yaml"
    kept = settings.read_bytes() if settings.exists() else None
    shutil.rmtree(checkout, ignore_errors=True)
    shutil.copytree(project, checkout)
    if not (checkout / "Pulumi.yaml").exists():
        (checkout / "Pulumi.yaml").write_text("name: local\nruntime: python\n", encoding="utf-8")
    if kept:
        settings.write_bytes(kept)
    return checkout


def _environment(work: Path) -> Values:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ALICLOUD_", "ALIBABA", "PULUMI_", "GITHUB_"))
    }
    commands = work / "bin"
    commands.mkdir(exist_ok=True)
    stand_in = commands / "gh"
    stand_in.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{_GH}" "$@"\n', encoding="utf-8")
    stand_in.chmod(0o755)
    python = str(Path(sys.executable).parent)
    return {
        **inherited,
        "PATH": os.pathsep.join([str(commands), python, os.environ.get("PATH", "")]),
        "ALIBABA_CLOUD_ACCESS_KEY_ID": LOCAL_ACCESS_KEY_ID,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": LOCAL_ACCESS_KEY_SECRET,
        "GITHUB_ENV": str(work / "environment"),
        "GITHUB_OUTPUT": str(work / "output"),
        "GITHUB_STEP_SUMMARY": str(work / "summary.md"),
        "LOCAL_COMMENTS": str(work / "comments"),
        "PULUMI_BACKEND_URL": (work / "state").as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_HOME": str(work / "home"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }


_GH = Path(__file__).resolve().with_name("gh_stand_in.py")


def _make_stack(checkout: Path, environment: Values, endpoint: str) -> None:
    for arguments in (
        ["stack", "select", "--create", _STACK],
        ["config", "set", "alicloud-mps:endpoint", endpoint],
        ["config", "set", "alicloud-mps:region", "cn-shanghai"],
    ):
        command = ["pulumi", *arguments, "--non-interactive"]
        subprocess.run(command, cwd=checkout, env=environment, check=True, capture_output=True)  # noqa: S603 - fixed commands


def _run(workflow: Mapping[str, Any], checkout: Path, environment: Values, values: Values) -> None:
    Path(environment["GITHUB_STEP_SUMMARY"]).unlink(missing_ok=True)
    (job,) = workflow["jobs"].values()
    handed_on = Path(environment["GITHUB_ENV"])
    handed_on.write_text("", encoding="utf-8")
    for step in job["steps"]:
        name = step.get("name") or step["uses"].partition("@")[0]
        condition = step.get("if")
        if "run" not in step or step["run"].startswith(_INSTALLS) or not _holds(condition, values):
            click.echo(f"- {name} (not run here)")
            continue
        click.echo(f"- {name}")
        given = {**job.get("env", {}), **step.get("env", {})}
        filled = {key: _filled(str(value), values) for key, value in given.items()}
        filled |= dict(
            line.split("=", 1) for line in handed_on.read_text(encoding="utf-8").splitlines()
        )
        _run_step(step, checkout, {**environment, **filled}, values)


def _run_step(step: Mapping[str, Any], checkout: Path, environment: Values, values: Values) -> None:
    output = Path(environment["GITHUB_OUTPUT"])
    output.write_text("", encoding="utf-8")
    # As GitHub's runner starts Bash.
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    ended = subprocess.run(command, cwd=checkout, env=environment, check=False)  # noqa: S603 - the workflow's own
    for line in output.read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition("=")
        values[f"steps.{step['id']}.outputs.{name}"] = value
    if ended.returncode:
        sys.exit(ended.returncode)


def _filled(text: str, values: Values) -> str:
    return re.sub(r"\$\{\{ (.*?) \}\}", lambda match: values[match[1]], text)


def _holds(condition: str | None, values: Values) -> bool:
    """Evaluate what these workflows ask: whether an output is another one than some text."""
    if condition is None:
        return True
    name, _, unwanted = condition.partition(" != ")
    return values[name] != unwanted.strip("'")


if __name__ == "__main__":
    main()

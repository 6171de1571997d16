"""docs/how-to/first-hour.md, word for word: one terminal, a state in OSS, and what GitHub runs."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from certificates import self_signed
from control_api import ControlApi
from documents import ROOT
from object_store import ENDPOINT, REGION, ObjectStore
from pulumi_alicloud_mps.emulator import LOCAL_ACCESS_KEY_ID, LOCAL_ACCESS_KEY_SECRET
from pulumi_stack import COMMAND_SECONDS, environment_in

GUIDE = (ROOT / "docs" / "how-to" / "first-hour.md").read_text(encoding="utf-8")
POLICIES = ROOT / "examples" / "account" / "policies"
BUCKET = "example-pulumi-state"
VARIABLES = {
    "PULUMI_BACKEND_URL": f"s3://{BUCKET}?endpoint=https://{ENDPOINT}&region={REGION}",
    "ALIBABA_CLOUD_OIDC_PROVIDER": "acs:ram::1234567890123456:oidc-provider/github",
    "ALIBABA_CLOUD_PREVIEW_ROLE": "acs:ram::1234567890123456:role/pulumi-preview",
    "ALIBABA_CLOUD_DEPLOY_ROLE": "acs:ram::1234567890123456:role/pulumi-deploy",
}

# The vendor's provider can't be had here: tests/examples/test_account.py has its program.
_PULUMI = """
case "$PWD $1 $2" in
  */account" stack output") cat "{tools}/variables" ;;
  */account*) echo "$@" >>"{tools}/account" ;;
  *) exec "{real}" "$@" ;;
esac
"""
_OPENSSL = """
case "$1" in
  s_client) cat "{tools}/certificates" ;;
  *) exec "{real}" "$@" ;;
esac
"""
_GH = """
echo "$@" >>"{tools}/github"
case "$1 $2" in "repo create") git remote add origin "{tools}/remote" ;; esac
"""
_RUNNER = """
import json, runpy, sys, yaml
from pathlib import Path
local, work, workflow, values = sys.argv[1], Path(sys.argv[2]), sys.argv[3], json.loads(sys.argv[4])
local, checkout = runpy.run_path(local), work / "checkout"
steps = yaml.safe_load((checkout / ".github" / "workflows" / workflow).read_bytes())
local["_run"](steps, checkout, local["_environment"](work), {**local["_FIXED"], **values})
"""
# The package is installed already, and the language host of the tests can't do it.
_INSTALL = "; ".join(
    ["mkdir .venv", *(f"ln -s {sys.prefix}/{name} .venv" for name in ("bin", "lib", "pyvenv.cfg"))]
)


def blocks(number: int) -> list[tuple[str, str]]:
    """Return a step's blocks: what is typed (`sh`), and what is to be seen (`text`)."""
    (step,) = re.findall(rf"(?ms)^## {number}\. .*?\n(.*?)(?=^## |\Z)", GUIDE)
    return re.findall(r"(?ms)^```(sh|text)\n(.*?)^```$", step)


def plain(text: str) -> str:
    """Return a text without the marks of Markdown, and with single blanks."""
    return " ".join(text.replace("*", "").split())


@dataclass
class Terminal:
    """Somebody's terminal, which keeps its folder and variables from one block to the next."""

    folder: Path
    environment: dict[str, str]
    own: dict[str, Callable[[str], str]]
    kept: Path = field(init=False)

    def __post_init__(self) -> None:
        self.kept = self.folder.with_name("terminal")
        self.kept.write_text(f"cd {shlex.quote(str(self.folder))}\n", encoding="utf-8")

    def type(self, block: str) -> str:
        """Run a block, with other lines for what can't be done here; return what it printed."""
        lines = []
        for line in block.splitlines():
            change = next((self.own[text] for text in self.own if text in line), None)
            lines.append(change(line) if change else line)
        said = "export -p; declare -p checkout repository bucket region; printf 'cd %q' \"$PWD\""
        keep = f"keep() {{ {said}; }} >{self.kept}; trap keep EXIT"
        script = "\n".join([f". {self.kept}", keep, *lines])
        done = subprocess.run(
            ["/bin/bash", "-e", "-o", "pipefail", "-c", script],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}"
        return done.stdout


@dataclass
class World:
    """The terminal, the bucket, and GitHub's runners."""

    terminal: Terminal
    bucket: ObjectStore
    tools: Path

    def follow(self, number: int) -> str:
        """Do a step, and return all that was printed."""
        return "".join(self.terminal.type(text) for kind, text in blocks(number) if kind == "sh")

    def run(self, workflow: str, branch: str) -> tuple[int, str]:
        """Run a workflow for a branch, with its role's rights; return what it says and comments."""
        self.bucket.policy = rights(workflow.removesuffix(".yml"))
        work = self.tools / f"{branch}-{workflow}"
        work.mkdir()
        clone = f"git clone -q -b {branch} {self.tools}/remote checkout; cd checkout; {_INSTALL}"
        subprocess.run(
            ["/bin/bash", "-ec", clone], check=True, cwd=work, env=self.terminal.environment
        )
        told = (self.tools / "github").read_text(encoding="utf-8")
        secret = re.findall(r"secret set PULUMI_CONFIG_PASSPHRASE --body (\w+)", told)[0]
        values = {
            "inputs.confirm": "",
            "secrets.PULUMI_CONFIG_PASSPHRASE": secret,
            "contains(github.event.pull_request.labels.*.name, 'loss accepted')": "false",
        }
        for name, value in re.findall(r"variable set (\w+) --body (\S+)", told):
            values[f"vars.{name}"] = value
        file = ROOT / "examples" / "github-actions" / "run_locally.py"
        done = subprocess.run(
            [sys.executable, "-c", _RUNNER, str(file), str(work), workflow, json.dumps(values)],
            env=self.terminal.environment,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        comments = [path.read_text(encoding="utf-8") for path in work.glob("comments/*.md")]
        return done.returncode, "".join([done.stdout, done.stderr, *comments])


def rights(role: str) -> dict[str, object]:
    """Return a role's policy."""
    text = (POLICIES / f"{role}.json").read_text(encoding="utf-8")
    return dict(json.loads(text.replace("${bucket}", BUCKET)))


@pytest.fixture
def world(mps: ControlApi, tmp_path: Path, quick_start_and_end: Path) -> World:
    """Return an empty folder, and an account with three libraries."""
    for name, model in (("songs", 13), ("films", 12), ("posters", 14)):
        mps.add_library(Name=name, ModelId=model, Description=f"Licensed {name}")
    folder, tools = tmp_path / "work", tmp_path / "tools"
    for made in (folder, tools, tmp_path / "home"):
        made.mkdir()
    start = environment_in(tmp_path)
    del start["PULUMI_BACKEND_URL"], start["PULUMI_CONFIG_PASSPHRASE"]
    for name, text in (("pulumi", _PULUMI), ("openssl", _OPENSSL), ("gh", _GH)):
        script = text.format(tools=tools, real=shutil.which(name, path=start["PATH"]))
        (tools / name).write_text(f"#!/bin/sh{script}", encoding="utf-8")
        (tools / name).chmod(0o755)
    values = (f"{name}={shlex.quote(value)}\n" for name, value in VARIABLES.items())
    (tools / "variables").write_text("".join(values), encoding="utf-8")
    chain = [self_signed(tools, host)[1].read_text() for host in ("first.example", "last.example")]
    (tools / "certificates").write_text("0 s:\n".join(chain), encoding="utf-8")
    subprocess.run(["/bin/sh", "-c", f"git init -q --bare {tools}/remote"], check=True)
    store = ObjectStore(tmp_path, BUCKET, rights("deploy"))
    environment = {
        **start,
        "ALIBABA_CLOUD_ACCESS_KEY_ID": LOCAL_ACCESS_KEY_ID,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": LOCAL_ACCESS_KEY_SECRET,
        "AWS_CA_BUNDLE": str(store.certificate),
        "AWS_EC2_METADATA_DISABLED": "true",
        "GIT_AUTHOR_NAME": "me",
        "GIT_AUTHOR_EMAIL": "me@example.com",
        "GIT_COMMITTER_NAME": "me",
        "GIT_COMMITTER_EMAIL": "me@example.com",
        "HOME": str(tmp_path / "home"),
        "HTTP_PROXY": store.proxy,
        "HTTPS_PROXY": store.proxy,
        "NO_PROXY": "127.0.0.1",
        "PYTHONPATH": str(quick_start_and_end),
        "PATH": f"{tools}{os.pathsep}{start['PATH']}",
    }
    own: dict[str, Callable[[str], str]] = {
        "checkout=": lambda _: f"checkout={shlex.quote(str(ROOT))}",
        "scripts/wheel": lambda _: "",
        "pulumi install": lambda _: _INSTALL,
        "stack init prod": lambda line: (
            f"{line}; pulumi config set alicloud-mps:endpoint {mps.url}"
        ),
    }
    return World(Terminal(folder, environment, own), store, tools)


def test_the_first_hour(world: World, mps: ControlApi) -> None:
    """Each step shows what it says, with the rights that it gives, and no library is touched."""
    before = mps.libraries()
    with world.bucket:
        seen = {number: world.follow(number) for number in range(1, 7)}
        code, seen[6] = world.run("deploy.yml", "main")
        assert code == 0, seen[6]
        world.follow(7)
        code, seen[7] = world.run("preview.yml", "description")
        assert code == 1, seen[7]
        assert mps.libraries() == before
        world.follow(8)
        code, seen[8] = world.run("preview.yml", "jingles")
        assert code == 0, seen[8]
        code, made = world.run("deploy.yml", "jingles")
        assert code == 0, made
    for number, output in seen.items():
        shown = [
            line for kind, text in blocks(number) if kind == "text" for line in text.splitlines()
        ]
        assert [line for line in shown if plain(line) not in plain(output)] == [], output
    assert len(mps.libraries()) == len(before) + 1
    assert world.bucket.refused == []
    told = (world.tools / "account").read_text(encoding="utf-8")
    assert re.search(r"config set fingerprint [0-9A-F]{40}\n", told)
    assert "config set bucket example-pulumi-state\n" in told


def test_its_steps() -> None:
    """There are eight steps, and each says what is to be seen."""
    steps = re.findall(r"(?ms)^## (\d)\. (.*?)(?=^## )", GUIDE)
    assert [number for number, _ in steps] == [str(number) for number in range(1, 9)]
    assert [number for number, text in steps if not re.search(r"\bshould\b", text)] == []

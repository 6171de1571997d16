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
from dataclasses import dataclass
from pathlib import Path

import pytest

from certificates import self_signed
from control_api import ControlApi
from documents import ROOT
from examples.guide import BUCKET, POLICIES, VARIABLES
from object_store import ObjectStore
from pulumi_alicloud_mps.emulator import LOCAL_ACCESS_KEY_ID, LOCAL_ACCESS_KEY_SECRET
from pulumi_stack import COMMAND_SECONDS, environment_in

GUIDE = (ROOT / "docs" / "how-to" / "first-hour.md").read_text(encoding="utf-8")

# The vendor's provider can't be had here: tests/examples/test_account.py has its program.
_PULUMI = """
case "$PWD $1 $2" in
  */account" stack output") cat "{folder}/variables" ;;
  */account*) echo "$@" >>"{folder}/account" ;;
  *) exec "{real}" "$@" ;;
esac
"""
_OPENSSL = """
case "$1" in
  s_client) cat "{folder}/certificates" ;;
  *) exec "{real}" "$@" ;;
esac
"""
_GH = """
echo "$@" >>"{folder}/github"
case "$1 $2" in
  "repo create") git init -q --bare "{folder}/remote" ;;
  "repo view") echo "{folder}/remote" ;;
  "api repos/"*) echo "repo:example@12/media-libraries@34" ;;
esac
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
class World:
    """Somebody's terminal, the bucket, and GitHub's runners."""

    folder: Path
    bucket: ObjectStore
    environment: dict[str, str]
    own: dict[str, Callable[[str], str]]
    """Other lines for those with such a text in them."""

    def ran(self, script: str) -> subprocess.CompletedProcess[str]:
        """Run something in Bash."""
        return subprocess.run(
            ["/bin/bash", "-e", "-o", "pipefail", "-c", script],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )

    def follow(self, number: int) -> str:
        """Type what a step says, where the one before it has ended; return what was printed."""
        block = "".join(text for kind, text in blocks(number) if kind == "sh")
        lines = []
        for line in block.splitlines():
            change = next((self.own[text] for text in self.own if text in line), None)
            lines.append(change(line) if change else line)
        kept = self.folder / "terminal"
        names = "checkout repository bucket region bucket_region"
        said = f"export -p; declare -p {names}; printf 'cd %q' \"$PWD\""
        keep = f"keep() {{ {said}; }} >{kept}; trap keep EXIT"
        done = self.ran("\n".join([f". {kept}", keep, *lines]))
        assert done.returncode == 0, done.stdout
        return done.stdout

    def run(self, workflow: str, branch: str) -> tuple[int, str]:
        """Run a workflow for a branch, with its role's rights; return what it says and comments."""
        self.bucket.policy = rights(workflow.removesuffix(".yml"))
        work = self.folder / f"{branch}-{workflow}"
        told = (self.folder / "github").read_text(encoding="utf-8")
        (secret,) = re.findall(r"secret set PULUMI_CONFIG_PASSPHRASE --body (\w+)", told)
        variables = re.findall(r"variable set (\w+) --body (\S+)", told)
        values = {
            "inputs.confirm": "",
            "secrets.PULUMI_CONFIG_PASSPHRASE": secret,
            "contains(github.event.pull_request.labels.*.name, 'loss accepted')": "false",
            **{f"vars.{name}": value for name, value in variables},
        }
        clone = f"git clone -q -b {branch} remote {work}/checkout; cd {work}/checkout; {_INSTALL}"
        file = ROOT / "examples" / "github-actions" / "run_locally.py"
        run = [sys.executable, "-c", _RUNNER, str(file), str(work), workflow, json.dumps(values)]
        done = self.ran(f"{clone}; {shlex.join(run)}")
        comments = [path.read_text(encoding="utf-8") for path in work.glob("comments/*.md")]
        return done.returncode, "".join([done.stdout, *comments])


def rights(role: str) -> dict[str, object]:
    """Return a role's policy."""
    text = (POLICIES / f"{role}.json").read_text(encoding="utf-8")
    return dict(json.loads(text.replace("${bucket}", BUCKET)))


@pytest.fixture
def world(mps: ControlApi, tmp_path: Path, quick_start_and_end: Path) -> World:
    """Return an empty folder, and an account with three libraries."""
    for name, model in (("songs", 13), ("films", 12), ("posters", 14)):
        mps.add_library(Name=name, ModelId=model, Description=f"Licensed {name}")
    (tmp_path / "work").mkdir()
    (tmp_path / "terminal").write_text(f"cd {tmp_path}/work\n", encoding="utf-8")
    (tmp_path / ".gitconfig").write_text("[user]\nname = me\nemail = me@example.com\n", "utf-8")
    start = environment_in(tmp_path)
    del start["PULUMI_BACKEND_URL"], start["PULUMI_CONFIG_PASSPHRASE"]
    commands = tmp_path / "commands"
    commands.mkdir()
    for name, text in (("pulumi", _PULUMI), ("openssl", _OPENSSL), ("gh", _GH)):
        script = text.format(folder=tmp_path, real=shutil.which(name, path=start["PATH"]))
        (commands / name).write_text(f"#!/bin/sh{script}", encoding="utf-8")
        (commands / name).chmod(0o755)
    values = (f"{name}={shlex.quote(value)}\n" for name, value in VARIABLES.items())
    (tmp_path / "variables").write_text("".join(values), encoding="utf-8")
    chain = (self_signed(commands, host)[1].read_text() for host in ("first", "last"))
    (tmp_path / "certificates").write_text("0 s:\n".join(chain), encoding="utf-8")
    store = ObjectStore(tmp_path, BUCKET, rights("deploy"))
    environment = {
        **start,
        **store.environment,
        "ALIBABA_CLOUD_ACCESS_KEY_ID": LOCAL_ACCESS_KEY_ID,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": LOCAL_ACCESS_KEY_SECRET,
        "HOME": str(tmp_path),
        "PATH": f"{commands}{os.pathsep}{start['PATH']}",
        "PYTHONPATH": str(quick_start_and_end),
    }
    own: dict[str, Callable[[str], str]] = {
        "checkout=": lambda _: f"checkout={shlex.quote(str(ROOT))}",
        "scripts/wheel": lambda _: "",
        "pulumi install": lambda _: _INSTALL,
        "stack init prod": lambda line: (
            f"{line}; pulumi config set alicloud-mps:endpoint {mps.url}"
        ),
    }
    return World(tmp_path, store, environment, own)


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
        shown = "".join(text for kind, text in blocks(number) if kind == "text").splitlines()
        assert [line for line in shown if plain(line) not in plain(output)] == [], output
    assert len(mps.libraries()) == len(before) + 1
    assert (world.bucket.refused, world.bucket.strangers) == ([], [])
    told = (world.folder / "account").read_text(encoding="utf-8")
    assert re.search(r"config set fingerprint [0-9A-F]{40}\n", told)
    assert "config set bucket example-pulumi-state\n" in told
    assert "config set subject repo:example@12/media-libraries@34\n" in told
    assert re.search(r"jingles *: \"[0-9a-f]{32}\"", made)


def test_its_steps() -> None:
    """There are eight steps, and each says what is to be seen."""
    steps = re.findall(r"(?ms)^## (\d)\. (.*?)(?=^## )", GUIDE)
    assert [number for number, _ in steps] == [str(number) for number in range(1, 9)]
    assert [number for number, text in steps if not re.search(r"\bshould\b", text)] == []
